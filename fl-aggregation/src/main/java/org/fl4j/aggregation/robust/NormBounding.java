package org.fl4j.aggregation.robust;

import java.util.function.UnaryOperator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.internal.Check;
import org.fl4j.weights.ModelDelta;

/**
 * Clips each delta to a norm and passes it to a linear rule:
 *
 * <pre>  x_k / max(1, |x_k| / M)</pre>
 *
 * <p>for a client's delta x_k, {@code [d]}, STATISTIC parameters included, and the bound M in units of the deltas. So a
 * boosted update counts no more than an honest one, which is enough against model replacement; attackers that stay within
 * the bound still move the aggregate by their share of the weight. The only rule of this package that needs just a sum.
 *
 * <ul>
 *   <li>A delta of norm M or less is passed on unchanged.
 *   <li>A clipped one is rounded to the layout's dtype in such a way that its norm in FP64 is M at most.
 *   <li>Vectors besides the delta are passed on unclipped.
 * </ul>
 *
 * <p>Immutable and thread-safe if the wrapped rule is.
 *
 * <p>Privacy: a bound on the delta alone does not bound the sensitivity; noise needs a clipped mean.
 *
 * <p>Source: Sun, Kairouz, Suresh, McMahan, "Can You Really Backdoor Federated Learning?", NeurIPS workshop on federated
 * learning 2019, norm thresholding of updates.
 */
public final class NormBounding implements LinearAggregator, DirectAggregator.Forwarding {

    private final LinearAggregator rule;
    private final double maxNorm;

    private NormBounding(LinearAggregator rule, double maxNorm) {
        this.rule = rule;
        this.maxNorm = Check.positive("maxNorm", maxNorm);
    }

    /** The uniform mean of deltas clipped to M; throws IllegalArgumentException unless M is above 0 and finite. */
    public static NormBounding of(double maxNorm) {
        return on(FedAvg.uniform(), maxNorm);
    }

    /**
     * A linear rule over deltas clipped to M; throws IllegalArgumentException unless M is above 0 and finite. A rule that
     * weights by examples lets an attacker report many of them.
     */
    public static NormBounding on(LinearAggregator rule, double maxNorm) {
        return new NormBounding(rule, maxNorm);
    }

    @Override
    public LinearAggregator inner() {
        return rule;
    }

    @Override
    public LinearRound begin(RoundContext context) {
        return new Round(rule.begin(context), this::clipped);
    }

    private record Round(LinearRound inner, UnaryOperator<ClientUpdate> clip) implements LinearRound.Forwarding {

        @Override
        public UpdateEncoder encoder() {
            return new Encoder(inner.encoder(), clip);
        }
    }

    private record Encoder(UpdateEncoder encoder, UnaryOperator<ClientUpdate> clip) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            return encode(update, 1);
        }

        @Override
        public Contribution encode(ClientUpdate update, double damping) {
            NormLimit.refusal(update).ifPresent(reason -> {
                throw new UpdateRejectedException(reason);
            });
            return encoder.encode(clip.apply(update), damping);
        }
    }

    /** Rounding may make a delta that was scaled to the bound longer: then it is shortened, by twice as much each time. */
    ClientUpdate clipped(ClientUpdate update) {
        double norm = update.delta().norm2();
        if (norm <= maxNorm) {
            return update;
        }
        ModelDelta clipped = update.delta().times(maxNorm / norm);
        double least = update.delta().layout().bytesPerValue() == Double.BYTES ? 0x1p-53 : 0x1p-30;
        for (double less = least; clipped.norm2() > maxNorm; less *= 2) {
            clipped = update.delta().times(maxNorm / norm * (1 - less));
        }
        return HeldUpdates.Header.of(update).with(clipped);
    }

    @Override
    public String toString() {
        return "NormBounding.on(" + rule + ", " + maxNorm + ")";
    }
}
