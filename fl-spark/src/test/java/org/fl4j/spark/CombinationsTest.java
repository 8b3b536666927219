package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.compression.Uplink;
import org.fl4j.data.Examples;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.PersonalModel;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.models.DenseModel;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.OpenServerBuilder;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes together with executors as in one JVM, bit for bit: memory, codecs, personal models, simulated time. */
@Timeout(120)
class CombinationsTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    private static final int CLIENTS = 20;

    @TempDir
    Path folder;

    /** Of the server; in blocks and client by client. */
    private interface Configured extends UnaryOperator<ServerBuilder> {}

    private static Stream<Arguments> configurations() {
        Configured plain = builder -> builder;
        Configured feedback =
                builder -> ((OpenServerBuilder) builder).uplinkBy(Uplink.withErrorFeedback(Codec.topK(0.1)));
        Configured random = builder -> ((OpenServerBuilder) builder).uplinkBy(Uplink.of(Codec.eden(2)));
        Configured fp16 = builder -> builder.downlink(Downlink.fp16());
        Configured deltas = builder -> builder.downlink(Downlink.deltas(Codec.eden(2)));
        Configured abandoned = builder -> builder.policy(RoundPolicy.DEFAULT
                .withMinUpdates(CLIENTS - 2)
                .withRetries(1, Duration.ZERO)
                .withMaxAbandoned(3));
        return Stream.of(
                        Arguments.of("LOCAL parameters", plain),
                        Arguments.of("error feedback", feedback),
                        Arguments.of("eden", random),
                        Arguments.of("fp16 down", fp16),
                        Arguments.of("deltas down", deltas),
                        Arguments.of("attempts", abandoned))
                .flatMap(of -> Stream.<ExecutorSide<? extends DirectAggregator>>of(
                                FedAvg::byExamples, CoordinateMedian::of)
                        .map(rule -> Arguments.of(of.get()[0], of.get()[1], rule)));
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void sameAsHere(String name, UnaryOperator<ServerBuilder> how, ExecutorSide<? extends DirectAggregator> rule)
            throws Exception {
        Ended here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = run(rule, how, headed(), runner);
        }
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), rule, CombinationsTest::headed)) {
            assertEquals(here, run(rule, how, runner.clients(), runner));
        }
    }

    @Test
    void simulatedTime() throws Exception {
        Latency latency = Latency.logNormal(Duration.ofSeconds(3), 1);
        UnaryOperator<ServerBuilder> how =
                builder -> builder.policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofSeconds(4)));
        Ended here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = run(FedAvg::byExamples, how, headed(), VirtualRunner.over(runner, latency));
        }
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, CombinationsTest::headed)) {
            assertEquals(here, run(FedAvg::byExamples, how, runner.clients(), VirtualRunner.over(runner, latency)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 33})
    void cohortsOfAnySize(int clients) throws Exception {
        ServerState here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = cohort(clients, Digits.clients(), runner);
        }
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, Digits::clients)) {
            assertEquals(here, cohort(clients, runner.clients(), runner));
        }
    }

    private static ServerState cohort(int clients, ClientProvider those, ClientRunner runner) {
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(those)
                .selector(ClientSelector.uniform(clients))
                .localTraining(Digits.TRAINING)
                .runner(runner)
                .build()) {
            return server.run(Digits.start(), 1).state();
        }
    }

    /** The store is the driver's, on disk; the run goes on in another runner, as after the driver's end. */
    @Test
    void aRunThatResumesHasTheSameBits() throws Exception {
        ServerState here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = resumed(folder.resolve("here"), clients -> headed().rememberingIn(clients), runner, 3);
        }
        ServerState first;
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), Scaffold::uniform, CombinationsTest::headed)) {
            first = resumed(folder.resolve("there"), store -> runner.clients().rememberingIn(store), runner, 2);
        }
        assertNotEquals(here, first);
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), Scaffold::uniform, CombinationsTest::headed)) {
            assertEquals(
                    here,
                    resumed(folder.resolve("there"), store -> runner.clients().rememberingIn(store), runner, 3));
        }
    }

    private interface InStore {
        ClientProvider clients(ClientStateStore store);
    }

    private static ServerState resumed(Path folder, InStore clients, ClientRunner runner, int until) {
        try (ClientStateStore store = ClientStateStore.inDirectory(folder.resolve("clients"));
                FederatedServer server = FederatedServer.with(Scaffold.uniform())
                        .clients(clients.clients(store))
                        .selector(ClientSelector.uniform(CLIENTS - 2))
                        .localTraining(Digits.TRAINING)
                        .runner(runner)
                        .checkpoints(CheckpointStore.in(folder.resolve("server")))
                        .build()) {
            return server.runUntil(until, start());
        }
    }

    private record Ended(ServerState state, List<Evaluation> global, List<Evaluation> own, List<Evaluation> tuned) {}

    private static Ended run(
            ExecutorSide<? extends DirectAggregator> rule,
            UnaryOperator<ServerBuilder> how,
            ClientProvider clients,
            ClientRunner runner)
            throws Exception {
        List<Evaluation> global = new ArrayList<>();
        List<Evaluation> own = new ArrayList<>();
        List<Evaluation> tuned = new ArrayList<>();
        ServerBuilder builder = how.apply(FederatedServer.with(rule.make())
                .clients(clients)
                .selector(ClientSelector.uniform(CLIENTS - 2))
                .localTraining(Digits.TRAINING)
                .runner(runner)
                .listeners(
                        FederatedEvaluation.every(1, clients, runner, (round, sum) -> global.add(sum))
                                .collecting(StatisticsSpec.top(3)),
                        FederatedEvaluation.every(1, clients, runner, (round, sum) -> own.add(sum))
                                .ofOwnModels(),
                        FederatedEvaluation.every(1, clients, runner, (round, sum) -> tuned.add(sum))
                                .fineTuned(LocalTraining.epochs(1)
                                        .withBatchSize(10)
                                        .withLearningRate(0.05))));
        ServerState end;
        try (FederatedServer server = builder.build()) {
            end = server.run(start(), 2).state();
        }
        assertEquals(2, end.round());
        assertEquals(2, own.size());
        return new Ended(end, global, own, tuned);
    }

    private static ServerState start() {
        return ServerState.initial(models().initialWeights(), 7);
    }

    private static ModelPool<PersonalModel<Examples>> models() {
        return ModelPool.of(() -> DenseModel.perceptron(784, 24, 10).withSeed(5).keeping("b1"));
    }

    private static ClientProvider headed() {
        return population().over(models()).decorated(Unsteady::new);
    }

    private static Population population() {
        StrokeDigits digits = StrokeDigits.of(4);
        return Population.generated(CLIENTS, writer -> digits.writer(writer, 20 + writer % 5));
    }

    /** One that fails in first attempts. */
    private record Unsteady(Client itself) implements Client {
        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (task.attempt() == 0 && id().value().equals("client-3")) {
                throw new IllegalStateException("not yet");
            }
            return itself.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }
}
