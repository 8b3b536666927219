package org.fl4j.client;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.fl4j.internal.Check;

/**
 * When a run over a cohort ends before every client is done.
 *
 * @param deadline the time from the start of the run after which a client that has not finished is
 *     {@link ClientOutcome.TimedOut}, and one that was not called {@link ClientOutcome.NotStarted}; {@link #NO_DEADLINE} for
 *     never
 * @param enough how many completed clients end the run, the others being {@link ClientOutcome.Surplus}
 */
public record RunLimits(Duration deadline, int enough) {

    /** A deadline that does not come. */
    public static final Duration NO_DEADLINE = ChronoUnit.FOREVER.getDuration();

    /** Every client is waited for, however long it takes. */
    public static final RunLimits NONE = new RunLimits(NO_DEADLINE, Integer.MAX_VALUE);

    /**
     * Checks the ranges.
     *
     * @param deadline as above
     * @param enough as above
     * @throws IllegalArgumentException if the deadline is not positive or enough is below 1
     */
    public RunLimits {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("deadline must be positive, but was " + deadline);
        }
        Check.atLeast("enough", enough, 1);
    }
}
