package org.fl4j.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.Delivery;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.RemoteMemoryForms;
import org.fl4j.client.TaskStream;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.compression.CompressedWeights;
import org.fl4j.compression.Uplink;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.NumericFingerprint;
import org.fl4j.remote.RemoteForms;
import org.fl4j.server.BlockForms;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.GoldenFiles;
import org.fl4j.testkit.GoldenFiles.Form;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** The binary forms of fl-core; in this package because the files of the directory store are written here. */
class CoreGoldenTest {

    private static final ClientId CLINIC = new ClientId("clinic é");

    private static final ParameterLayout FLOATS = new ParameterLayout(
            DataType.FLOAT,
            List.of(
                    new ParameterSpec(
                            "W",
                            List.of(2L, 1L),
                            ParameterSpec.ElementOrder.COLUMN_MAJOR,
                            ParameterSpec.Role.TRAINABLE),
                    ParameterSpec.statistic("mean", 1)));
    private static final ParameterLayout DOUBLES =
            new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("v", 2)));

    private static final ModelWeights WEIGHTS = ModelWeights.copyOf(FLOATS, new float[] {1, -0f, Float.MIN_VALUE});
    private static final ModelWeights FP64 = ModelWeights.copyOf(DOUBLES, new double[] {0.1, -2});
    private static final ModelDelta DELTA = ModelDelta.of(FLOATS, 1, 2, 3);
    private static final Map<String, ModelDelta> VECTORS =
            Map.of("prior", ModelDelta.of(DOUBLES, 0.25, -0.5), "control", ModelDelta.of(FLOATS, 4, 5, 6));
    private static final ObjectiveSpec OBJECTIVE =
            new ObjectiveSpec("elastic", new TreeMap<>(Map.of("l2", 0.5, "l1", 0.25)));

    private static final TrainingTask TASK = new TrainingTask(
            7,
            2,
            0x70C3_0000_0000_70C3L,
            WEIGHTS,
            LocalTraining.steps(5).withBatchSize(32).withLearningRate(0.125).withSmallestBatch(3),
            OBJECTIVE,
            PersonalTraining.ditto(0.75),
            Uplink.withErrorFeedback(Codec.topK(0.25)),
            VECTORS,
            0x5EED_0000_0000_5EEDL,
            new Delivery(
                    Delivery.Held.FROZEN,
                    OptionalLong.of(0x70C3_0000_0000_70C2L),
                    Optional.of(FP64),
                    Optional.empty()));
    private static final TrainingTask PLAIN_TASK = new TrainingTask(
            8, FP64, LocalTraining.epochs(2).withLearningRate(0.5), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), -1);

    private static final ComponentState EVERY_TYPE = ComponentState.of("optimizer", 3)
            .with("long", 1L << 40)
            .with("double", 0.5)
            .with("text", "é")
            .with("doubles", new double[] {1, 2})
            .with("floats", new float[] {3, 4})
            .with("bytes", new byte[] {5, 6});

    @TempDir
    static Path folder;

    /** Two classes, every statistic of classes, counts of one byte and of several. */
    private static Evaluation evaluation() {
        Evaluation.Tally tally = new Evaluation.Tally(
                2,
                2,
                StatisticsSpec.of(
                                StatisticsSpec.Kind.CONFUSION,
                                StatisticsSpec.Kind.SCORES,
                                StatisticsSpec.Kind.CALIBRATION)
                        .and(StatisticsSpec.top(1)));
        for (int i = 0; i < 300; i++) {
            tally.add(i % 2, new float[] {0.75f, 0.25f}, 0);
        }
        tally.add(1, new float[] {0, 1}, 0);
        return tally.evaluation();
    }

    private static Evaluation residuals() {
        Evaluation.Tally tally = new Evaluation.Tally(0, 2, StatisticsSpec.of(StatisticsSpec.Kind.RESIDUALS));
        tally.addResiduals(new float[] {1, 2}, new float[] {0.1f, 4}, 0);
        tally.addLoss(0.1, 3);
        return tally.evaluation();
    }

    @TestFactory
    Stream<DynamicTest> binaryForms() throws IOException {
        List<Form<?>> forms = new ArrayList<>(BlockForms.of(
                encodingContext("every-client", new SamplingScheme.EveryClient(), Optional.empty())
                        .example(),
                PLAIN_TASK));
        forms.addAll(RemoteForms.all());
        forms.addAll(RemoteMemoryForms.of(TASK, folder.resolve("memory")));
        forms.addAll(List.of(
                new Form<>(
                        "model-weights",
                        "ModelWeights.KIND",
                        WEIGHTS,
                        weights -> written(weights::save),
                        bytes -> ModelWeights.load(read(bytes))),
                new Form<>(
                        "model-weights-fp64",
                        "ModelWeights.KIND",
                        FP64,
                        weights -> written(weights::save),
                        bytes -> ModelWeights.load(read(bytes))),
                GoldenFiles.ofDigest("model-weights-fingerprint", "FlatParameters.kind", WEIGHTS.fingerprint()),
                GoldenFiles.ofDigest("model-delta-fingerprint", "FlatParameters.kind", DELTA.fingerprint()),
                new Form<>("training-task", "TrainingTask.KIND", TASK, TrainingTask::toBytes, TrainingTask::fromBytes),
                new Form<>(
                        "training-task-plain",
                        "TrainingTask.KIND",
                        PLAIN_TASK,
                        TrainingTask::toBytes,
                        TrainingTask::fromBytes),
                GoldenFiles.ofDigest(
                        "training-task-fingerprint", "TrainingTask.training-task-fingerprint", TASK.fingerprint()),
                new Form<>(
                        "client-update",
                        "ClientUpdate.KIND",
                        new ClientUpdate(
                                CLINIC,
                                7,
                                0x70C3_0000_0000_70C3L,
                                DELTA,
                                1L << 40,
                                VECTORS,
                                Map.of(ClientUpdate.LOSS, 0.5, ClientUpdate.STEPS, 20.0),
                                OBJECTIVE),
                        ClientUpdate::toBytes,
                        ClientUpdate::fromBytes),
                new Form<>(
                        "evaluation-task",
                        "EvaluationTask.KIND",
                        new EvaluationTask(
                                7,
                                WEIGHTS,
                                new EvaluationTask.Evaluated(true, Optional.of(LocalTraining.epochs(3)), 0x5EED),
                                TASK.delivery(),
                                StatisticsSpec.forMetrics(Metric.ROC_AUC, Metric.topAccuracy(3))),
                        EvaluationTask::toBytes,
                        EvaluationTask::fromBytes),
                new Form<>(
                        "numeric-fingerprint",
                        "NumericFingerprint.KIND",
                        new NumericFingerprint("OPENBLAS 0.3 for the core ZEN", 2, 4, "0123456789abcdef"),
                        NumericFingerprint::toBytes,
                        NumericFingerprint::fromBytes),
                new Form<>("evaluation", "Evaluation.KIND", evaluation(), Evaluation::toBytes, Evaluation::fromBytes),
                new Form<>(
                        "evaluation-of-targets",
                        "Evaluation.KIND",
                        residuals(),
                        Evaluation::toBytes,
                        Evaluation::fromBytes),
                new Form<>(
                        "server-state",
                        "ServerState.KIND",
                        new ServerState(
                                12,
                                2,
                                WEIGHTS,
                                EVERY_TYPE,
                                ComponentState.of("aggregator", 1).with("a", 1),
                                ComponentState.of("selector", 1).with("s", 2),
                                ComponentState.of("ledger", 1).with("l", 3),
                                ComponentState.of("downlink", 1).with("d", 4),
                                BlockForms.progress(ServerState.initial(WEIGHTS, 5)),
                                Duration.ofSeconds(3600, 5),
                                underWay(),
                                0x5EED_0000_0000_5EEDL,
                                drawnRun()),
                        ServerState::toBytes,
                        ServerState::fromBytes),
                new Form<>(
                        "run-id",
                        "RunId.run-start",
                        RunId.of("the weights", 7),
                        id -> BinaryWriter.toBytes("run-id", 1, id::writeTo),
                        bytes -> BinaryReader.fromBytes(bytes, "run-id", 1, RunId::readFrom)),
                encodingContext("every-client", new SamplingScheme.EveryClient(), Optional.empty()),
                encodingContext("fixed-size", new SamplingScheme.FixedSize(30), Optional.empty()),
                encodingContext(
                        "poisson",
                        new SamplingScheme.Poisson(0.25, SamplingScheme.Source.CRYPTOGRAPHIC),
                        Optional.of(ComponentState.of("rule", 2).with("clip", 0.5))),
                encodingContext(
                        "poisson-seeded",
                        new SamplingScheme.Poisson(0.25, SamplingScheme.Source.SEEDED),
                        Optional.empty()),
                encodingContext("separated", new SamplingScheme.Separated(30), Optional.empty()),
                encodingContext("other", new SamplingScheme.Other("round-robin of 30"), Optional.empty()),
                GoldenFiles.ofState("RoundRobinSelector.KIND", roundRobin()),
                GoldenFiles.ofState("PowerOfChoiceSelector.KIND", powerOfChoice()),
                GoldenFiles.ofState("QuarantineSelector.KIND", quarantine()),
                GoldenFiles.ofState("ClientMemory.KIND", memory()),
                GoldenFiles.ofState(
                        "Delivery.KIND", Delivery.Accepted.of(TASK).asMemory().state("accepted")),
                GoldenFiles.ofState("ServerState.PROGRESS", BlockForms.progress(ServerState.initial(WEIGHTS, 5))),
                GoldenFiles.ofState(
                        "Progress.KIND",
                        BlockForms.progress(ServerState.initial(WEIGHTS, 5)).state("validation")),
                GoldenFiles.ofState(
                        "TimeBudget.KIND",
                        BlockForms.progress(ServerState.initial(WEIGHTS, 5)).state("time-spent")),
                GoldenFiles.ofState("Broadcast.KIND", BlockForms.downlink(ServerState.initial(WEIGHTS, 5))),
                new Form<>(
                        "compressed-delta",
                        "CompressedWeights.KIND",
                        CompressedWeights.toHeld(
                                List.of(CompressedWeights.encoded(CompressedDelta.of(Codec.fp16(), DELTA, 0x5EED)))),
                        sent -> BinaryWriter.toBytes("compressed-weights", 1, sent::writeTo),
                        bytes -> {
                            CompressedWeights sent =
                                    BinaryReader.fromBytes(bytes, "compressed-weights", 1, CompressedWeights::readFrom);
                            sent.addedTo(WEIGHTS);
                            return sent;
                        }),
                GoldenFiles.ofState("LocalRound.WEIGHTS", memory().state("own-model")),
                new Form<>(
                        "client-state",
                        "StateFiles.KIND",
                        EVERY_TYPE,
                        state -> written(files().stage(CLINIC, 7, state, drawnRun())),
                        CoreGoldenTest::clientState),
                new Form<>(
                        "client-state-history",
                        "StateFiles.HISTORY",
                        new StateRounds.History(drawnRun(), 5, 7),
                        history -> {
                            files().save(history);
                            return written(historyFile());
                        },
                        CoreGoldenTest::history)));
        return GoldenFiles.tests(forms);
    }

    private static Form<RoundContext.PublicPart> encodingContext(
            String scheme, SamplingScheme sampling, Optional<ComponentState> published) {
        return new Form<>(
                "encoding-context-" + scheme,
                "RoundContext.KIND",
                new RoundContext.PublicPart(9, 5, DOUBLES, 1L << 40, sampling, 0x5EED_0000_0000_5EEDL, published),
                RoundContext.PublicPart::toBytes,
                RoundContext.PublicPart::fromBytes);
    }

    /** Its random part as it would be read: 16 bytes, 0 to 15. */
    private static RunId drawnRun() {
        byte[] random = new byte[16];
        for (byte i = 0; i < random.length; i++) {
            random[i] = i;
        }
        byte[] form = BinaryWriter.toBytes("run-id", 1, out -> {
            out.writeString("0123456789abcdef".repeat(4));
            out.writeBytes(random);
        });
        return BinaryReader.fromBytes(form, "run-id", 1, RunId::readFrom);
    }

    private static TasksUnderWay underWay() {
        return new TasksUnderWay(
                List.of(
                        new TaskStream.Task(3, new ClientId("client-1"), 11, Duration.ofSeconds(3700, 1)),
                        new TaskStream.Task(5, new ClientId("client-7"), 12)),
                new TreeMap<>(Map.of(11, WEIGHTS, 12, WEIGHTS)),
                6);
    }

    /** A model of its own, and what top-1 of two coordinates lost. */
    private static ComponentState memory() {
        try (ClientStateStore store = ClientStateStore.inMemory()) {
            ClientStateStore.Claim claim = store.claim(drawnRun(), 0);
            long token = store.begin(1);
            ClientProvider.local(
                            List.of(CLINIC), id -> new double[][] {{1, 2}}, ModelPool.of(() -> new QuadraticModel(2)))
                    .rememberingIn(store)
                    .client(CLINIC)
                    .train(new TrainingTask(
                            1,
                            0,
                            token,
                            QuadraticModel.weightsOf(4, 8),
                            LocalTraining.steps(1).withLearningRate(0.5),
                            ObjectiveSpec.EMPIRICAL_RISK,
                            PersonalTraining.ditto(0.5),
                            Uplink.withErrorFeedback(Codec.topK(0.5)),
                            Map.of(),
                            1,
                            Delivery.NONE));
            store.commit(1, Set.of(CLINIC));
            claim.close();
            return store.read(CLINIC);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ComponentState roundRobin() {
        List<ClientId> population = ClientId.numbered("c", 5);
        return ClientSelector.roundRobin(3)
                .select(new ClientSelector.Context(6, population, 0, ComponentState.EMPTY, 1))
                .state();
    }

    /** One client reports a loss and one that it made no step. */
    private static ComponentState powerOfChoice() {
        return ClientSelector.powerOfChoice(1, 2)
                .observe(
                        ComponentState.EMPTY,
                        List.of(
                                completed("ann", Map.of(ClientUpdate.LOSS, 0.5)),
                                completed("bob", Map.of(ClientUpdate.STEPS, 0.0))));
    }

    /** Around one that remembers where it is; of two clients one failed once and one twice. */
    private static ComponentState quarantine() {
        ClientSelector.Informed selector = ClientSelector.roundRobin(2).quarantining(2, 5);
        List<ClientId> clients = List.of(new ClientId("ann"), new ClientId("bob"), new ClientId("eve"));
        ComponentState state = ComponentState.EMPTY;
        for (int round = 1; round <= 2; round++) {
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
            outcomes.add(new ClientOutcome.Failed<>(new ClientId("bob"), new IllegalStateException()));
            if (round == 2) {
                outcomes.add(new ClientOutcome.Failed<>(new ClientId("eve"), new IllegalStateException()));
            }
            state = selector.observe(
                    selector.select(new ClientSelector.Context(round, clients, 0, state, 0))
                            .state(),
                    outcomes);
        }
        return state;
    }

    private static ClientOutcome<ClientUpdate.Receipt> completed(String client, Map<String, Double> scalars) {
        return new ClientOutcome.Completed<>(
                new ClientId(client), new ClientUpdate.Receipt(OptionalLong.of(3), scalars));
    }

    private static ComponentState clientState(byte[] bytes) {
        try {
            StateFiles files = files();
            files.commit(read(bytes), StateFiles.key(CLINIC), 7, new HashSet<>());
            return files.read(CLINIC, 7, drawnRun());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StateRounds.History history(byte[] bytes) {
        try {
            Files.write(historyFile(), bytes);
            return files().history().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StateFiles files() {
        try {
            StateFiles files = new StateFiles(folder);
            files.tidy();
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path historyFile() {
        return folder.resolve("states").resolve("history.fl4j");
    }

    /** The bytes of a file. */
    private static byte[] written(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] written(Consumer<Path> save) {
        Path file = folder.resolve("saved");
        save.accept(file);
        return written(file);
    }

    /** A file of these bytes. */
    private static Path read(byte[] bytes) {
        try {
            return Files.write(folder.resolve("read"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
