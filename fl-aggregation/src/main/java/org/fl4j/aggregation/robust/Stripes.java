package org.fl4j.aggregation.robust;

import java.util.stream.IntStream;

/**
 * The coordinates of a vector in stretches that are worked on in parallel, each chunk by chunk. The stretches depend on
 * the length of the vector alone, so sums over a stretch, added in the order of the stretches, have the same bits on any
 * number of threads.
 */
final class Stripes {

    /** How many stretches at most; a partial result for each of them is held at a time. */
    static final int MOST = 16;

    /** How many coordinates of every update are looked at together: 100 updates take 400 kB, which second-level caches hold. */
    static final int CHUNK = 512;

    private Stripes() {}

    /** What is done with coordinates {@code [from, to)}. */
    interface Task {
        void run(int stripe, int from, int to);
    }

    /** What is done with n coordinates from {@code from} on, at most {@link #CHUNK}. */
    interface ChunkTask {
        void run(int from, int n);
    }

    static int count(int length) {
        return (length - 1) / size(length) + 1;
    }

    static void inParallel(int length, Task task) {
        int size = size(length);
        IntStream.range(0, count(length))
                .parallel()
                .forEach(stripe -> task.run(stripe, stripe * size, (int) Math.min((stripe + 1L) * size, length)));
    }

    static void chunks(int from, int to, ChunkTask task) {
        for (int at = from; at < to; at += Math.min(CHUNK, to - at)) {
            task.run(at, Math.min(CHUNK, to - at));
        }
    }

    private static int size(int length) {
        int chunks = (length - 1) / CHUNK + 1;
        return ((chunks - 1) / MOST + 1) * CHUNK;
    }
}
