package org.fl4j.privacy.secagg.internal.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.RunInterruptedException;

/** Removes masks on several threads, each from a vector of its own: addition modulo 2^k has one result in any order. */
public final class MaskRemoval {

    /** A piece of the work; pieces can be done in any order and side by side. */
    @FunctionalInterface
    public interface Piece {

        void removeFrom(RingVector sum, Masks masks);
    }

    private final byte[] transcript;
    private final VectorPlan plan;
    private final List<Piece> pieces;
    private final AtomicInteger next = new AtomicInteger();

    public MaskRemoval(byte[] transcript, VectorPlan plan, List<Piece> pieces) {
        this.transcript = transcript;
        this.plan = plan;
        this.pieces = List.copyOf(pieces);
    }

    /**
     * Removes all masks.
     *
     * @throws RunInterruptedException if the calling thread is interrupted; the sum is then neither masked nor plain
     */
    public void run(RingVector sum, int threads) {
        int others = Math.min(threads, pieces.size()) - 1;
        if (others < 1) {
            work(sum);
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(others, MaskRemoval::daemon);
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
            throw new IllegalStateException("masks could not be removed: " + e.getCause(), e.getCause());
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
            for (int i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) {
                if (Thread.currentThread().isInterrupted()) {
                    throw interrupted();
                }
                pieces.get(i).removeFrom(vector, masks);
            }
        }
        return vector;
    }

    private static RunInterruptedException interrupted() {
        return new RunInterruptedException("interrupted while masks were being removed from a sum");
    }
}
