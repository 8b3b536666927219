package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDifferentialPrivacyTest {

    private static final ClientId C0 = new ClientId("c0");

    @TempDir
    private Path folder;

    /** Norm 5 clipped to 2, and noise of 2 * 2 * 3 = 12: 40,000 coordinates, 7 standard deviations, a false alarm in 4e11. */
    @Test
    void clipsAndAddsNoiseForTwiceTheClip() throws Exception {
        int d = 40_000;
        double[] values = new double[d];
        values[0] = 3e6;
        values[1] = 4e6;
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(2).withNoise(3);
        ClientUpdate update = train(noisy, ModelDelta.of(Fixtures.layout(d), values));

        double variance = 0;
        for (int i = 2; i < d; i++) {
            variance += update.delta().get(i) * update.delta().get(i) / d;
        }
        assertEquals(1, variance / 144, 7 * Math.sqrt(2.0 / d));
        assertTrue(Math.abs(update.delta().get(0)) < 2 + 12 * 7, "clipped from 3e6");
    }

    @Test
    void sendsTheClippedDeltaAndNothingElse() throws Exception {
        LocalDifferentialPrivacy silent =
                LocalDifferentialPrivacy.clippedTo(1).drawingFrom((distribution, n) -> new long[n]);
        ClientUpdate update = train(silent, ModelDelta.of(Fixtures.layout(2), 3, 4));

        assertEquals(0.6, update.delta().get(0), 0x1p-20);
        assertEquals(0.8, update.delta().get(1), 0x1p-20);
        assertEquals(1, update.numExamples());
        assertEquals(Map.of(), update.scalars());
        assertEquals(Map.of(), update.vectors());
        assertEquals(
                "client 'c0' reports no evaluation: it would leave without noise under local differential privacy",
                assertThrows(
                                IllegalStateException.class,
                                () -> client(silent, ModelDelta.zero(Fixtures.layout(2)))
                                        .evaluate(new EvaluationTask(1, Releases.start(2))))
                        .getMessage());
    }

    @Test
    void chargesEveryRoundToItsClient() {
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1).withNoise(2);
        RoundResult end = run(noisy, 3);

        assertInstanceOf(RoundResult.Advanced.class, end);
        PrivacyStatement statement = noisy.statement(C0, 1e-5);
        assertEquals(3, statement.rounds());
        double exact = AnalyticGaussian.ofSigma(2 / Math.sqrt(3)).epsilon(1e-5);
        assertTrue(
                statement.againstMembers().epsilon().contains(exact),
                () -> statement.againstMembers().epsilon() + " and " + exact);
        assertEquals(0, noisy.statement(new ClientId("nobody"), 1e-5).rounds());
        assertEquals(PrivacyStatement.PrivacyModel.LOCAL, statement.model());
    }

    @Test
    void rejectsAClientWhoseBudgetIsSpent() {
        double two = AnalyticGaussian.ofSigma(Math.sqrt(2)).epsilon(1e-5);
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1)
                .withNoise(2)
                .within(PrivacyTarget.pure(two * 1.01).withPrivacyDelta(1e-5))
                .newJournal(folder.resolve("journal"));
        RoundResult.Abandoned third = assertInstanceOf(RoundResult.Abandoned.class, run(noisy, 3));
        ClientOutcome.Failed<?> failed = assertInstanceOf(
                ClientOutcome.Failed.class, third.report().outcomes().get(0));

        assertInstanceOf(LocalDifferentialPrivacy.BudgetSpentException.class, failed.cause());
        assertTrue(
                failed.cause().getMessage().startsWith("client 'c0', round 3: taking part would bring its epsilon to "),
                failed.cause().getMessage());
        assertEquals(2, noisy.statement(C0, 1e-5).rounds());
        LocalDifferentialPrivacy restarted = LocalDifferentialPrivacy.clippedTo(1)
                .withNoise(2)
                .within(PrivacyTarget.pure(two * 1.01).withPrivacyDelta(1e-5))
                .journal(folder.resolve("journal"));
        assertInstanceOf(RoundResult.Abandoned.class, run(restarted, 1), "the journal knows");
        assertEquals(2, restarted.statement(C0, 1e-5).rounds());
        assertTrue(restarted.statement(C0, 1e-5).journaled());
    }

    @Test
    void chargesTheJournalBeforeItDrawsNoise() throws Exception {
        Path file = folder.resolve("journal");
        List<Long> onDisk = new ArrayList<>();
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1)
                .newJournal(file)
                .drawingFrom((distribution, n) -> {
                    onDisk.add(new JournalFile(file).read().content().spent().rounds());
                    return new long[n];
                });
        train(noisy, ModelDelta.zero(Fixtures.layout(2)));
        train(noisy, ModelDelta.zero(Fixtures.layout(2)));
        Files.delete(file);
        assertThrows(GaussianMechanism.JournalException.class, () -> train(noisy, ModelDelta.zero(Fixtures.layout(2))));

        assertEquals(List.of(1L, 2L), onDisk);
    }

    /** The fault: epsilon 0, journaled, and a new file with a new budget. */
    @Test
    void rejectsAMissingJournalWithoutCreatingIt() throws Exception {
        Path file = folder.resolve("journal");
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1).newJournal(file);
        train(noisy, ModelDelta.zero(Fixtures.layout(2)));
        Path away = Files.move(file, folder.resolve("away"));
        for (LocalDifferentialPrivacy of :
                List.of(noisy, LocalDifferentialPrivacy.clippedTo(1).journal(file))) {
            assertThrows(GaussianMechanism.JournalException.class, () -> of.statement(C0, 1e-5));
            assertThrows(
                    GaussianMechanism.JournalException.class, () -> train(of, ModelDelta.zero(Fixtures.layout(2))));
        }
        assertFalse(Files.exists(file));
        Files.move(away, file);
        train(noisy, ModelDelta.zero(Fixtures.layout(2)));
        LocalDifferentialPrivacy second = LocalDifferentialPrivacy.clippedTo(1).journal(file);
        train(second, ModelDelta.zero(Fixtures.layout(2)));
        assertThrows(
                GaussianMechanism.JournalException.class,
                () -> train(noisy, ModelDelta.zero(Fixtures.layout(2))),
                "another process continues it");
        assertEquals(3, second.statement(C0, 1e-5).rounds());
        assertEquals(0, second.statement(new ClientId("nobody"), 1e-5).rounds());
        assertThrows(
                GaussianMechanism.JournalException.class,
                () -> LocalDifferentialPrivacy.clippedTo(1).newJournal(file));
    }

    @Test
    void rejectsTheJournalOfARun() {
        Path file = folder.resolve("journal");
        new JournalFile(file).create(JournalRecord.Head.ofRun("0", "a run", LedgerState.NONE, true));
        String message =
                "the privacy journal " + file + " is of a run, not of clients under local differential privacy";
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1).journal(file);

        assertEquals(
                message,
                assertThrows(GaussianMechanism.JournalException.class, () -> noisy.statement(C0, 1e-5))
                        .getMessage());
        assertEquals(
                message,
                assertThrows(
                                GaussianMechanism.JournalException.class,
                                () -> train(noisy, ModelDelta.zero(Fixtures.layout(2))))
                        .getMessage());
    }

    @Test
    void rejectsAnObjectiveThatSendsVectors() {
        Client scaffold = LocalDifferentialPrivacy.clippedTo(1).around(new Client() {
            @Override
            public ClientId id() {
                return C0;
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                ModelDelta zero = ModelDelta.zero(task.global().layout());
                return new ClientUpdate(
                        C0, task.round(), task.token(), zero, 1, Map.of("control", zero), Map.of(), task.objective());
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return Evaluation.NONE;
            }
        });

        assertEquals(
                "client 'c0', round 1: the objective empirical-risk sends [control], which would leave without noise under"
                        + " local differential privacy",
                assertThrows(IllegalStateException.class, () -> scaffold.train(task()))
                        .getMessage());
    }

    /** Whatever name the inner client puts on its update. */
    @Test
    void chargesTheWrappedClientWhateverItsUpdateSays() throws Exception {
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1);
        Client other = Releases.clients(2, ModelDelta.zero(Fixtures.layout(2))).client(new ClientId("c1"));
        ClientUpdate update = noisy.around(new Client() {
                    @Override
                    public ClientId id() {
                        return C0;
                    }

                    @Override
                    public ClientUpdate train(TrainingTask task) throws Exception {
                        return other.train(task);
                    }

                    @Override
                    public Evaluation evaluate(EvaluationTask task) {
                        return Evaluation.NONE;
                    }
                })
                .train(task());

        assertEquals(C0, update.client());
        assertEquals(1, noisy.statement(C0, 1e-5).rounds());
        assertEquals(0, noisy.statement(other.id(), 1e-5).rounds());
    }

    /** A refusal would tell of the data what no noise has hidden. */
    @Test
    void sendsNoiseInPlaceOfANonFiniteDelta() throws Exception {
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1);
        ClientUpdate update = train(noisy, ModelDelta.of(Fixtures.layout(2), 1, Double.NaN));

        assertTrue(update.delta().firstNonFinite().isEmpty());
        assertNotEquals(ModelDelta.zero(Fixtures.layout(2)), update.delta());
        assertEquals(1, noisy.statement(C0, 1e-5).rounds());
    }

    @Test
    void rejectsParametersOutOfRange() {
        assertEquals(
                "a budget's privacyDelta must be > 0 and < 1, but was " + PrivacyTarget.pure(1)
                        + "; with Gaussian noise no epsilon is finite at delta 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> LocalDifferentialPrivacy.clippedTo(1).within(PrivacyTarget.pure(1)))
                        .getMessage());
        assertEquals(
                "clip norm must be in [2^-400, 2^400], but was 0.0",
                assertThrows(IllegalArgumentException.class, () -> LocalDifferentialPrivacy.clippedTo(0))
                        .getMessage());
        assertEquals(
                "noiseMultiplier must be > 0 and < infinity, but was 0.0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> LocalDifferentialPrivacy.clippedTo(1).withNoise(0))
                        .getMessage());
    }

    private static ClientUpdate train(LocalDifferentialPrivacy noisy, ModelDelta delta) throws Exception {
        return client(noisy, delta).train(task(delta.layout().length()));
    }

    private static Client client(LocalDifferentialPrivacy noisy, ModelDelta delta) {
        return noisy.around(Releases.clients(1, delta).client(C0));
    }

    private static TrainingTask task() {
        return task(2);
    }

    private static TrainingTask task(int d) {
        return new TrainingTask(
                1, Releases.start(d), LocalTraining.epochs(1), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1);
    }

    /** Each training is charged, also of tasks that are trained ahead, and again after a resume. */
    @Test
    void asynchronousTasksAreChargedAsOftenAsTheyTrain() {
        Path file = folder.resolve("journal");
        Map<ClientId, Integer> trained = new ConcurrentHashMap<>();
        LocalDifferentialPrivacy first = LocalDifferentialPrivacy.clippedTo(1).newJournal(file);
        ServerState third = asynchronous(first, trained, ServerState.initial(Releases.start(2), 1));
        LocalDifferentialPrivacy resumed = LocalDifferentialPrivacy.clippedTo(1).journal(file);
        ServerState sixth = asynchronous(resumed, trained, ServerState.fromBytes(third.toBytes()));

        assertEquals(6, sixth.round());
        assertFalse(third.underWay().tasks().isEmpty());
        trained.forEach((client, times) ->
                assertEquals(times.longValue(), resumed.statement(client, 1e-5).rounds(), client.value()));
        assertTrue(trained.values().stream().mapToInt(Integer::intValue).sum() > 6 * 2, trained::toString);
    }

    /** The codec encodes what has been noised, so the server sees a point of the codec, far from the delta. */
    @Test
    void aCodecIsAfterTheNoise() {
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1).withNoise(4);
        List<ClientId> clients = ClientId.numbered("c", 3);
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(1));
        List<ClientUpdate> sent = new ArrayList<>();
        try (FederatedServer server = FederatedServer.with((DirectAggregator) context -> () -> {
                    Aggregation mean = new TestMean().begin(context).aggregation();
                    return new Aggregation() {
                        @Override
                        public void add(int position, ClientUpdate update) {
                            sent.add(update);
                            mean.add(position, update);
                        }

                        @Override
                        public Result finish() {
                            return mean.finish();
                        }
                    };
                })
                .uplink(Codec.sign())
                .clients(ClientProvider.local(clients, id -> new double[][] {{0.5}}, models)
                        .decorated(noisy::around))
                .localTraining(LocalTraining.steps(1))
                .build()) {
            server.run(ServerState.initial(models.initialWeights(), 1), 1);
        }
        assertEquals(3, sent.size());
        for (ClientUpdate update : sent) {
            assertEquals(Codec.sign().spec(), update.codec());
            assertEquals(update, ClientUpdate.fromBytes(update.toBytes()));
            // The delta is 0.05; a false alarm in a million.
            assertTrue(Math.abs(Math.abs(update.delta().get(0)) - 0.05) > 1e-6, "no noise");
        }
    }

    private record Counted(Client itself, Map<ClientId, Integer> trained) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            trained.merge(id(), 1, Integer::sum);
            return itself.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }

    private static ServerState asynchronous(
            LocalDifferentialPrivacy noisy, Map<ClientId, Integer> trained, ServerState from) {
        ClientProvider plain = Releases.clients(4, ModelDelta.of(Fixtures.layout(2), 0.25, -0.5));
        Latency latency = Latency.pareto(Duration.ofHours(1), 1);
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(new TestMean())
                        .clients(ClientProvider.of(
                                plain.ids(), id -> noisy.around(new Counted(plain.client(id), trained))))
                        .localTraining(LocalTraining.epochs(1))
                        .selector(ClientSelector.all())
                        .asynchronous(AsynchronousRounds.fedBuff(4, 2))
                        .runner(VirtualRunner.over(runner, latency))
                        .build()) {
            return server.run(from, 3).state();
        }
    }

    private static RoundResult run(LocalDifferentialPrivacy noisy, int rounds) {
        ClientProvider plain = Releases.clients(2, ModelDelta.of(Fixtures.layout(2), 0.25, -0.5));
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(new TestMean())
                        .clients(ClientProvider.of(plain.ids(), id -> noisy.around(plain.client(id))))
                        .localTraining(LocalTraining.epochs(1))
                        .runner(runner)
                        .build()) {
            return server.run(ServerState.initial(Releases.start(2), 1), rounds);
        }
    }
}
