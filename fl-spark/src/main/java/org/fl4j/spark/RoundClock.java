package org.fl4j.spark;

import java.time.Duration;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;

/**
 * The deadline of a round. Executors are told it in milliseconds of the clock, by which the machines of a cluster agree as well as they
 * are kept.
 */
final class RoundClock {

    private static final long HOUR = Duration.ofHours(1).toMillis();

    /** Deadlines beyond it are none: clocks do not count that far. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    private final boolean isBound;
    private final long start = System.nanoTime();
    private final Duration deadline;
    private final long onExecutors;

    RoundClock(ClientRunner.Limits limits) {
        isBound = limits.deadline().compareTo(NEVER) < 0;
        deadline = limits.deadline();
        onExecutors = isBound ? System.currentTimeMillis() + deadline.toMillis() : BlockTasks.NEVER;
    }

    long onExecutors() {
        return onExecutors;
    }

    boolean isPast(Duration grace) {
        return isBound && left(grace).isNegative();
    }

    /** How long to wait at most. */
    long millisUntil(Duration grace) {
        return isBound ? Math.max(1, Math.min(HOUR, left(grace).toMillis() + 1)) : HOUR;
    }

    /** What is left of the limits. */
    ClientRunner.Limits left(ClientRunner.Limits limits) {
        if (!isBound) {
            return limits;
        }
        Duration left = left(Duration.ZERO);
        return new ClientRunner.Limits(
                left.isNegative() || left.isZero() ? Duration.ofMillis(1) : left, limits.enough());
    }

    /** An outcome by the whole deadline, of one by what was left. */
    <R> ClientOutcome<R> asOf(ClientRunner.Limits limits, ClientOutcome<R> outcome) {
        if (outcome instanceof ClientOutcome.TimedOut) {
            return new ClientOutcome.TimedOut<>(outcome.client(), limits.deadline());
        }
        return outcome instanceof ClientOutcome.NotStarted
                ? new ClientOutcome.NotStarted<>(outcome.client(), limits.deadline())
                : outcome;
    }

    private Duration left(Duration grace) {
        return deadline.plus(grace).minusNanos(System.nanoTime() - start);
    }
}
