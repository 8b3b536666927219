package org.fl4j.aggregation.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.TestClient;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Server optimizers in a federation of quadratics, f_k(w) = |w - c_k|^2 / 2 with corners c_k = (k, -k, k / 2). */
class OptimizerResumeTest {

    private static final ParameterLayout LAYOUT = Fixtures.layoutWithStatistics(DataType.FLOAT, 1, 1, 1);
    private static final LearningRateSchedule FALLING =
            LearningRateSchedule.constant(0.1).decayedBy(0.5, 2);

    static Stream<ServerOptimizer> all() {
        return Stream.of(
                ServerOptimizer.plain(),
                FedAvgM.withLearningRates(FALLING),
                FedAvgM.withLearningRates(FALLING).withMomentum(0),
                FedAdagrad.withLearningRates(FALLING),
                FedAdam.withLearningRates(FALLING),
                FedYogi.withLearningRates(FALLING));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aResumedRunEqualsAnUninterruptedOne(ServerOptimizer optimizer) {
        ServerState start = ServerState.initial(Steps.randomWeights(LAYOUT, 1), 7);
        ServerState six = run(optimizer, start, 6).state();
        ServerState three = run(optimizer, start, 3).state();
        ServerState resumed =
                run(optimizer, ServerState.fromBytes(three.toBytes()), 3).state();

        assertEquals(six, resumed);
        assertNotEquals(three.weights(), six.weights());
    }

    /** Rates 1, 2 and 3 by round, an aggregate of 1 in all but round 2, which no client survives: 1 + 3. */
    @Test
    void abandonedRoundsCountForTheSchedule() {
        ServerState start = ServerState.initial(Steps.weights(LAYOUT, 0, 0, 0), 7);
        FedAvgM sgd = FedAvgM.withLearningRates(round -> round).withMomentum(0);
        RoundResult second = run(sgd, start, 2, failingIn(2));
        RoundResult third = run(sgd, second.state(), 1, failingIn(2));

        assertInstanceOf(RoundResult.Abandoned.class, second);
        assertEquals(Steps.weights(LAYOUT, 4, 2, 4), third.state().weights());
    }

    /** In FLOAT a step of 1e39 is infinite: the server drops the round with what the optimizer would remember of it. */
    @Test
    void aStepTooLargeIsAbandonedAndLeavesNoState() {
        ServerState start = ServerState.initial(Steps.weights(LAYOUT, 0, 0, 0), 7);
        RoundResult result = run(FedAvgM.withLearningRate(1e39), start, 1, failingIn(0));

        assertEquals(
                "round 1: the step would leave NaN or infinity in the global weights; is the server's step too large?",
                assertInstanceOf(RoundResult.Abandoned.class, result).reason());
        assertEquals(ComponentState.EMPTY, result.state().optimizer());
        assertEquals(start.weights(), result.state().weights());
    }

    private static RoundResult run(ServerOptimizer optimizer, ServerState from, int rounds) {
        return run(optimizer, from, rounds, OptimizerResumeTest::quadratic);
    }

    private static RoundResult run(
            ServerOptimizer optimizer,
            ServerState from,
            int rounds,
            BiFunction<ClientId, TrainingTask, ClientUpdate> training) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .optimizer(optimizer)
                        .clients(ClientProvider.of(ClientId.numbered("", 9), id -> new TestClient(id, training)))
                        .selector(ClientSelector.uniform(4))
                        .localTraining(LocalTraining.steps(1).withLearningRate(0.3))
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds);
        }
    }

    /** One gradient step towards its corner. */
    private static ClientUpdate quadratic(ClientId id, TrainingTask task) {
        double k = Double.parseDouble(id.value());
        double rate = task.localTraining().learningRate();
        ModelWeights w = task.global();
        ModelDelta delta =
                ModelDelta.of(LAYOUT, rate * (k - w.get(0)), rate * (-k - w.get(1)), rate * (k / 2 - w.get(2)));
        return ClientUpdate.of(id, task, delta, 1 + (long) k);
    }

    /** Moves every coordinate by 1, but fails in one round. */
    private static BiFunction<ClientId, TrainingTask, ClientUpdate> failingIn(int round) {
        return (id, task) -> {
            if (task.round() == round) {
                throw new IllegalStateException("out of memory");
            }
            return ClientUpdate.of(id, task, ModelDelta.of(LAYOUT, 1, 1, 1), 1);
        };
    }
}
