package org.fl4j.testkit;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.weights.ModelDelta;

/**
 * The smallest bounded rule, for tests that need one: the mean of the deltas clipped to Euclidean norm {@value #CLIP},
 * on a grid of {@value #GRID}. An empty sum decodes to no displacement. Immutable and thread-safe.
 */
public final class TestClippedMean implements BoundedAggregator {

    /** The clip norm. */
    public static final double CLIP = 4;

    /** The grid step. */
    public static final double GRID = 0x1p-20;

    @Override
    public BoundedRound begin(RoundContext context) {
        return new BoundedRound() {
            @Override
            public List<Segment> segments() {
                return List.of(
                        new Segment(Segment.DELTA, context.layout().length(), CLIP, OptionalDouble.of(GRID)),
                        new Segment(Segment.WEIGHT, 1, 1, OptionalDouble.of(1)));
            }

            @Override
            public BoundedRound.Sensitivity sensitivity() {
                return new BoundedRound.Sensitivity(Map.of(Segment.DELTA, CLIP, Segment.WEIGHT, 1.0));
            }

            @Override
            public UpdateEncoder encoder() {
                return update -> {
                    double[] clipped = clipped(update.delta());
                    return sum -> {
                        sum.add(Segment.DELTA, clipped);
                        sum.add(Segment.WEIGHT, 0, 1);
                    };
                };
            }

            @Override
            public Aggregation.Result decode(Summand total) {
                double clients = Math.max(1, total.get(Segment.WEIGHT, 0));
                return Aggregation.Result.of(total.toDelta(Segment.DELTA, context.layout(), 1 / clients));
            }
        };
    }

    /** Whole steps, rounded toward zero; where the factor was rounded up it is lowered until the norm holds exactly. */
    private static double[] clipped(ModelDelta delta) {
        double largest = 0;
        for (int i = 0; i < delta.layout().length(); i++) {
            largest = Math.max(largest, Math.abs(delta.get(i)));
        }
        double squares = 0;
        for (int i = 0; largest > 0 && i < delta.layout().length(); i++) {
            squares += delta.get(i) / largest * (delta.get(i) / largest);
        }
        double shrink = Math.min(1, CLIP / Math.sqrt(squares) / largest);
        double bound = CLIP / GRID;
        double[] steps = new double[delta.layout().length()];
        do {
            squares = 0;
            for (int i = 0; largest > 0 && i < steps.length; i++) {
                double exact = delta.get(i) * shrink / GRID;
                steps[i] = exact < 0 ? Math.ceil(exact) : Math.floor(exact);
                squares += steps[i] * steps[i];
            }
            shrink *= 1 - 0x1p-50;
        } while (squares > bound * bound);
        return steps;
    }
}
