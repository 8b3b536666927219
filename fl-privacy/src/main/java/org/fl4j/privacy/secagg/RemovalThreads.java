package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Removes masks on several threads, each from a vector of its own: addition modulo 2^k has one result in any order. */
final class RemovalThreads {

    private final byte[] transcript;
    private final VectorPlan plan;
    private final List<MaskRemoval> removals;
    private final AtomicInteger next = new AtomicInteger();

    RemovalThreads(byte[] transcript, VectorPlan plan, List<MaskRemoval> removals) {
        this.transcript = transcript;
        this.plan = plan;
        this.removals = List.copyOf(removals);
    }

    void run(RingVector sum, int threads) {
        int useful = Math.min(threads, removals.size());
        if (useful <= 1) {
            work(sum);
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(useful - 1, work -> {
            Thread thread = new Thread(work, "fl4j-unmasking");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<RingVector>> parts = new ArrayList<>();
            for (int i = 1; i < useful; i++) {
                parts.add(pool.submit(() -> work(RingVector.zero(plan))));
            }
            work(sum);
            for (Future<RingVector> part : parts) {
                sum.add(part.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new org.fl4j.client.RunInterruptedException("interrupted while unmasking a sum");
        } catch (ExecutionException e) {
            throw new IllegalStateException("unmasking failed", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private RingVector work(RingVector vector) {
        try (Masks masks = new Masks(transcript, plan)) {
            for (int i = next.getAndIncrement(); i < removals.size(); i = next.getAndIncrement()) {
                removals.get(i).from(masks, vector);
            }
        }
        return vector;
    }
}
