package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.QFedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.LocalClient;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the model whose gradients are {@code w - x_i}. */
class ExampleDifferentialPrivacyTest {

    private static final ClientId C0 = new ClientId("c0");
    private static final NoiseSource SILENT = (distribution, n) -> new long[n];

    @TempDir
    private Path folder;

    /** (3, 4) clipped to 1 is (.6, .8); with (.5, 0) that is (1.1, .8), by 4 at rate .5. */
    @Test
    void stepsAlongTheClippedSumByThePublicDivisor() throws Exception {
        ExampleDifferentialPrivacy silent =
                ExampleDifferentialPrivacy.clippedTo(1).weighing(50).drawingFrom(SILENT, () -> AesCtrBits.insecure(1));
        ClientUpdate update = train(silent, steps(1, 4, 0.5), point(-3, -4), point(-0.5, 0));

        assertEquals(-1.1 / 8, update.delta().get(0), 1e-7);
        assertEquals(-0.8 / 8, update.delta().get(1), 1e-7);
        assertEquals(50, update.numExamples());
        assertEquals(Map.of(), update.scalars());
        assertEquals(Map.of(), update.vectors());
    }

    /** A batch of none, nearly surely; 40,000 coordinates, 7 standard deviations, a false alarm in 4e11. */
    @Test
    void emptyBatchesReleaseNoiseOfTheRightSize() throws Exception {
        int d = 40_000;
        ExampleDifferentialPrivacy noisy =
                ExampleDifferentialPrivacy.clippedTo(2).withNoise(3).sampling(1e-12);
        ClientUpdate update = train(noisy, steps(5, 10, 0.1), new double[d]);
        double variance = 0;
        for (int i = 0; i < d; i++) {
            variance += update.delta().get(i) * update.delta().get(i) / d;
        }

        // Five steps of 0.1 / 10 along noise of 2 * 3, but for what each step pulls back from the last: nothing, as the
        // batch is empty.
        assertEquals(1, variance / (5 * 0.06 * 0.06), 7 * Math.sqrt(2.0 / d));
    }

