package org.fl4j.aggregation.robust;

import java.util.Map;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * The mean of the updates clipped to a ball around the last aggregate:
 *
 * <pre>  v &lt;- v + 1/n sum_i (x_i - v) min(1, tau / |x_i - v|)</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}, once or several times. In the first round v starts at zero, later at the
 * aggregate of the last round that took a step, so an attacker moves it by tau/n a round and must keep doing so; and v
 * needs some rounds (or iterations) to come near deltas farther than tau from zero. tau is in units of the deltas: the
 * radius of the honest updates around their mean, or a little more.
 *
 * <p>All updates have equal weight, whatever their number of examples; one update is enough. FP64, rounded once to the
 * layout's dtype; the next round starts at the rounded aggregate. Memory: the updates, a chunk of them for each thread,
 * and one FP64 vector. Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear.
 *
 * <p>Source: Karimireddy, He, Jaggi, "Learning from History for Byzantine Robust Optimization", ICML 2021, centered clipping,
 * equation (CC). The paper's guarantee assumes clients that send a momentum, which this rule does not ensure.
 */
public final class CenteredClipping implements DirectAggregator {

    /** The default number of iterations a round: {@value}, the paper's. */
    public static final int DEFAULT_ITERATIONS = 1;

    private static final String KIND = "centered-clipping";
    private static final int VERSION = 1;
    private static final String AGGREGATE = "aggregate";

    private final double radius;
    private final int iterations;
    private final UpdateStorage storage;

    private CenteredClipping(double radius, int iterations, UpdateStorage storage) {
        this.radius = radius;
        this.iterations = iterations;
        this.storage = storage;
    }

    /** Clips to a ball of radius tau; throws IllegalArgumentException unless it is above 0 and finite. */
    public static CenteredClipping radius(double tau) {
        return new CenteredClipping(Check.positive("radius", tau), DEFAULT_ITERATIONS, UpdateStorage.onHeap());
    }

    /** Returns a copy with l iterations a round; throws IllegalArgumentException if l is below 1. */
    public CenteredClipping withIterations(int l) {
        return new CenteredClipping(radius, Check.atLeast("iterations", l, 1), storage);
    }

    /** Returns a copy with another place for the round's updates. */
    public CenteredClipping storedIn(UpdateStorage place) {
        return new CenteredClipping(radius, iterations, place);
    }

    /** {@inheritDoc} The context's state must be this rule's, or empty. */
    @Override
    public DirectRound begin(RoundContext context) {
        ComponentState state = context.state().expect(KIND, VERSION);
        ModelDelta start = state.isEmpty()
                ? ModelDelta.zero(context.layout())
                : ModelDelta.from(state, AGGREGATE, context.layout());
        return () -> new HeldRound(
                storage,
                context,
                n -> ByzantineTolerance.needsOne("CenteredClipping", n),
                updates -> combine(new MovingCentre(updates, start)));
    }

    private Aggregation.Result combine(MovingCentre centre) {
        for (int l = 0; l < iterations; l++) {
            double[] weights = centre.distances().clone();
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.min(1, radius / weights[i]) / weights.length;
            }
            centre.move(weights);
        }
        ModelDelta aggregate = centre.point();
        ComponentState state = aggregate.putInto(ComponentState.of(KIND, VERSION), AGGREGATE);
        return new Aggregation.Result(aggregate, state, Map.of());
    }

    @Override
    public String toString() {
        return "CenteredClipping.radius(" + radius + ").withIterations(" + iterations + ")";
    }
}
