package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.Rounds;
import org.fl4j.client.ClientUpdate;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class FedNovaTest {

    /**
     * Clients with 1, 2 and 5 examples, 2, 4 and 8 steps. p = 1/8, 2/8, 5/8; tau_eff = (2 + 8 + 40) / 8 = 6.25. Coordinate 0:
     * 6.25 (8 / 2 + 2 * -4 / 4 + 5 * 0.8 / 8) / 8 = 6.25 * 2.5 / 8 = 1.953125. The statistic is the mean of FedAvg,
     * (1 * -1 + 2 * 2 + 5 * 0.2) / 8 = 0.5.
     */
    @FloatAndDouble
    void normalisesByStepsAndAveragesStatistics(DataType dtype) {
        ParameterLayout layout =
                Fixtures.layout(dtype, ParameterSpec.trainable("w", 1), ParameterSpec.statistic("mean", 1));
        Aggregation aggregation =
                FedNova.byExamples().begin(Fixtures.context(layout)).aggregation();
        aggregation.add(0, withSteps(Fixtures.update(0, ModelDelta.of(layout, 8, -1), 1), 2));
        aggregation.add(1, withSteps(Fixtures.update(1, ModelDelta.of(layout, -4, 2), 2), 4));
        aggregation.add(2, withSteps(Fixtures.update(2, ModelDelta.of(layout, 0.8, 0.2), 5), 8));
        ModelDelta aggregate = aggregation.finish().aggregate();

        assertEquals(1.953125, aggregate.get(0), 1e-7);
        assertEquals(0.5, aggregate.get(1), 1e-7);
    }

    @Test
    void rejectsUpdatesThatDoNotReportTheirSteps() {
        ParameterLayout layout = Fixtures.layout(1);
        ClientUpdate update = Fixtures.update(0, ModelDelta.of(layout, 1), 1);
        Aggregation aggregation =
                FedNova.byExamples().begin(Fixtures.context(layout)).aggregation();

        assertEquals(
                "FedNova needs the scalar 'steps', how many gradients the delta adds up, but the update has only [];"
                        + " does the client's model train with another optimizer than plain SGD?",
                aggregation.refusal(update).orElseThrow());
        assertEquals(
                "FedNova needs 'steps' >= 1, but was 0.999; the last gradient counts whole",
                aggregation.refusal(withSteps(update, 0.999)).orElseThrow());
    }

    private static ClientUpdate withSteps(ClientUpdate update, double steps) {
        return Rounds.withScalar(update, ClientUpdate.STEPS, steps);
    }

    @Nested
    class WithEqualSteps extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedNova.byExamples();
        }

        @Override
        protected ClientUpdate update(int client) {
            return withSteps(super.update(client), 7);
        }

        @Test
        void isFedAvg() {
            Aggregation nova = newRule().begin(context()).aggregation();
            Aggregation average = FedAvg.byExamples().begin(context()).aggregation();
            for (int i = 0; i < 30; i++) {
                nova.add(i, update(i));
                average.add(i, update(i));
            }
            ModelDelta expected = average.finish().aggregate();
            ModelDelta actual = nova.finish().aggregate();
            for (int i = 0; i < layout().length(); i++) {
                assertEquals(expected.get(i), actual.get(i), 1e-14);
            }
        }
    }

    @Nested
    class WithVariedSteps extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedNova.byExamples();
        }

        @Override
        protected ClientUpdate update(int client) {
            return withSteps(super.update(client), 1 + client % 9);
        }

        /** The mean of quotients is not the quotient of means. */
        @Override
        protected boolean isMean() {
            return false;
        }
    }
}
