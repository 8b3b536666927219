package org.fl4j.aggregation.mean;

import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.LocalObjective;
import org.fl4j.compression.LinearCodec;

/**
 * A linear rule over sketches of the deltas: fewer bits under masks and under noise.
 *
 * <pre>  aggregate = A^T rule({A delta_k}),   A the map of {@link LinearCodec} in this round</pre>
 *
 * <p>Clients sketch the delta before the wrapped rule encodes it, so that the rule clips, weights and rounds what is sent,
 * and its sensitivity is that of the sketches; the server decodes the aggregate once. The result is as bounded or linear as the
 * rule:
 *
 * <pre>{@code
 * SecureSum.on(Sketched.on(FedAvg.uniform(), LinearCodec.rotation()), FixedPoint.within(0.05).inSteps(4))
 * GaussianMechanism.on(Sketched.on(ClippedMean.fixed(0.5), LinearCodec.randomK(0.25)), 1.1)
 * }</pre>
 *
 * <ul>
 *   <li>The wrapped rule sees one TRAINABLE parameter, {@value SketchedLayout#SKETCH} {@code [k]}, and, where the model
 *       has STATISTIC parameters, all of them as {@value SketchedLayout#STATISTICS}, unsketched.
 *   <li>The map follows from {@link RoundContext#encodingSeed}: it is another in each round, and the same at every client
 *       and at the server.
 *   <li>An update with further vectors is rejected, and so is one whose sketch is too large for the layout's dtype.
 *   <li>Norms of sketches are those of the deltas, in the mean square: clip norms need no change. Clip norms per layer do
 *       not fit, as a sketch has no layers.
 *   <li>Without rotation, at share 1, it is the wrapped rule but for the order of the coordinates' roles.
 * </ul>
 *
 * <p>Rules whose clients remember what they sent, or get vectors with their task, do not fit: SCAFFOLD and FedDyn. Neither
 * do rules of your own whose state has vectors of deltas, as the sketches of two rounds do not add up.
 *
 * <p>Immutable and thread-safe if the wrapped rule is. Privacy: that of the wrapped rule; decoding is post-processing.
 */
public final class Sketched {

    private Sketched() {}

    /**
     * A linear rule over sketches; the result is linear.
     *
     * @throws IllegalArgumentException if the rule's clients remember
     */
    public static LinearAggregator on(LinearAggregator rule, LinearCodec codec) {
        requireNoMemory(rule);
        return new Linear(rule, codec);
    }

    /**
     * A bounded rule over sketches; the result is bounded, so noise can be put on it.
     *
     * @throws IllegalArgumentException if the rule's clients remember
     */
    public static BoundedAggregator on(BoundedAggregator rule, LinearCodec codec) {
        requireNoMemory(rule);
        return new Bounded(rule, codec);
    }

    private static void requireNoMemory(DirectAggregator rule) {
        if (rule.localObjective().filter(LocalObjective::remembers).isPresent()) {
            throw new IllegalArgumentException("the rule must not be one whose clients remember, but was " + rule
                    + "; they would remember deltas of which the server got only a sketch");
        }
    }

    private record Linear(LinearAggregator inner, LinearCodec codec)
            implements LinearAggregator, DirectAggregator.Forwarding {

        @Override
        public LinearRound begin(RoundContext context) {
            SketchedLayout layout = SketchedLayout.of(context, codec, inner);
            return new SketchedRound.Linear(inner.begin(context.withLayout(layout.sketched())), layout);
        }

        @Override
        public String toString() {
            return text(codec, inner);
        }
    }

    private record Bounded(BoundedAggregator inner, LinearCodec codec)
            implements BoundedAggregator, DirectAggregator.Forwarding {

        @Override
        public BoundedRound begin(RoundContext context) {
            SketchedLayout layout = SketchedLayout.of(context, codec, inner);
            return new SketchedRound.Bounded(inner.begin(context.withLayout(layout.sketched())), layout);
        }

        @Override
        public String toString() {
            return text(codec, inner);
        }
    }

    private static String text(LinearCodec codec, LinearAggregator rule) {
        return "Sketched(" + codec + ") on " + rule;
    }
}
