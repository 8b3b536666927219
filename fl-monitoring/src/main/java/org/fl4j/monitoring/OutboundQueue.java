package org.fl4j.monitoring;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages on their way to a server that may be slow or away, in order, on a thread of their own. Who gives one never waits: what
 * does not fit is dropped, counted and logged.
 *
 * @param <T> the type of a message
 */
final class OutboundQueue<T> {

    private static final Logger LOG = LoggerFactory.getLogger(OutboundQueue.class);
    private static final int BATCH = 500;
    private static final long LINGER_MILLIS = 500;
    private static final int LONGEST_WAIT = 32;

    /** Carries messages. */
    @FunctionalInterface
    interface Sender<T> {

        /**
         * Sends some of the messages, the first of them first, and removes what was sent.
         *
         * @throws IOException if another attempt may go better
         * @throws RefusedException if none will: the first message is dropped
         */
        void send(Deque<T> messages) throws IOException, InterruptedException, RefusedException;
    }

    /** The server does not take a message. */
    static final class RefusedException extends Exception {
        RefusedException(String message) {
            super(message);
        }
    }

    private final String name;
    private final BlockingQueue<T> queue;
    private final Duration firstWait;
    private final Sender<T> sender;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean settled = new AtomicBoolean();
    private final Deque<T> pending = new ArrayDeque<>();
    private final Thread thread;

    /**
     * A queue with its thread, a daemon.
     *
     * @param name for the log
     * @param capacity how many messages may wait
     * @param firstWait after a first failure; doubled after each up to {@value #LONGEST_WAIT} times as long
     */
    OutboundQueue(String name, int capacity, Duration firstWait, Sender<T> sender) {
        this.name = name;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.firstWait = firstWait;
        this.sender = sender;
        this.thread = new Thread(this::run, "fl4j-" + name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void offer(T message) {
        if (closing.getCount() > 0 && queue.offer(message)) {
            accepted.incrementAndGet();
        } else {
            drop(1, "its queue is full or closed");
        }
    }

    long dropped() {
        return dropped.get();
    }

    /** Sends what is there and ends the thread; what is not sent within the time is dropped. */
    void close(Duration limit) {
        closing.countDown();
        try {
            thread.join(Math.max(1, limit.toMillis()));
            if (thread.isAlive()) {
                LOG.warn("{} did not take everything within {}; what is left is dropped", name, limit);
                thread.interrupt();
            }
            settle();
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            int failures = 0;
            while (fill()) {
                failures = attempt(failures) ? 0 : failures + 1;
                if (failures > 0 && closing.getCount() == 0) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        settle();
    }

    /** Counts what was taken and not sent, once: by the thread, or by who closes and does not wait for it any longer. */
    private void settle() {
        if (!settled.getAndSet(true)) {
            long left = accepted.get() - done.get();
            if (left > 0) {
                drop(left, "the sink was closed");
            }
        }
    }

    /** Waits for messages, and a little for more of them; false once the queue is closed and empty. */
    private boolean fill() throws InterruptedException {
        while (pending.isEmpty()) {
            boolean isClosing = closing.await(LINGER_MILLIS, TimeUnit.MILLISECONDS);
            queue.drainTo(pending, BATCH);
            if (isClosing && pending.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private boolean attempt(int failures) throws InterruptedException {
        int before = pending.size();
        try {
            sender.send(pending);
            done.addAndGet(before - pending.size());
            return true;
        } catch (RefusedException e) {
            pending.remove();
            done.addAndGet(before - pending.size());
            drop(1, String.valueOf(e.getMessage()));
            return true;
        } catch (RuntimeException e) {
            pending.poll();
            done.addAndGet(before - pending.size());
            LOG.warn("{}: a message could not be sent", name, e);
            drop(1, e.toString());
            return true;
        } catch (IOException e) {
            if (failures == 0) {
                LOG.warn("{} cannot be reached; it is tried again: {}", name, e.toString());
            }
            long factor = Math.min(LONGEST_WAIT, 1L << Math.min(failures, 10));
            closing.await(firstWait.toMillis() * factor, TimeUnit.MILLISECONDS);
            return false;
        }
    }

    /** The first is logged, then each power of two. */
    private void drop(long count, String why) {
        long before = dropped.getAndAdd(count);
        if (Long.numberOfLeadingZeros(before) != Long.numberOfLeadingZeros(before + count)) {
            LOG.warn("{}: {} messages dropped so far: {}", name, before + count, why);
        }
    }
}
