package org.fl4j.aggregation.objective;

import static org.fl4j.aggregation.objective.CurveFederation.CURVES;
import static org.fl4j.aggregation.objective.CurveFederation.RATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.robust.NearestNeighbourMixing;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.testkit.NoiseWithoutGuard;
import org.fl4j.testkit.TestClippedMean;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FedProxTest {

    private static final RoundContext CONTEXT = Fixtures.context(CurveModel.LAYOUT);

    @Test
    void withoutAPullIsFedAvgBitForBit() {
        RoundResult plain = new CurveFederation().run(FedAvg.byExamples(), 20);
        RoundResult pulled = new CurveFederation().run(FedProx.of(0), 20);

        assertEquals(plain.state(), pulled.state());
    }

    /**
     * On a parabola the local steps y <- y - r (a (y - b) + mu (y - w)) lead in K steps to m + (1 - r (a + mu))^K (w - m)
     * with m = (a b + mu w) / (a + mu).
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.3, 5})
    void holdsClientsNearTheGlobalWeights(double mu) {
        double[] end = new CurveFederation().end(FedProx.on(FedAvg.uniform(), mu), 1);

        for (int j = 0; j < CurveModel.DIMENSION; j++) {
            double w = CurveModel.START.get(j);
            double mean = 0;
            for (Curve curve : CURVES) {
                double a = curve.a()[j];
                double m = (a * curve.b()[j] + mu * w) / (a + mu);
                mean += (m + Math.pow(1 - RATE * (a + mu), 10) * (w - m)) / CURVES.size();
            }
            assertEquals(mean, end[j], 1e-12);
        }
        assertEquals((4.0 - 2 + 3) / 3, end[2], 1e-12, "statistics are not pulled");
    }

    @Test
    void isAsBoundedLinearOrDirectAsTheRule() {
        BoundedAggregator bounded = FedProx.on(new TestClippedMean(), 0.1);
        LinearAggregator linear = FedProx.on(FedAvg.uniform(), 0.1);
        DirectAggregator median = FedAvg.uniform();
        DirectAggregator direct = FedProx.on(median, 0.1);

        assertEquals(
                new TestClippedMean().begin(CONTEXT).sensitivity(),
                bounded.begin(CONTEXT).sensitivity());
        assertEquals(
                new TestClippedMean().begin(CONTEXT).segments(),
                bounded.begin(CONTEXT).segments());
        for (DirectAggregator rule : new DirectAggregator[] {bounded, linear, direct}) {
            assertEquals(ObjectiveSpec.of("proximal", "mu", 0.1), rule.objective());
            assertEquals(Map.of(), rule.begin(CONTEXT).taskVectors());
            assertEquals(Optional.empty(), rule.guard());
        }
        assertTrue(!(direct instanceof LinearAggregator));
        assertEquals("proximal(mu=0.1) on FedAvg.uniform", linear.toString());
        assertEquals(
                new CurveFederation().run(linear, 3).state(),
                new CurveFederation().run(direct, 3).state());
    }

    @Test
    void passesOnTheTaskVectorsOfTheRule() {
        Map<String, ModelDelta> vectors = Map.of("prior", ModelDelta.of(CurveModel.LAYOUT, 1, 2, 3));
        LinearAggregator linear = new WithVectors(new TestMean(), vectors);

        assertEquals(vectors, FedProx.on(linear, 0.1).begin(CONTEXT).taskVectors());
        assertEquals(
                vectors,
                FedProx.on((DirectAggregator) linear, 0.1).begin(CONTEXT).taskVectors());
    }

    /** Also where the static type says no more than that it is direct. */
    @Test
    void rejectsNoiseThatIsNotCharged() {
        LinearAggregator leaky = new NoiseWithoutGuard();
        DirectAggregator proximal = FedProx.on((DirectAggregator) leaky, 0.1);
        DirectAggregator mixing = NearestNeighbourMixing.on(leaky, 0);

        assertThrows(IllegalStateException.class, () -> proximal.begin(CONTEXT));
        assertThrows(IllegalStateException.class, () -> mixing.begin(CONTEXT));
    }

    private record WithVectors(LinearAggregator rule, Map<String, ModelDelta> vectors) implements LinearAggregator {

        @Override
        public LinearRound begin(RoundContext context) {
            LinearRound round = rule.begin(context);
            return new LinearRound.Forwarding() {
                @Override
                public LinearRound inner() {
                    return round;
                }

                @Override
                public Map<String, ModelDelta> taskVectors() {
                    return vectors;
                }
            };
        }
    }

    @Test
    void clientsGetTheObjectiveFromTheRule() {
        assertEquals(
                new CurveFederation().run(FedProx.of(0.1), 10).state(),
                new CurveFederation().runOneByOne(FedProx.of(0.1), 10).state());
    }

    @Test
    void rejectsARuleThatCarriesAnObjective() {
        assertEquals(
                "the rule must not carry an objective of its own, but was Scaffold on FedAvg.uniform; its objective is scaffold",
                assertThrows(IllegalArgumentException.class, () -> FedProx.on(Scaffold.uniform(), 0.1))
                        .getMessage());
    }

    /** ||a||_1 as the sum that it is: gradient j of tau is shrunk by every later step. */
    @ParameterizedTest
    @CsvSource({"1, 0.3", "10, 0.01", "10, 0", "7, 1", "7, 1.5", "3, 2", "4, 2.5"})
    void countsTheGradientsInADelta(int steps, double shrinkage) {
        double sum = 0;
        for (int j = 0; j < steps; j++) {
            sum += Math.abs(Math.pow(1 - shrinkage, j));
        }

        assertEquals(sum, ProximalObjective.gradients(steps, shrinkage), 1e-12);
    }

    /**
     * With a strong pull the client of many steps adds up few gradients. tau_eff sum_k p_k delta_k / ||a_k||_1 with the steps
     * of one epoch, 1, 2 and 7 of 10 examples each.
     */
    @Test
    void reportsTheGradientsInADeltaToFedNova() {
        double mu = 4;
        double[] start = CurveModel.values(CurveModel.START);
        double[] normalised = new double[CurveModel.DIMENSION];
        double effective = 0;
        for (Curve curve : CURVES) {
            int steps = curve.examples() / 10;
            double gradients = 0;
            double[] y = start.clone();
            for (int step = 0; step < steps; step++) {
                gradients += Math.pow(1 - RATE * mu, step);
                double[] at = y.clone();
                for (int j = 0; j < normalised.length; j++) {
                    y[j] -= RATE * (curve.gradient(at, j) + mu * (at[j] - start[j]));
                }
            }
            double p = curve.examples() / 100.0;
            effective += p * gradients;
            for (int j = 0; j < normalised.length; j++) {
                normalised[j] += p * (y[j] - start[j]) / gradients;
            }
        }
        double[] end = new CurveFederation()
                .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(RATE))
                .end(FedProx.on(FedNova.byExamples(), mu), 1);

        for (int j = 0; j < normalised.length; j++) {
            assertEquals(start[j] + effective * normalised[j], end[j], 1e-12);
        }
    }

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedProx.of(0.1);
        }
    }

    @Nested
    class BoundedContract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedProx.on(new TestClippedMean(), 0.1);
        }

        /** Rounded toward zero on the grid. */
        @Override
        protected double rounding() {
            return TestClippedMean.GRID;
        }
    }
}
