package org.fl4j.aggregation.objective;

import static org.fl4j.aggregation.objective.CurveFederation.CURVES;
import static org.fl4j.aggregation.objective.CurveFederation.RATE;
import static org.fl4j.aggregation.objective.CurveFederation.distanceToMinimum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.LinearAggregatorContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FedDynTest {

    private static final double ALPHA = 0.5;

    /** Algorithm 1 in the paper's letters, the argmin by ten steps, a cohort of two out of three. */
    @Test
    void isAlgorithmOne() {
        CurveFederation federation = new CurveFederation().selector(ClientSelector.uniform(2));
        ServerState state = ServerState.initial(CurveModel.START, 7);
        int d = CurveModel.DIMENSION;
        int m = CURVES.size();
        double[] theta = CurveModel.values(CurveModel.START);
        double[] h = new double[d];
        double[][] gradients = new double[m][d];
        for (int round = 1; round <= 12; round++) {
            RoundResult.Advanced result =
                    assertInstanceOf(RoundResult.Advanced.class, federation.run(FedDyn.of(ALPHA), state, 1));
            state = result.state();
            List<ClientId> p = result.report().completed();
            double[] mean = new double[d];
            double[] moved = new double[d];
            double statistic = 0;
            for (ClientId client : p) {
                int k = Integer.parseInt(client.value());
                double[] y = locally(theta, gradients[k], CURVES.get(k));
                for (int j = 0; j < d; j++) {
                    gradients[k][j] -= ALPHA * (y[j] - theta[j]);
                    moved[j] += y[j] - theta[j];
                    mean[j] += y[j] / p.size();
                }
                statistic += CURVES.get(k).b()[0] / p.size();
            }
            for (int j = 0; j < d; j++) {
                h[j] -= ALPHA / m * moved[j];
                theta[j] = mean[j] - h[j] / ALPHA;
            }
            double[] actual = CurveModel.values(state.weights());
            for (int j = 0; j < d; j++) {
                assertEquals(theta[j], actual[j], 1e-11, "round " + round);
                assertEquals(h[j], state.aggregator().doubles("h")[j], 1e-11);
            }
            assertEquals(statistic, actual[2], 1e-11, "statistics are averaged");
        }
    }

    /** argmin F(y) - <gradient, y> + alpha / 2 ||y - theta||^2 by ten steps of gradient descent. */
    private static double[] locally(double[] theta, double[] gradient, Curve curve) {
        double[] y = theta.clone();
        for (int step = 0; step < 10; step++) {
            double[] at = y.clone();
            for (int j = 0; j < gradient.length; j++) {
                y[j] -= RATE * (curve.gradient(at, j) - gradient[j] + ALPHA * (at[j] - theta[j]));
            }
        }
        return y;
    }

    @Test
    void findsTheMinimumThatFedAvgMisses() {
        CurveFederation federation =
                new CurveFederation().localTraining(LocalTraining.steps(100).withLearningRate(RATE));

        assertEquals(0, distanceToMinimum(federation.end(FedDyn.of(ALPHA), 200)), 1e-9);
    }

    /** h_k follows the displacement, whatever optimizer made it. */
    @Test
    void worksWithAnyClientOptimizer() {
        CurveFederation federation = new CurveFederation()
                .models(ModelPool.of(CurveModel::withMomentum))
                .localTraining(LocalTraining.steps(100).withLearningRate(RATE));

        assertEquals(0, distanceToMinimum(federation.end(FedDyn.of(ALPHA), 200)), 1e-9);
    }

    @Test
    void hasANameAndAnObjective() {
        assertEquals("FedDyn(alpha=0.5)", FedDyn.of(0.5).toString());
        assertEquals(
                ObjectiveSpec.of("dynamic-regularisation", "alpha", 0.5),
                FedDyn.of(0.5).objective());
    }

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedDyn.of(0.5);
        }

        /** The step of one round overshoots by |S| / N / alpha * alpha of the mean: it is the mean only in the limit. */
        @Override
        protected boolean isMean() {
            return false;
        }
    }
}
