package org.fl4j.server;

import java.time.Duration;
import org.fl4j.client.RunLimits;

/**
 * When a round is over and whether it counts.
 *
 * @param overSelection the share of additional clients to select, at least 0: with 0.3 a selector of 10 selects 13, and
 *     the first 10 to finish end the round
 * @param minUpdates how many updates the round needs; with fewer it is abandoned. Without any it always is, unless the
 *     rule is private
 * @param deadline wall time from the start of local training, and under a secure rule for each stage of the protocol, so
 *     that a straggler in one leaves time for the others; {@link RunLimits#NO_DEADLINE} for none
 */
public record RoundPolicy(double overSelection, int minUpdates, Duration deadline) {

    /** No over-selection, no minimum, no deadline. */
    public static final RoundPolicy DEFAULT = new RoundPolicy(0, 0, RunLimits.NO_DEADLINE);

    /**
     * Checks the ranges.
     *
     * @param overSelection as above
     * @param minUpdates as above
     * @param deadline as above
     * @throws IllegalArgumentException if one is violated
     */
    public RoundPolicy {
        if (!(overSelection >= 0) || Double.isInfinite(overSelection)) {
            throw new IllegalArgumentException(
                    "overSelection must be >= 0 and < infinity. Provided value: " + overSelection);
        }
        if (minUpdates < 0) {
            throw new IllegalArgumentException("minUpdates must be at least 0. Provided value: " + minUpdates);
        }
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("deadline must be positive. Provided value: " + deadline);
        }
    }

    /**
     * This with over-selection.
     *
     * @param share of additional clients
     * @return a copy
     */
    public RoundPolicy withOverSelection(double share) {
        return new RoundPolicy(share, minUpdates, deadline);
    }

    /**
     * This with a minimum.
     *
     * @param updates how many
     * @return a copy
     */
    public RoundPolicy withMinUpdates(int updates) {
        return new RoundPolicy(overSelection, updates, deadline);
    }

    /**
     * This with a deadline.
     *
     * @param time from the start of local training, or of each stage
     * @return a copy
     */
    public RoundPolicy withDeadline(Duration time) {
        return new RoundPolicy(overSelection, minUpdates, time);
    }
}