    /** Rounding included: the two sums of a step, clipped by two different factors, are no farther apart than the noise allows for. */
    @Test
    void theNoiseIsScaledToWhatOneExampleCanMove() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int trial = 0; trial < 50; trial++) {
            int d = 1 + random.nextInt(300);
            double clip = Math.scalb(1 + random.nextDouble(), random.nextInt(40) - 20);
            double z = Math.scalb(1 + random.nextDouble(), random.nextInt(12) - 6);
            double[][] points = new double[150][d];
            for (double[] x : points) {
                Arrays.setAll(x, j -> 4 * clip * random.nextDouble());
            }
            List<Double> sigmas = new ArrayList<>();
            double[] with = sum(points, clip, z, sigmas);
            points[random.nextInt(150)][0] = Double.NaN;
            double[] without = sum(points, clip, z, sigmas);
            double squares = 0;
            for (int j = 0; j < d; j++) {
                squares += (with[j] - without[j]) * (with[j] - without[j]);
            }

            double sensitivity = sigmas.get(0) / z;
            assertTrue(Math.sqrt(squares) <= sensitivity * (1 + 1e-12), Math.sqrt(squares) + " and " + sensitivity);
            assertTrue(Math.sqrt(squares) >= 0.99 * clip, "every gradient is clipped, so one is worth the clip norm");
            assertTrue(sensitivity <= clip * 1.001, "and nothing is wasted");
        }
    }

    /** In units of the sum: one step of rate 1 by 1. */
    private static double[] sum(double[][] points, double clip, double z, List<Double> sigmas) throws Exception {
        ExampleDifferentialPrivacy silent = ExampleDifferentialPrivacy.clippedTo(clip)
                .withNoise(z)
                .drawingFrom(
                        (distribution, n) -> {
                            QuadraticModel model = new QuadraticModel(n);
                            sigmas.add(new ExampleSteps(
                                            model.beginExamples(points, steps(1, 1, 1), GradientCorrection.none(), 1),
                                            model.layout(),
                                            clip,
                                            z)
                                    .sigma());
                            return new long[n];
                        },
                        AesCtrBits::fresh);
        ClientUpdate update = train(silent, steps(1, 1, 1), points);
        double[] values = new double[points[0].length];
        Arrays.setAll(values, update.delta()::get);
        return values;
    }

    @Test
    void theSameSourcesGiveTheSameBits() throws Exception {
        double[][] points = {point(1, 2), point(-1, 0), point(3, 3)};
        ClientUpdate[] updates = new ClientUpdate[3];
        for (int i = 0; i < 3; i++) {
            int seed = i == 2 ? 8 : 7;
            updates[i] = train(
                    ExampleDifferentialPrivacy.clippedTo(1)
                            .sampling(0.5)
                            .drawingFrom(Releases.seeded(seed), () -> AesCtrBits.insecure(seed)),
                    steps(20, 2, 0.1),
                    points);
        }

        assertEquals(updates[0].delta(), updates[1].delta());
        assertFalse(updates[0].delta().equals(updates[2].delta()));
    }

    @Test
    void chargesEveryStepToItsClient() {
        ExampleDifferentialPrivacy hidden =
                ExampleDifferentialPrivacy.clippedTo(1).withNoise(2).sampling(0.02);
        RoundResult end = run(hidden, FedAvg.uniform(), steps(40, 8, 0.1), 3);

        assertInstanceOf(RoundResult.Advanced.class, end);
        PrivacyStatement statement = hidden.statement(C0, 1e-5);
        Composition expected =
                Composition.empty().plus(PrivacyEvent.unsampled(2).poisson(0.02), 120);
        assertEquals(120, statement.rounds());
        assertEquals(
                PrivacyLossAccountant.create().epsilon(expected, 1e-5),
                statement.againstMembers().epsilon());
        assertEquals(PrivacyStatement.PrivacyModel.EXAMPLE, statement.model());
        assertEquals(0, hidden.statement(new ClientId("nobody"), 1e-5).rounds());
        String text = statement.text();
        assertTrue(
                text.startsWith("against everybody: (epsilon, delta)-differential privacy with epsilon between "),
                text);
        assertTrue(text.contains("after 120 steps\nmodel: example\nunit: one example of the client"), text);
        assertTrue(text.contains("Poisson sampling with probability 0.02 from a cryptographic generator"), text);
        assertTrue(statement.json().contains("\"model\":\"example\",\"unit\":\"one example of the client"));
    }

    @Test
    void epochsAreStepsByTheProbabilityAlone() {
        ExampleDifferentialPrivacy hidden =
                ExampleDifferentialPrivacy.clippedTo(1).sampling(0.1);

        assertEquals(30, hidden.stepsIn(LocalTraining.epochs(3)));
        assertEquals(7, hidden.stepsIn(LocalTraining.steps(7)));
        assertEquals(2, ExampleDifferentialPrivacy.clippedTo(1).stepsIn(LocalTraining.epochs(2)));
    }

    @Test
    void aClientWhoseBudgetIsSpentSendsNothing() {
        Composition two = Composition.empty().plus(PrivacyEvent.unsampled(2).poisson(0.02), 80);
        double epsilon = PrivacyLossAccountant.create().epsilon(two, 1e-5).upper();
        Path file = folder.resolve("journal");
        ExampleDifferentialPrivacy hidden = budgeted(epsilon).newJournal(file);
        RoundResult.Abandoned third =
                assertInstanceOf(RoundResult.Abandoned.class, run(hidden, FedAvg.uniform(), steps(40, 8, 0.1), 3));
        ClientOutcome.Failed<?> failed = assertInstanceOf(
                ClientOutcome.Failed.class, third.report().outcomes().get(0));

        assertInstanceOf(LocalDifferentialPrivacy.BudgetSpentException.class, failed.cause());
        assertEquals(80, hidden.statement(C0, 1e-5).rounds());
        ExampleDifferentialPrivacy restarted = budgeted(epsilon).journal(file);
        assertInstanceOf(
                RoundResult.Abandoned.class,
                run(restarted, FedAvg.uniform(), steps(1, 8, 0.1), 1),
                "the journal knows");
        assertEquals(80, restarted.statement(C0, 1e-5).rounds());
        assertTrue(restarted.statement(C0, 1e-5).journaled());
    }

    private static ExampleDifferentialPrivacy budgeted(double epsilon) {
        return ExampleDifferentialPrivacy.clippedTo(1)
                .withNoise(2)
                .sampling(0.02)
                .within(PrivacyTarget.pure(epsilon).withPrivacyDelta(1e-5));
    }

    @Test
    void allStepsOfARoundAreOnDiskBeforeTheFirstIsTaken() throws Exception {
        Path file = folder.resolve("journal");
        List<Long> onDisk = new ArrayList<>();
        ExampleDifferentialPrivacy hidden = ExampleDifferentialPrivacy.clippedTo(1)
                .newJournal(file)
                .drawingFrom(
                        (distribution, n) -> {
                            onDisk.add(new JournalFile(file)
                                    .read()
                                    .content()
                                    .spent()
                                    .rounds());
                            return new long[n];
                        },
                        AesCtrBits::fresh);
        train(hidden, steps(19, 1, 0.1), point(1));

        assertEquals(Collections.nCopies(19, 19L), onDisk);
        assertEquals(
                "the privacy journal " + file
                        + " is of clients under example-level differential privacy, not of clients under local differential privacy",
                assertThrows(
                                GaussianMechanism.JournalException.class,
                                () -> LocalDifferentialPrivacy.clippedTo(1)
                                        .journal(file)
                                        .statement(C0, 1e-5))
                        .getMessage());
    }

    @Test
    void anExampleThatIsNotFiniteCountsZero() throws Exception {
        ExampleDifferentialPrivacy silent =
                ExampleDifferentialPrivacy.clippedTo(1).drawingFrom(SILENT, AesCtrBits::fresh);
        ClientUpdate update = train(silent, steps(1, 1, 1), point(1, Double.NaN), point(0, 0.5));

        assertEquals(0, update.delta().get(0), 1e-7);
        assertEquals(0.5, update.delta().get(1), 1e-7);
    }

    @Test
    void aProximalTermPullsTheNoisyStepsBack() {
        ExampleDifferentialPrivacy silent =
                ExampleDifferentialPrivacy.clippedTo(1).drawingFrom(SILENT, AesCtrBits::fresh);
        double free = moved(run(silent, FedAvg.uniform(), steps(10, 8, 0.5), 1));
        double pulled = moved(run(silent, FedProx.on(FedAvg.uniform(), 1), steps(10, 8, 0.5), 1));

        assertTrue(pulled > 0 && pulled < 0.7 * free, pulled + " and " + free);
    }

    private static double moved(RoundResult result) {
        return Math.abs(result.state().weights().get(0));
    }

    @Test
    void objectivesThatTellMoreAreRejected() {
        ExampleDifferentialPrivacy hidden = ExampleDifferentialPrivacy.clippedTo(1);

        String vectors = assertThrows(
                        RuntimeException.class,
                        () -> run(hidden, Scaffold.uniform(), steps(1, 8, 0.1), 1),
                        "before the first round")
                .getMessage();
        assertTrue(
                vectors.contains(
                        "the task asks for scaffold, which exchanges [control] beside the update: that would leave without"
                                + " noise under example-level differential privacy"),
                vectors);
        String loss = failure(run(hidden, QFedAvg.withFairness(1), steps(1, 8, 0.1), 1));
        assertTrue(
                loss.endsWith(
                        "asks for the loss of the global weights, which depends on single examples without bound"),
                loss);
        assertEquals(0, hidden.statement(C0, 1e-5).rounds(), "and nothing was charged");
    }

    /** An objective of one's own that sends a vector. */
    @Test
    void vectorsAreRejectedWhateverTheObjectiveIs() {
        LocalClient<double[][]> inner = client(point(1)).withObjectives(List.of(new Telling()));
        Client hidden = ExampleDifferentialPrivacy.clippedTo(1).around(inner);
        TrainingTask task = new TrainingTask(
                1,
                QuadraticModel.weightsOf(0),
                steps(1, 1, 0.1),
                new ObjectiveSpec("telling", new TreeMap<>()),
                Map.of(),
                1);

        assertEquals(
                "client 'c0', round 1: the objective telling sends [told], which would leave without noise under example-level"
                        + " differential privacy",
                assertThrows(IllegalStateException.class, () -> hidden.train(task))
                        .getMessage());
    }

    private static final class Telling implements LocalObjective {

        @Override
        public String name() {
            return "telling";
        }

        @Override
        public Session begin(Context context) {
            return new Session() {
                @Override
                public GradientCorrection correction() {
                    return GradientCorrection.none();
                }

                @Override
                public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                    return new Extras(Map.of("told", delta), Map.of(), ComponentState.EMPTY);
                }
            };
        }
    }

    private static String failure(RoundResult result) {
        return assertInstanceOf(
                        ClientOutcome.Failed.class,
                        ((RoundResult.Abandoned) result).report().outcomes().get(0))
                .cause()
                .getMessage();
    }

    @Test
    void evaluationIsRejected() {
        assertEquals(
                "client 'c0' reports no evaluation: it would leave without noise under example-level differential privacy",
                assertThrows(
                                IllegalStateException.class,
                                () -> ExampleDifferentialPrivacy.clippedTo(1)
                                        .around(client(point(1)))
                                        .evaluate(new EvaluationTask(1, QuadraticModel.weightsOf(0))))
                        .getMessage());
    }

    @Test
    void aClientThatIsNotLocalIsRejected() {
        Client around = ExampleDifferentialPrivacy.clippedTo(1).around(client(point(1)));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> ExampleDifferentialPrivacy.clippedTo(1).around(around))
                .getMessage();

        assertTrue(
                message.startsWith(
                        "client 'c0': example-level privacy changes the training itself and goes around a LocalClient"
                                + ", but was given a "),
                message);
    }

    /** Before the first round, also through a decorated provider. */
    @Test
    void aModelThatCannotTellExamplesApartIsAnObjection() {
        ClientProvider clients = ClientProvider.local(List.of(C0), id -> new double[][] {{1}}, ModelPool.of(Plain::new))
                .decorated(ExampleDifferentialPrivacy.clippedTo(1)::around);
        try (FederatedServer server = FederatedServer.with(FedAvg.uniform())
                .clients(clients)
                .localTraining(steps(1, 1, 0.1))
                .build()) {
            ServerState start = ServerState.initial(QuadraticModel.weightsOf(0), 1);
            String message = assertThrows(RuntimeException.class, () -> server.run(start, 1))
                    .getMessage();

            assertTrue(
                    message.contains("training by gradients of single examples needs an ExampleGradientModel, but "
                            + Plain.class.getName() + " is none"),
                    message);
        }
    }

    @Test
    void rejectsParametersOutOfRange() {
        ExampleDifferentialPrivacy hidden = ExampleDifferentialPrivacy.clippedTo(1);
        assertEquals(
                "clip norm must be in [2^-40, 2^40], but was 0.0",
                assertThrows(IllegalArgumentException.class, () -> ExampleDifferentialPrivacy.clippedTo(0))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> ExampleDifferentialPrivacy.clippedTo(Double.NaN));
        for (double q : new double[] {0, -0.1, 1.1, Double.NaN}) {
            assertEquals(
                    "sampling probability must be in (0, 1], but was " + q,
                    assertThrows(IllegalArgumentException.class, () -> hidden.sampling(q))
                            .getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> hidden.withNoise(0));
        assertEquals(
                "the declared number of examples must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> hidden.weighing(0))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> hidden.within(PrivacyTarget.pure(1)));
    }

    private static double[] point(double... x) {
        return x;
    }

    private static LocalTraining steps(int count, int batch, double rate) {
        return LocalTraining.steps(count).withBatchSize(batch).withLearningRate(rate);
    }

    private static LocalClient<double[][]> client(double[]... points) {
        int d = points[0].length;
        return LocalClient.of(C0, points, ModelPool.of(() -> new QuadraticModel(d)));
    }

    private static ClientUpdate train(ExampleDifferentialPrivacy hidden, LocalTraining how, double[]... points)
            throws Exception {
        ModelWeights start = QuadraticModel.weightsOf(new double[points[0].length]);
        return hidden.around(client(points))
                .train(new TrainingTask(1, start, how, ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1));
    }

    private static RoundResult run(
            ExampleDifferentialPrivacy hidden, LinearAggregator rule, LocalTraining how, int rounds) {
        double[][] points = new double[20][1];
        for (double[] x : points) {
            x[0] = 5;
        }
        ClientProvider clients = ClientProvider.local(
                        List.of(C0), id -> points, ModelPool.of(() -> new QuadraticModel(1)))
                .decorated(hidden::around);
        try (FederatedServer server =
                FederatedServer.with(rule).clients(clients).localTraining(how).build()) {
            return server.run(ServerState.initial(QuadraticModel.weightsOf(0), 1), rounds);
        }
    }

    /** Learns, but not by gradients. */
    private static final class Plain implements Model<double[][]> {

        @Override
        public ParameterLayout layout() {
            return QuadraticModel.layoutOf(1);
        }

        @Override
        public ModelWeights weights() {
            return QuadraticModel.weightsOf(0);
        }

        @Override
        public void load(ModelWeights weights) {}

        @Override
        public LocalTraining.Report train(double[][] data, LocalTraining how, long seed) {
            return new LocalTraining.Report(data.length, 0, OptionalDouble.empty(), 0);
        }

        @Override
        public Evaluation evaluate(double[][] data) {
            return Evaluation.NONE;
        }
    }
}
