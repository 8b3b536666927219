package org.fl4j.aggregation.optimizer;

import java.util.List;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.internal.Check;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/**
 * Federated averaging with server momentum:
 *
 * <pre>{@code
 *   v <- beta v + Delta,   w <- w + eta v,
 * }</pre>
 *
 * <p>with Delta the round's aggregate and w the global weights, both {@code [d]}, and v = 0 before the first round.
 * With momentum 0 it is server SGD, which needs no state; with rate 1
 * as well it is federated averaging, {@code global + aggregate}, bit for bit.
 *
 * <p>STATISTIC parameters are averaged plainly: {@code global + aggregate}, bit for bit. Computed in FP64, the
 * displacement rounded once to the layout's dtype. v saturates at {@link Double#MAX_VALUE}, so it stays finite. An
 * aggregate that holds NaN or infinity is added to the weights and leaves the state alone; the server abandons such a
 * round.
 *
 * <p>State: v, 8 d bytes. Immutable and thread-safe.
 *
 * <p>Source: Hsu, Qi, Brown, "Measuring the Effects of Non-Identical Data Distribution for Federated Visual
 * Classification", 2019, section 4.3 (<a href="https://arxiv.org/abs/1909.06335">arXiv:1909.06335</a>).
 *
 * @implNote the paper's Delta has the other sign (global - local), and its server rate is 1. Its experiments use
 *     Nesterov's form of momentum; this is the equation that it prints, without Nesterov's look-ahead.
 */
public final class FedAvgM implements ServerOptimizer {

    /** The default of beta: {@value}. */
    public static final double DEFAULT_MOMENTUM = 0.9;

    private static final String KIND = "fedavgm";
    private static final int VERSION = 1;

    private final LearningRateSchedule rates;
    private final double beta;

    private FedAvgM(LearningRateSchedule rates, double beta) {
        this.rates = rates;
        this.beta = Check.belowOne("momentum", beta);
    }

    /** Uses one server learning rate; throws IllegalArgumentException unless it is above 0 and finite. */
    public static FedAvgM withLearningRate(double eta) {
        return withLearningRates(Moments.constant(eta));
    }

    /** Uses a server learning rate by round, counting abandoned rounds; a step throws if it is not above 0 and finite. */
    public static FedAvgM withLearningRates(LearningRateSchedule rates) {
        return new FedAvgM(rates, DEFAULT_MOMENTUM);
    }

    /** Returns a copy with another beta; throws IllegalArgumentException unless it is in [0, 1). */
    public FedAvgM withMomentum(double beta) {
        return new FedAvgM(rates, beta);
    }

    @Override
    public Step step(int round, ModelWeights global, ModelDelta aggregate, ComponentState state) {
        double rate = Moments.rateAt(rates, round);
        ComponentState own = state.expect(KIND, VERSION);
        return Moments.step(
                global,
                aggregate,
                own,
                beta == 0 ? ComponentState.EMPTY : ComponentState.of(KIND, VERSION),
                beta == 0 ? List.of() : List.of(new Moments.Moment("v", 0)),
                this::follow,
                (moments, delta, from, to) -> displace(rate, beta == 0 ? delta : moments[0], delta, from, to));
    }

    /** Without a momentum v is the aggregate: not 0 * v + Delta, which would turn a -0 of Delta into 0. */
    private void follow(double[][] moments, double[] delta, int from, int to) {
        if (beta != 0) {
            double[] v = moments[0];
            for (int i = from; i < to; i++) {
                v[i] = beta * v[i] + delta[i];
            }
        }
    }

    private static void displace(double rate, double[] v, double[] displacement, int from, int to) {
        for (int i = from; i < to; i++) {
            displacement[i] = rate * v[i];
        }
    }

    @Override
    public String toString() {
        return "FedAvgM[beta=" + beta + "]";
    }
}
