package org.fl4j.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.OpenServerBuilder;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulationTest {

    private static final Examples HELD_OUT = points(1, 1, 2, 2);

    private final Population population = Population.of(IntStream.range(0, 6)
            .mapToObj(i -> points(i, -i, i + 1, 2 * i, 4 - i, i))
            .toList());

    @Test
    void latenciesAloneChangeTheTimeAndNothingElse() {
        Simulation.Result slow = simulation()
                .cohort(3)
                .latency(Latency.constant(Duration.ofHours(1)))
                .run(5);

        assertEquals(simulation().cohort(3).run(5).weights(), slow.weights());
        assertEquals(Duration.ofHours(5), slow.state().time());
    }

    /**
     * Two are there in the first half hour of each day, one in the last half of its third hour, and three never. Seven rounds
     * of ten minutes or more: the windows are passed, the gaps are waited for, on any number of threads.
     */
    @Test
    void clientsTrainInTheirWindowsAndTimePassesBetweenThem() {
        Map<Integer, Set<String>> trained = new ConcurrentHashMap<>();
        List<Duration> starts = new ArrayList<>(List.of(Duration.ZERO));
        ServerState one = inWindows(1, trained, starts);

        assertEquals(one, inWindows(1, new ConcurrentHashMap<>(), new ArrayList<>()));
        assertEquals(one, inWindows(2, new ConcurrentHashMap<>(), new ArrayList<>()));
        assertEquals(one, inWindows(8, new ConcurrentHashMap<>(), new ArrayList<>()));
        Duration evening = Duration.ofMinutes(150);
        Duration day = Duration.ofDays(1);
        Duration tenMinutes = Duration.ofMinutes(10);
        List<Duration> expected = List.of(
                Duration.ZERO,
                tenMinutes,
                tenMinutes.multipliedBy(2),
                tenMinutes.multipliedBy(3), // nobody
                evening,
                evening.plus(tenMinutes),
                evening.plus(tenMinutes.multipliedBy(2)),
                evening.plus(tenMinutes.multipliedBy(3)), // nobody
                day,
                day.plus(tenMinutes));
        assertEquals(expected, starts);
        Set<String> two = Set.of("client-0", "client-1");
        Set<String> last = Set.of("client-4");
        assertEquals(Map.of(1, two, 2, two, 3, two, 5, last, 6, last, 7, last, 9, two), trained);
        assertEquals(day.plus(tenMinutes), one.time());
    }

    private ServerState inWindows(int threads, Map<Integer, Set<String>> trained, List<Duration> starts) {
        AvailabilityWindows.Window early = new AvailabilityWindows.Window(Duration.ZERO, Duration.ofMinutes(30));
        AvailabilityWindows.Window late =
                new AvailabilityWindows.Window(Duration.ofMinutes(150), Duration.ofMinutes(180));
        AvailabilityWindows windows = AvailabilityWindows.of(Map.of(
                        new ClientId("client-0"), List.of(early),
                        new ClientId("client-1"), List.of(early),
                        new ClientId("client-4"), List.of(late)))
                .repeating(Duration.ofDays(1));
        Latency latency = Latency.constant(Duration.ofMinutes(10));
        try (InProcessRunner runner = InProcessRunner.of(threads)) {
            return simulation()
                    .selector(ClientSelector.uniform(2).among(windows))
                    .clients(clients -> clients.decorated(client -> new Recorded(client, trained)))
                    .configure(server -> server.runner(VirtualRunner.over(runner, latency))
                            .listeners(new RoundListener() {
                                @Override
                                public void roundEnded(RoundResult result) {
                                    starts.add(result.state().time());
                                }
                            }))
                    .run(9)
                    .state();
        }
    }

    private record Recorded(Client client, Map<Integer, Set<String>> trained) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            trained.computeIfAbsent(task.round(), round -> ConcurrentHashMap.newKeySet())
                    .add(id().value());
            return client.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    @Test
    void windowsNeedATimeThatPasses() {
        AvailabilityWindows windows = AvailabilityWindows.of(Map.of(
                new ClientId("client-0"),
                List.of(new AvailabilityWindows.Window(Duration.ofHours(1), Duration.ofHours(2)))));
        Simulation among = simulation().selector(ClientSelector.all().among(windows));

        assertEquals(
                "a selector among clients that are available at certain times, here Other[description=EveryClient[] among"
                        + " available clients], needs time to pass, but the server's runner counts none; use a VirtualRunner, or"
                        + " Simulation.latency",
                assertThrows(IllegalStateException.class, () -> among.run(1)).getMessage());
        // The window is over after the second round, and nobody comes any more.
        ServerState end =
                among.latency(Latency.constant(Duration.ofHours(1))).run(4).state();
        assertEquals(Duration.ofHours(2), end.time());
        assertEquals(4, end.round());
    }

    @Test
    void troubleIsPutAroundItsOwnClientsAndData() {
        Trouble flipped = Trouble.seeded(1).of(1, Trouble.signFlip());
        ModelWeights away = simulation().clients(flipped::around).run(1).weights();
        ModelWeights towards = simulation().run(1).weights();
        ModelWeights start = new PointModel().weights();
        for (int i = 0; i < 2; i++) {
            assertEquals(start.get(i) - towards.get(i), away.get(i) - start.get(i), 1e-12);
        }

        Set<ClientId> second = Set.of(new ClientId("client-1"));
        Population other = population.withData(second, data -> HELD_OUT);
        assertEquals(HELD_OUT, other.data(new ClientId("client-1")));
        assertEquals(population.data(new ClientId("client-2")), other.data(new ClientId("client-2")));
    }

    @Test
    void resultEqualsThatOfTheSameServerBuiltByHand() {
        ModelPool<PointModel> models = ModelPool.of(PointModel::new);
        ServerState byHand;
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population.over(models))
                .selector(ClientSelector.uniform(3))
                .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                .build()) {
            byHand = server.run(ServerState.initial(models.initialWeights(), 42), 5)
                    .state();
        }
        assertEquals(byHand, simulation().cohort(3).run(5).state());
        assertEquals(byHand.weights(), simulation().cohort(3).run(5).weights());
        assertNotEquals(byHand.weights(), simulation().cohort(3).seed(43).run(5).weights());
        assertNotEquals(byHand.weights(), simulation().run(5).weights());
    }

    @Test
    void evaluatesTheInitialWeightsAndThoseAfterEveryRound() {
        Map<Integer, Evaluation> evaluations =
                simulation().evaluateOn(HELD_OUT).run(3).evaluations();

        assertEquals(Set.of(0, 1, 2, 3), evaluations.keySet());
        // At [9, 2]: (64 + 1 + 49 + 0) / 4.
        assertEquals(new Evaluation(2, 28.5, List.of()), evaluations.get(0));
        assertTrue(evaluations.get(3).loss() < evaluations.get(0).loss());
        assertEquals(Map.of(), simulation().run(3).evaluations());
    }

    @Test
    void configureReachesTheRestOfTheBuilder() {
        ModelWeights half = simulation()
                .localTraining(LocalTraining.steps(2).withLearningRate(0.05))
                .run(2)
                .weights();
        assertEquals(
                half,
                simulation()
                        .configure(server ->
                                server.localTraining(LocalTraining.steps(2).withLearningRate(0.05)))
                        .run(2)
                        .weights());
        assertEquals(
                3,
                simulation()
                        .optimizer((round, weights, aggregate, state) -> {
                            throw new AssertionError("replaced");
                        })
                        .configure(server -> server.optimizer(org.fl4j.aggregation.ServerOptimizer.plain()))
                        .run(3)
                        .state()
                        .round());
    }

    @Test
    void runsUnderASecureRule() {
        Simulation secure =
                Simulation.with(InsecureForTests.on(MeanRule.plain(), 2)).over(population, PointModel::new);

        assertEquals(3, secure.run(3).state().round());
    }

    /** With what its clients remember: three rounds and a resume for three have the bits of six. */
    @Test
    void resumesFromItsCheckpoints(@TempDir Path folder) {
        for (MeanRule rule : List.of(MeanRule.plain(), MeanRule.plain().minimising(Counts.SPEC, new Counts()))) {
            ServerState six = Simulation.with(rule)
                    .over(population, PointModel::new)
                    .run(6)
                    .state();
            Path own = folder.resolve(rule.objective().name());
            Simulation saved =
                    Simulation.with(rule).over(population, PointModel::new).checkpoints(own);
            saved.run(3);
            Simulation.Result end = saved.evaluateOn(HELD_OUT).run(6);

            assertEquals(six, end.state());
            assertEquals(Set.of(0, 4, 5, 6), end.evaluations().keySet());
            assertEquals(six, saved.run(6).state(), "nothing is left to do");
            assertTrue(assertThrows(
                            IllegalStateException.class, () -> saved.seed(7).run(8))
                    .getMessage()
                    .endsWith("To begin afresh, give the run another folder"));
        }
    }

    /** What was set by {@code configure} is remembered as well. */
    @Test
    void resumesWithWhatACodecLost(@TempDir Path folder) {
        Simulation whole = simulation().configure(SimulationTest::signs);
        Simulation saved = simulation().configure(SimulationTest::signs).checkpoints(folder);
        saved.run(3);
        assertEquals(whole.run(6).state(), saved.run(6).state());
        assertNotEquals(simulation().run(6).weights(), whole.run(6).weights());
    }

    private static void signs(ServerBuilder builder) {
        ((OpenServerBuilder) builder).uplink(Codec.sign());
    }

    @Test
    void trainsByTheRulesObjectiveAndItsMemory() {
        assertNotEquals(
                simulation().run(3).weights(),
                Simulation.with(MeanRule.plain().minimising(Counts.SPEC, new Counts()))
                        .over(population, PointModel::new)
                        .run(3)
                        .weights());
    }

    @Test
    void rejectsMissingSettingsAndReportsFailures() {
        assertEquals(
                "over(population, models) was not called on the simulation",
                assertThrows(
                                IllegalStateException.class,
                                () -> Simulation.with(MeanRule.plain()).run(3))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> simulation().run(0));
        assertThrows(IllegalArgumentException.class, () -> simulation().cohort(0));
        IllegalStateException bug = new IllegalStateException("no data");
        Population broken = Population.generated(3, client -> {
            throw bug;
        });
        Simulation fails = Simulation.with(MeanRule.plain()).over(broken, PointModel::new);
        assertEquals(
                bug,
                assertThrows(FederatedServer.RunAbandonedException.class, () -> fails.run(2))
                        .getCause());
        assertEquals(
                bug,
                assertThrows(FederatedServer.RunAbandonedException.class, () -> fails.run(9))
                        .getCause());
        assertEquals(
                9,
                fails.configure(server -> server.policy(RoundPolicy.DEFAULT.withMaxAbandoned(Integer.MAX_VALUE)))
                        .run(9)
                        .state()
                        .round());
    }

    private Simulation simulation() {
        return Simulation.with(MeanRule.plain()).over(population, PointModel::new);
    }

    private static Examples points(float... coordinates) {
        int n = coordinates.length / 2;
        return Examples.withTargets(coordinates, new long[] {2}, new float[n], new long[] {1});
    }

    /** Looks for the mean of points of the plane, from [9, 2]. */
    private static final class PointModel implements GradientModel<Examples> {

        private final QuadraticModel model = new QuadraticModel(2);

        PointModel() {
            model.load(QuadraticModel.weightsOf(9, 2));
        }

        @Override
        public ParameterLayout layout() {
            return model.layout();
        }

        @Override
        public ModelWeights weights() {
            return model.weights();
        }

        @Override
        public void load(ModelWeights weights) {
            model.load(weights);
        }

        @Override
        public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
            return model.train(rows(data), how, correction, seed);
        }

        @Override
        public Evaluation evaluate(Examples data) {
            return model.evaluate(rows(data));
        }

        private static double[][] rows(Examples data) {
            float[] features = new float[2];
            return IntStream.range(0, data.size())
                    .mapToObj(i -> {
                        data.copyFeatures(i, features, 0);
                        return new double[] {features[0], features[1]};
                    })
                    .toArray(double[][]::new);
        }
    }

    /** Adds to the gradient how often this client was asked. */
    private static final class Counts implements LocalObjective {

        static final ObjectiveSpec SPEC = ObjectiveSpec.of("counts", "step", 1);

        @Override
        public String name() {
            return SPEC.name();
        }

        @Override
        public boolean remembers() {
            return true;
        }

        @Override
        public Session begin(LocalObjective.Context context) {
            ComponentState before = context.remembered();
            long times = before.isEmpty() ? 1 : before.longValue("times") + 1;
            ParameterLayout layout = context.task().global().layout();
            return new Session() {
                @Override
                public GradientCorrection correction() {
                    return GradientCorrection.constant(ModelDelta.of(layout, (double) times, (double) times));
                }

                @Override
                public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                    return new Extras(
                            Map.of(), Map.of(), ComponentState.of("counts", 1).with("times", times));
                }
            };
        }
    }
}
