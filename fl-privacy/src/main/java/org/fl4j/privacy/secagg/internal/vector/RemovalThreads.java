package org.fl4j.privacy.secagg.internal.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.client.RunInterruptedException;

/** Removes masks on several threads, each from a vector of its own: addition modulo 2^k has one result in any order. */
public final class RemovalThreads {

    private final byte[] transcript;
    private final VectorPlan plan;
    private final List<MaskRemoval> removals;
    private final AtomicInteger next = new AtomicInteger();

    public RemovalThreads(byte[] transcript, VectorPlan plan, List<MaskRemoval> removals) {
        this.transcript = transcript;
        this.plan = plan;
        this.removals = List.copyOf(removals);
    }

    /**
     * Takes all masks off.
     *
     * @throws RunInterruptedException if the calling thread is interrupted; the sum is then neither masked nor plain
     */
    public void run(RingVector sum, int threads) {
        int others = Math.min(threads, removals.size()) - 1;
        if (others < 1) {
            work(sum);
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(others, RemovalThreads::daemon);
        try {
            List<Future<RingVector>> parts = new ArrayList<>();
            for (int i = 0; i < others; i++) {
                parts.add(pool.submit(() -> work(RingVector.zero(plan))));
            }
            work(sum);
            for (Future<RingVector> part : parts) {
                sum.add(part.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("masks could not be taken off: " + e.getCause(), e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "fl4j-unmasking");
        thread.setDaemon(true);
        return thread;
    }

    private RingVector work(RingVector vector) {
        try (Masks masks = new Masks(transcript, plan)) {
            for (int i = next.getAndIncrement(); i < removals.size(); i = next.getAndIncrement()) {
                if (Thread.currentThread().isInterrupted()) {
                    throw interrupted();
                }
                removals.get(i).from(masks, vector);
            }
        }
        return vector;
    }

    private static RunInterruptedException interrupted() {
        return new RunInterruptedException("interrupted while masks were being taken off a sum");
    }
}
