package org.fl4j.aggregation.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class OptimizerErrorsTest {

    private static final ParameterLayout LAYOUT = Fixtures.layoutWithStatistics(DataType.DOUBLE, 1, 1, 1);
    private static final ModelWeights GLOBAL = Steps.weights(LAYOUT, 1, 2, 3);
    private static final ModelDelta AGGREGATE = ModelDelta.of(LAYOUT, 1, 1, 1);

    @Test
    void rejectsNonPositiveLearningRatesAndAdaptivity() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String rate = "learning rate must be > 0 and < infinity, but was " + bad;
            refused(rate, FedAvgM::withLearningRate, bad);
            refused(rate, FedAdagrad::withLearningRate, bad);
            refused(rate, FedAdam::withLearningRate, bad);
            refused(rate, FedYogi::withLearningRate, bad);
            String tau = "adaptivity must be > 0 and < infinity, but was " + bad;
            refused(tau, FedAdagrad.withLearningRate(1)::withAdaptivity, bad);
            refused(tau, FedAdam.withLearningRate(1)::withAdaptivity, bad);
            refused(tau, FedYogi.withLearningRate(1)::withAdaptivity, bad);
        }
    }

    @Test
    void rejectsMomentumAndDecayOfOneOrMore() {
        for (double bad : new double[] {1, -0.1, Double.NaN}) {
            String momentum = "momentum must be in [0, 1), but was " + bad;
            refused(momentum, FedAvgM.withLearningRate(1)::withMomentum, bad);
            refused(momentum, FedAdagrad.withLearningRate(1)::withMomentum, bad);
            refused(momentum, FedAdam.withLearningRate(1)::withMomentum, bad);
            refused(momentum, FedYogi.withLearningRate(1)::withMomentum, bad);
            String second = "second moment must be in [0, 1), but was " + bad;
            refused(second, FedAdam.withLearningRate(1)::withSecondMoment, bad);
            refused(second, FedYogi.withLearningRate(1)::withSecondMoment, bad);
        }
    }

    @Test
    void checksTheLearningRateOfARound() {
        for (Function<LearningRateSchedule, ServerOptimizer> made :
                List.<Function<LearningRateSchedule, ServerOptimizer>>of(
                        FedAvgM::withLearningRates,
                        FedAdagrad::withLearningRates,
                        FedAdam::withLearningRates,
                        FedYogi::withLearningRates)) {
            for (double bad : new double[] {0, -0.5, Double.NaN, Double.POSITIVE_INFINITY}) {
                ServerOptimizer optimizer = made.apply(round -> round == 3 ? bad : 1);
                optimizer.step(2, GLOBAL, AGGREGATE, ComponentState.EMPTY);

                assertEquals(
                        "round 3: the server's learning rate must be > 0 and < infinity, but was " + bad,
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> optimizer.step(3, GLOBAL, AGGREGATE, ComponentState.EMPTY))
                                .getMessage());
            }
        }
    }

    @Test
    void rejectsTheStateOfAnotherOptimizer() {
        List<ServerOptimizer> all = Steps.all(1);
        List<String> kinds = List.of("fedavgm", "fedadagrad", "fedadam", "fedyogi");
        for (int i = 0; i < all.size(); i++) {
            ComponentState left =
                    all.get(i).step(1, GLOBAL, AGGREGATE, ComponentState.EMPTY).state();
            for (int j = 0; j < all.size(); j++) {
                ServerOptimizer next = all.get(j);
                if (i == j) {
                    next.step(2, GLOBAL, AGGREGATE, left);
                } else {
                    stateRefused(
                            "'" + kinds.get(j) + "' version 1 cannot continue from the state of '" + kinds.get(i)
                                    + "' version 1; was the run resumed with other settings?",
                            next,
                            left);
                }
            }
        }
        stateRefused(
                "'fedadam' version 1 cannot continue from the state of 'fedadam' version 2;"
                        + " was the run resumed with other settings?",
                FedAdam.withLearningRate(1),
                ComponentState.of("fedadam", 2).with("m", new double[3]));
    }

    @Test
    void rejectsAStateOfAnotherLength() {
        ParameterLayout longer = Fixtures.layoutWithStatistics(DataType.DOUBLE, 2, 1, 1);
        ModelWeights global = Steps.weights(longer, 1, 2, 3, 4);
        List<String> first = List.of(
                "'v' of the state of 'fedavgm'",
                "'m' of the state of 'fedadagrad'",
                "'m' of the state of 'fedadam'",
                "'m' of the state of 'fedyogi'");
        for (int i = 0; i < first.size(); i++) {
            ServerOptimizer optimizer = Steps.all(1).get(i);
            ComponentState left = optimizer
                    .step(1, global, ModelDelta.zero(longer), ComponentState.EMPTY)
                    .state();
            stateRefused(
                    first.get(i) + " has 4 values but the layout has 3; is it the state of a run with another model?",
                    optimizer,
                    left);
        }
    }

    @Test
    void rejectsAnAggregateOfAnotherLayout() {
        ModelDelta other = ModelDelta.zero(Fixtures.layoutWithStatistics(DataType.DOUBLE, 2, 1, 1));
        for (ServerOptimizer optimizer : Steps.all(1)) {
            assertEquals(
                    "the layouts differ: parameter 'w' has shape [2] but the global model has [1]",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> optimizer.step(1, GLOBAL, other, ComponentState.EMPTY))
                            .getMessage());
        }
    }

    @Test
    void namesItselfWithItsParameters() {
        assertEquals("FedAvgM[beta=0.9]", FedAvgM.withLearningRate(1).toString());
        assertEquals(
                "FedAdagrad[beta1=0.0, tau=0.001]",
                FedAdagrad.withLearningRate(1).toString());
        assertEquals(
                "FedAdam[beta1=0.9, beta2=0.99, tau=0.001]",
                FedAdam.withLearningRate(1).toString());
        assertEquals(
                "FedYogi[beta1=0.5, beta2=0.75, tau=0.1]",
                FedYogi.withLearningRate(1)
                        .withAdaptivity(0.1)
                        .withSecondMoment(0.75)
                        .withMomentum(0.5)
                        .toString());
    }

    private static void refused(String message, DoubleFunction<?> call, double value) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> call.apply(value))
                        .getMessage());
    }

    private static void stateRefused(String message, ServerOptimizer optimizer, ComponentState state) {
        assertEquals(
                message,
                assertThrows(IllegalStateException.class, () -> optimizer.step(2, GLOBAL, AGGREGATE, state))
                        .getMessage());
    }
}
