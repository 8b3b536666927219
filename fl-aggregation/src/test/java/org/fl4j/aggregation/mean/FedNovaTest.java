package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

class FedNovaTest {

    /**
     * Clients with 1, 2 and 5 examples, 2, 4 and 8 steps. p = 1/8, 2/8, 5/8; tau_eff = (2 + 8 + 40) / 8 = 6.25. Coordinate 0:
     * 6.25 (8 / 2 + 2 * -4 / 4 + 5 * 0.8 / 8) / 8 = 6.25 * 2.5 / 8 = 1.953125. The statistic is the mean of FedAvg,
     * (1 * -1 + 2 * 2 + 5 * 0.2) / 8 = 0.5.
     */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void normalisesByStepsAndAveragesStatistics(DataType dtype) {
        ParameterLayout layout = new ParameterLayout(
                dtype, List.of(ParameterSpec.trainable("w", 1), ParameterSpec.statistic("mean", 1)));
        Aggregation aggregation = FedNova.byExamples().begin(context(layout)).aggregation();
        aggregation.add(0, update(0, 1, 2, ModelDelta.of(layout, 8, -1)));
        aggregation.add(1, update(1, 2, 4, ModelDelta.of(layout, -4, 2)));
        aggregation.add(2, update(2, 5, 8, ModelDelta.of(layout, 0.8, 0.2)));
        ModelDelta aggregate = aggregation.finish().aggregate();

        assertEquals(1.953125, aggregate.get(0), 1e-7);
        assertEquals(0.5, aggregate.get(1), 1e-7);
    }

    @Test
    void refusesUpdatesThatDoNotSayHowManyGradientsTheyAddUp() {
        Varied contract = new Varied();

        assertEquals(
                "FedNova needs the scalar 'steps', how many gradients the delta adds up, but the update has only [];"
                        + " does the client's model train with another optimizer than plain SGD?",
                FedNova.byExamples()
                        .begin(contract.context())
                        .encoder()
                        .refusal(contract.bare(0))
                        .orElseThrow());
        assertEquals(
                "FedNova needs 'steps' >= 1, as the last gradient counts whole, but was 0.999",
                FedNova.byExamples()
                        .begin(contract.context())
                        .encoder()
                        .refusal(withSteps(contract.bare(0), 0.999))
                        .orElseThrow());
    }

    private static ClientUpdate update(int client, long examples, double steps, ModelDelta delta) {
        return new ClientUpdate(
                new ClientId("client-" + client),
                1,
                delta,
                examples,
                Map.of(),
                Map.of(ClientUpdate.STEPS, steps),
                ObjectiveSpec.EMPIRICAL_RISK);
    }

    private static ClientUpdate withSteps(ClientUpdate bare, double steps) {
        return new ClientUpdate(
                bare.client(),
                bare.round(),
                bare.delta(),
                bare.numExamples(),
                Map.of(),
                Map.of(ClientUpdate.STEPS, steps),
                bare.objective());
    }

    private static RoundContext context(ParameterLayout layout) {
        return new RoundContext(1, layout, 3, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 1);
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
    class Varied extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedNova.byExamples();
        }

        @Override
        protected ClientUpdate update(int client) {
            return withSteps(super.update(client), 1 + client % 9);
        }

        @Override
        protected RoundContext context() {
            return super.context();
        }

        /** The mean of quotients is not the quotient of means. */
        @Override
        protected boolean isMean() {
            return false;
        }

        ClientUpdate bare(int client) {
            return super.update(client);
        }
    }
}
