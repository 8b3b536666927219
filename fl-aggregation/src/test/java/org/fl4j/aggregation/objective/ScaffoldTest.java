package org.fl4j.aggregation.objective;

import static org.fl4j.aggregation.objective.CurveFederation.CURVES;
import static org.fl4j.aggregation.objective.CurveFederation.RATE;
import static org.fl4j.aggregation.objective.CurveFederation.distanceToMinimum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ScaffoldTest {

    private static final RoundContext CONTEXT = Fixtures.context(Fixtures.layout(7));

    @Test
    void withZeroVariatesIsFedAvgBitForBit() {
        assertEquals(
                new CurveFederation().run(FedAvg.uniform(), 1).state().weights(),
                new CurveFederation().run(Scaffold.uniform(), 1).state().weights());
        assertEquals(
                new CurveFederation().run(FedAvg.byExamples(), 1).state().weights(),
                new CurveFederation()
                        .run(Scaffold.on(FedAvg.byExamples()), 1)
                        .state()
                        .weights());
    }

    /** Algorithm 1 with option II in the paper's letters, a cohort of two out of three. */
    @Test
    void isAlgorithmOne() {
        int rounds = 12;
        CurveFederation federation = new CurveFederation().selector(ClientSelector.uniform(2));
        ServerState state = ServerState.initial(CurveModel.START, 7);
        int d = CurveModel.DIMENSION;
        double[] x = CurveModel.values(CurveModel.START);
        double[] c = new double[d];
        double[][] ci = new double[CURVES.size()][d];
        for (int round = 0; round < rounds; round++) {
            RoundResult.Advanced result =
                    assertInstanceOf(RoundResult.Advanced.class, federation.run(Scaffold.uniform(), state, 1));
            state = result.state();
            List<ClientId> s = result.report().completed();
            double[] dx = new double[d];
            double[] dc = new double[d];
            for (ClientId client : s) {
                int i = Integer.parseInt(client.value());
                double[] y = x.clone();
                for (int k = 0; k < 10; k++) {
                    double[] at = y.clone();
                    for (int j = 0; j < d; j++) {
                        y[j] -= RATE * (CURVES.get(i).gradient(at, j) - ci[i][j] + c[j]);
                    }
                }
                for (int j = 0; j < d; j++) {
                    double plus = ci[i][j] - c[j] + (x[j] - y[j]) / (10 * RATE);
                    dx[j] += (y[j] - x[j]) / s.size();
                    dc[j] += (plus - ci[i][j]) / s.size();
                    ci[i][j] = plus;
                }
            }
            for (int j = 0; j < d; j++) {
                x[j] += dx[j];
                c[j] += dc[j] * s.size() / CURVES.size();
            }
            double[] actual = CurveModel.values(state.weights());
            for (int j = 0; j < d; j++) {
                assertEquals(x[j], actual[j], 1e-11, "round " + (round + 1));
                assertEquals(c[j], state.aggregator().doubles("control")[j], 1e-11);
            }
            assertEquals(0, state.aggregator().doubles("control")[2], "statistics have no variate");
        }
    }

    /** Weighted by 10, 20 and 70 examples: sum p a b / sum p a = (0.4 - 0.8 + 1.05) / 0.85 and (0.2 - 0.3 + 1.4) / 1. */
    @Test
    void withOtherWeightsFindsTheMinimumOfTheWeightedLoss() {
        double[] end = new CurveFederation().end(Scaffold.on(FedAvg.byExamples()), 300);

        assertEquals(0.65 / 0.85, end[0], 1e-9);
        assertEquals(1.3, end[1], 1e-9);
    }

    @Test
    void findsTheMinimumThatFedAvgMisses() {
        assertTrue(distanceToMinimum(new CurveFederation().end(FedAvg.uniform(), 200)) > 0.1);
        assertEquals(0, distanceToMinimum(new CurveFederation().end(Scaffold.uniform(), 200)), 1e-9);
    }

    @Test
    void aClientWithAnotherOptimizerFails() {
        RoundResult result = new CurveFederation()
                .models(ModelPool.of(CurveModel::withMomentum))
                .run(Scaffold.uniform(), 1);

        RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, result);
        ClientOutcome.Failed<?> failed = assertInstanceOf(
                ClientOutcome.Failed.class, abandoned.report().outcomes().get(0));
        assertEquals(
                "SCAFFOLD rests on plain SGD steps, but the client's model trains with another optimizer, momentum,"
                        + " gradient clipping or constraints; give it plain SGD",
                failed.cause().getMessage());
    }

    @Test
    void rejectsClientsWithoutAStoreForTheirVariates() {
        IllegalArgumentException lost = assertThrows(
                IllegalArgumentException.class, () -> new CurveFederation().runOneByOne(Scaffold.uniform(), 1));

        assertEquals(
                "round 1 cannot be trained by the clients of this JVM: the objective scaffold remembers from round to round but"
                        + " this client has no store for that; use Population.over or ClientProvider.local in the server's JVM,"
                        + " LocalClient.rememberingIn elsewhere",
                lost.getMessage());
    }

    @Test
    void rejectsAnUpdateWithoutAVariate() {
        Aggregation aggregation = Scaffold.uniform().begin(CONTEXT).aggregation();

        assertEquals(
                Optional.of("SCAFFOLD needs the vector 'control' but the update has []"),
                aggregation.refusal(Fixtures.update(0, ModelDelta.zero(CONTEXT.layout()), 1)));
    }

    @Test
    void rejectsTheStateOfAnotherRule() {
        ComponentState other = ComponentState.of("feddyn", 1).with("h", new double[7]);
        assertEquals(
                "'scaffold' version 1 cannot continue from the state of 'feddyn' version 1; was the run resumed with other"
                        + " settings?",
                assertThrows(
                                IllegalStateException.class,
                                () -> Scaffold.uniform()
                                        .begin(CONTEXT.withState(other))
                                        .taskVectors())
                        .getMessage());
    }

    /** Of five clients in a population of 1,000. */
    @Test
    void changesTheServersVariateByTheSumOverThePopulation() {
        List<ModelDelta> changes = Rounds.random(1, 5, CONTEXT.layout());
        ModelDelta sum = ModelDelta.zero(CONTEXT.layout());
        Aggregation aggregation = Scaffold.uniform().begin(CONTEXT).aggregation();
        for (int i = 0; i < changes.size(); i++) {
            ClientUpdate update = Fixtures.update(i, changes.get(i).times(-4), 1);
            aggregation.add(i, Rounds.withVector(update, "control", changes.get(i)));
            sum = sum.plus(changes.get(i));
        }
        double[] control = aggregation.finish().state().doubles("control");

        for (int i = 0; i < control.length; i++) {
            assertEquals(sum.get(i) / 1000, control[i], 1e-15);
        }
    }

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return Scaffold.uniform();
        }

        @Override
        protected ClientUpdate update(int client) {
            ClientUpdate update = super.update(client);
            return Rounds.withVector(update, "control", update.delta().times(-0.25));
        }
    }
}
