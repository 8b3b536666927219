package org.fl4j.examples;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of an HTTP server, which nobody holds for longer than a limit: not by a slow handshake, nor by a header or body that does not
 * end, nor by not reading the response. What takes longer is interrupted, which closes its connection. What there is no place for
 * waits in a bounded queue; beyond that the connection is dropped, and its client comes again.
 */
final class ExchangeThreads implements Executor, AutoCloseable {

    private static final int WAITING = 256;

    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, ExchangeThreads::daemon);
    private final Duration limit;

    ExchangeThreads(int count, Duration limit) {
        this.threads = new ThreadPoolExecutor(
                count, count, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), ExchangeThreads::daemon);
        this.limit = limit;
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void execute(Runnable exchange) throws RejectedExecutionException {
        threads.execute(() -> new Limited(exchange).run());
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "exchange");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        timer.shutdownNow();
    }

    /** One exchange. The interrupt does not reach the thread's next one. */
    private final class Limited {

        private final Runnable exchange;
        private final Thread thread = Thread.currentThread();
        private boolean ended;

        Limited(Runnable exchange) {
            this.exchange = exchange;
        }

        void run() {
            ScheduledFuture<?> end = timer.schedule(this::interrupt, limit.toMillis(), TimeUnit.MILLISECONDS);
            try {
                exchange.run();
            } finally {
                end.cancel(false);
                end();
            }
        }

        private synchronized void interrupt() {
            if (!ended) {
                thread.interrupt();
            }
        }

        private synchronized void end() {
            ended = true;
            Thread.interrupted();
        }
    }
}
