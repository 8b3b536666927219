package org.fl4j.aggregation.robust;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.Check;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * SignSGD with majority vote: each client has one vote on the direction of each TRAINABLE coordinate,
 *
 * <pre>  aggregate = step * sign(sum_k sign(delta_k)),</pre>
 *
 * <p>for deltas {@code [d]}, whatever their lengths and numbers of examples; a tie, and a coordinate that moved for nobody, stays. So the
 * aggregate has the length of the step however large an update is, and fewer than half of the clients turn no coordinate on which the others
 * agree. STATISTIC parameters are averaged, each client counting once.
 *
 * <p>Clients that send signs alone, {@code uplinkBy(Uplink.of(Codec.sign()))}, send what is asked for: 1 bit a coordinate. Error feedback does
 * not go with it, as the step is not what clients asked for. A masked sum of votes needs
 * {@code FixedPoint.within(1).resolution(1)} for the segment {@value #VOTES}, about log2(2 n + 1) bits a coordinate for n clients.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Privacy: under a direct server each update is seen in the clear.
 *
 * <p>Source: Bernstein, Zhao, Azizzadenesheli, Anandkumar, "signSGD with Majority Vote is Communication Efficient And Fault Tolerant", ICLR
 * 2019, algorithm 1, with local training in the place of one gradient.
 */
public final class MajorityVote implements LinearAggregator {

    /** The segment of the votes, {@code [d]}; zero for STATISTIC parameters. */
    public static final String VOTES = "votes";

    private static final ParameterSpec.Role.Factors STATISTICS = new ParameterSpec.Role.Factors(0, 1);

    private final double step;

    private MajorityVote(double step) {
        this.step = step;
    }

    /**
     * A vote.
     *
     * @param step how far a coordinate moves in a round, above 0 and finite, in units of the weights
     * @throws IllegalArgumentException if it is not
     */
    public static MajorityVote of(double step) {
        return new MajorityVote(Check.positive("step", step));
    }

    @Override
    public LinearRound begin(RoundContext context) {
        ParameterLayout layout = context.layout();
        boolean hasStatistics = !layout.spans(ParameterSpec.Role.STATISTIC).isEmpty();
        List<Segment> segments = new ArrayList<>();
        segments.add(Segment.bounded(VOTES, layout.length(), 1));
        if (hasStatistics) {
            segments.add(Segment.unbounded(Segment.DELTA, layout.length()));
        }
        segments.add(Segment.bounded(Segment.WEIGHT, 1, 1));
        return LinearRound.of(
                segments,
                new Encoder(hasStatistics),
                total -> Aggregation.Result.of(decode(total, layout, hasStatistics)));
    }

    private ModelDelta decode(Summand total, ParameterLayout layout, boolean hasStatistics) {
        double[] values = new double[layout.length()];
        for (ParameterLayout.Span span : layout.trainable()) {
            for (int i = span.from(); i < span.to(); i++) {
                values[i] = step * Math.signum(total.get(VOTES, i));
            }
        }
        if (hasStatistics) {
            double clients = total.get(Segment.WEIGHT, 0);
            for (ParameterLayout.Span span : layout.spans(ParameterSpec.Role.STATISTIC)) {
                for (int i = span.from(); i < span.to(); i++) {
                    values[i] = total.get(Segment.DELTA, i) / clients;
                }
            }
        }
        return ModelDelta.of(layout, values);
    }

    private record Encoder(boolean hasStatistics) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            return encode(update, 1);
        }

        /** A vote that is damped counts for less; a shorter delta has the same signs. */
        @Override
        public Contribution encode(ClientUpdate update, double damping) {
            ModelDelta delta = update.delta();
            double[] votes = new double[delta.layout().length()];
            for (ParameterLayout.Span span : delta.layout().trainable()) {
                for (int i = span.from(); i < span.to(); i++) {
                    votes[i] = damping * Math.signum(delta.get(i));
                }
            }
            return sum -> {
                sum.add(VOTES, votes);
                if (hasStatistics) {
                    sum.add(Segment.DELTA, damping == 1 ? delta : delta.times(damping), STATISTICS);
                }
                sum.add(Segment.WEIGHT, 0, 1);
            };
        }
    }

    @Override
    public String toString() {
        return "MajorityVote.of(" + step + ")";
    }
}
