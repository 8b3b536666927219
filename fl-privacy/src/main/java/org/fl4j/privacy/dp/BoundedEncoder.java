package org.fl4j.privacy.dp;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds an encoder to what its rule declares: every coordinate a whole number of grid steps, and every segment's norm within
 * its sensitivity. A contribution that violates this, or on which the encoder throws, is replaced by zero, which
 * cannot be distinguished from an absent client: an exception or a rejection would depend on one client's data. It is an error of
 * the rule, so it is logged, once per mechanism and without a client's name.
 *
 * <p>Thread-safe if the encoder is. Costs a pass over the contribution and a vector as long.
 */
final class BoundedEncoder implements UpdateEncoder {

    private static final Logger LOG = LoggerFactory.getLogger(BoundedEncoder.class);

    private final UpdateEncoder encoder;
    private final List<Segment> segments;
    private final BoundedRound.Sensitivity sensitivity;
    private final String rule;
    private final AtomicBoolean logged;

    /** The flag is for all encoders of a mechanism: one for each client would count the clients in the log. */
    BoundedEncoder(
            UpdateEncoder encoder,
            List<Segment> segments,
            BoundedRound.Sensitivity sensitivity,
            String rule,
            AtomicBoolean logged) {
        this.encoder = encoder;
        this.segments = segments;
        this.sensitivity = sensitivity;
        this.rule = rule;
        this.logged = logged;
    }

    /** A rule's encoder; its contributions are checked, unless the rule is of this package and checks itself. */
    static UpdateEncoder of(BoundedAggregator rule, BoundedRound round, AtomicBoolean logged) {
        return rule instanceof ClippedMean || rule instanceof AdaptiveClippedMean
                ? round.encoder()
                : new BoundedEncoder(round.encoder(), round.segments(), round.sensitivity(), rule.toString(), logged);
    }

    @Override
    public Contribution encode(ClientUpdate update) {
        return encode(update, 1);
    }

    @Override
    public Contribution encode(ClientUpdate update, double damping) {
        Summand contribution = Summand.zero(segments);
        try {
            if (!isEncoded(update, damping, contribution) || !isBounded(contribution)) {
                return Contribution.ZERO;
            }
            double[] all = contribution.toArray();
            return sum -> {
                sum.add(all);
                Arrays.fill(all, 0);
            };
        } finally {
            contribution.erase();
        }
    }

    private boolean isEncoded(ClientUpdate update, double damping, Summand contribution) {
        try {
            encoder.encode(update, damping).addTo(contribution);
            return true;
        } catch (UpdateRejectedException e) {
            throw e;
        } catch (RuntimeException e) {
            // Its message may be about the client's data.
            logOnce(
                    "{}: the encoder of {} throws; contributions on which it does are left out",
                    e.getClass().getName());
            return false;
        }
    }

    private void logOnce(String format, String what) {
        if (!logged.getAndSet(true)) {
            LOG.error(format, what, rule);
        }
    }

    private boolean isBounded(Summand contribution) {
        for (Segment segment : segments) {
            double[] steps = contribution.toArray(segment.name());
            boolean bounded = isBounded(steps, segment);
            Arrays.fill(steps, 0);
            if (!bounded) {
                logOnce(
                        "segment '{}': the encoder of {} does not keep to whole grid steps within the sensitivity that the"
                                + " rule declares; contributions that do not are left out",
                        segment.name());
                return false;
            }
        }
        return true;
    }

    private boolean isBounded(double[] steps, Segment segment) {
        double squares = 0;
        boolean whole = true;
        for (double value : steps) {
            whole &= Math.rint(value) == value;
            squares += value * value;
        }
        Double bound = sensitivity.l2().get(segment.name());
        double limit = bound == null ? 0 : bound / segment.grid().orElse(Double.POSITIVE_INFINITY);
        // False for NaN. Below 2^53 both squares are exact except for the rounding of the bound, for which noise has a
        // margin.
        return whole && squares <= limit * limit;
    }
}
