package org.fl4j.client;

import java.time.Duration;

/**
 * How long a client may hold a thread alone: {@value #TYPICAL_TIMES} times the mean of those that have completed in this
 * run, within 1 % and half of the deadline; half of the deadline while none has. Guarded by the run's lock.
 */
final class Patience {

    private static final int TYPICAL_TIMES = 8;
    private static final long SHORTEST_SHARE = 100;
    private static final long SHORTEST = Duration.ofSeconds(1).toNanos();

    private final long shortest;
    private final long longest;
    private long sum;
    private long count;

    Patience(long deadlineNanos) {
        shortest = Math.min(SHORTEST, deadlineNanos / SHORTEST_SHARE);
        longest = deadlineNanos / 2;
    }

    void completedIn(long nanos) {
        sum += nanos;
        count++;
    }

    long nanos() {
        return count == 0 ? longest : Math.min(longest, Math.max(shortest, TYPICAL_TIMES * (sum / count)));
    }
}
