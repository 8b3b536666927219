package org.fl4j.spark;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many blocks may be submitted and not delivered, by what their answers take: sums, and what clients are to remember, which is known
 * once the first has come back.
 *
 * @param most enough to keep all cores busy
 * @param room for answers, in bytes
 * @param guess of one block's, in bytes, until one has been seen
 * @param seen the largest of one block's, in bytes, of all rounds
 */
record Window(int most, long room, long guess, AtomicLong seen) {

    private static final int LEAST = 2;

    int blocks() {
        long answer = seen.get() == 0 ? guess : seen.get();
        return (int) Math.max(LEAST, Math.min(most, room / answer));
    }

    void answered(long bytes) {
        seen.accumulateAndGet(bytes, Math::max);
    }
}
