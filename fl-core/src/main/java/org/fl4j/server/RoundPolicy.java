package org.fl4j.server;

import java.time.Duration;
import org.fl4j.client.ClientRunner;
import org.fl4j.internal.Check;
import org.fl4j.server.selection.ClientSelector;

/**
 * When a round is over and whether it counts.
 *
 * @param overSelection the share of additional clients to select, at least 0: with 0.3 a selector of 10 selects 13, and
 *     the first 10 to finish end the round
 * @param minUpdates how many updates the round needs; with fewer it is abandoned. Without any it always is, unless the
 *     rule is private
 * @param deadline wall time from the start of local training, and under a secure rule for each stage of the protocol, so
 *     that a straggler in one leaves time for the others; {@link ClientRunner.Limits#NO_DEADLINE} for none
 * @param maxAbandoned after how many rounds abandoned in a row, each with its retries, the run ends with {@link FederatedServer.RunAbandonedException}, at least
 *     1; {@link Integer#MAX_VALUE} for never. A run of fewer rounds ends so, too, if it abandoned several and none advanced.
 *     A round for which the selector chose no client does not count, and a run under a private rule never ends so, as that
 *     could show who took part. One whose cohort was too small for a secure sum does count: where {@link
 *     ClientSelector#poisson} draws such cohorts often, set a limit that chance alone does not reach
 * @param retries how often an abandoned round is attempted again before it counts as abandoned
 */
public record RoundPolicy(
        double overSelection, int minUpdates, Duration deadline, int maxAbandoned, RoundPolicy.Retries retries) {

    /** How many rounds in a row may be abandoned before a run ends, unless set: {@value}. */
    public static final int DEFAULT_MAX_ABANDONED = 3;

    /** No over-selection, no minimum, no deadline, {@value #DEFAULT_MAX_ABANDONED} rounds abandoned in a row, no retries. */
    public static final RoundPolicy DEFAULT =
            new RoundPolicy(0, 0, ClientRunner.Limits.NO_DEADLINE, DEFAULT_MAX_ABANDONED, Retries.NONE);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is violated
     */
    public RoundPolicy {
        Check.notNegative("overSelection", overSelection);
        Check.atLeast("minUpdates", minUpdates, 0);
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("deadline must be positive, but was " + deadline);
        }
        if (maxAbandoned < 1) {
            throw new IllegalArgumentException("maxAbandoned must be at least 1, but was " + maxAbandoned
                    + "; Integer.MAX_VALUE never ends a run");
        }
    }

    /** Returns a copy with over-selection. */
    public RoundPolicy withOverSelection(double share) {
        return new RoundPolicy(share, minUpdates, deadline, maxAbandoned, retries);
    }

    /** Returns a copy with a minimum. */
    public RoundPolicy withMinUpdates(int updates) {
        return new RoundPolicy(overSelection, updates, deadline, maxAbandoned, retries);
    }

    /** Returns a copy with a deadline. */
    public RoundPolicy withDeadline(Duration time) {
        return new RoundPolicy(overSelection, minUpdates, time, maxAbandoned, retries);
    }

    /** Returns a copy with another limit of rounds abandoned in a row. */
    public RoundPolicy withMaxAbandoned(int rounds) {
        return new RoundPolicy(overSelection, minUpdates, deadline, rounds, retries);
    }

    /**
     * Returns a copy that attempts an abandoned round again, under the same number. Each attempt selects anew, has seeds
     * and, under a secure rule, keys of its own, and is charged before it starts. Not repeated are an attempt of a secure
     * rule that began to unmask, and one whose step would leave NaN or infinity.
     *
     * @param most how many further attempts, at least 0
     * @param backOff the wait before the first of them, not negative; each wait is twice the one before, up to {@value
     *     Retries#MAX_FACTOR} times this. In virtual time it passes at once
     */
    public RoundPolicy withRetries(int most, Duration backOff) {
        return new RoundPolicy(overSelection, minUpdates, deadline, maxAbandoned, new Retries(most, backOff));
    }

    /**
     * Further attempts at an abandoned round.
     *
     * @param most how many
     * @param backOff the wait before the first
     */
    public record Retries(int most, Duration backOff) {

        private static final Duration LONGEST = Duration.ofDays(365);

        /** An abandoned round is not attempted again. */
        public static final Retries NONE = new Retries(0, Duration.ZERO);

        /** The longest wait, in back-offs: {@value}. */
        public static final int MAX_FACTOR = 1024;

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if the number is negative, or the back-off negative or longer than a year
         */
        public Retries {
            Check.atLeast("retries", most, 0);
            if (backOff.isNegative() || backOff.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("backOff must be in [0, 365 days], but was " + backOff);
            }
        }

        Duration waitBefore(int attempt) {
            int doublings = Math.min(attempt - 1, Integer.numberOfTrailingZeros(MAX_FACTOR));
            return attempt == 0 ? Duration.ZERO : backOff.multipliedBy(1L << doublings);
        }
    }
}
