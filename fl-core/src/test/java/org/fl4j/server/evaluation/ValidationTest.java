package org.fl4j.server.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.ScriptedClient;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** The quadratic model halves its distance to the clients' mean in each round, so every figure is known by hand. */
class ValidationTest {

    private static final List<ClientId> IDS = ClientId.numbered("client-", 4);
    private static final LocalTraining HALF_WAY = LocalTraining.steps(1).withLearningRate(0.5);

    private final Map<Integer, Double> measured = new TreeMap<>();

    private static ModelPool<QuadraticModel> models() {
        return ModelPool.of(() -> new QuadraticModel(1));
    }

    /** The mean is 8. */
    private static ClientProvider clients() {
        return ClientProvider.local(
                IDS, id -> new double[][] {{2 + 4 * IDS.indexOf(id)}}, ModelPool.of(() -> new QuadraticModel(1)));
    }

    private static ServerState start() {
        return ServerState.initial(new QuadraticModel(1).weights(), 5);
    }

    private ServerBuilder server(Validation validation) {
        return FederatedServer.with(new TestMean())
                .clients(clients())
                .localTraining(HALF_WAY)
                .validation(validation)
                .listeners(new Measured());
    }

    private final class Measured implements RoundListener {

        @Override
        public void roundEnded(RoundResult result) {
            RoundResult.Report report = result instanceof RoundResult.Advanced advanced
                    ? advanced.report()
                    : ((RoundResult.Abandoned) result).report();
            report.metrics().forEach((name, value) -> {
                if (name.startsWith("validation.")) {
                    measured.put(result.state().round(), value);
                }
            });
        }
    }

    private static ServerState run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds).state();
        }
    }

    /** Scripted values by round; a round with 0 and those after the last are not measured. */
    private record Script(boolean higherIsBetter, List<Double> values) implements Measure {

        static Script of(boolean higherIsBetter, Double... values) {
            return new Script(higherIsBetter, List.of(values));
        }

        @Override
        public String name() {
            return "script";
        }

        @Override
        public OptionalDouble of(RoundResult.Advanced result) {
            int round = result.state().round();
            return round > values.size() || values.get(round - 1) == 0
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(values.get(round - 1));
        }

        @Override
        public String toString() {
            return "the script";
        }
    }

    /** Weights after r rounds are 8 (1 - 2^-r), and the loss on a point is half the squared distance. */
    @Test
    void measuresHeldOutDataEveryFewRounds() {
        Measure loss = Measure.central(3, models(), new double[][] {{8}}, Metric.LOSS);
        run(server(Validation.by(loss)), start(), 7);
        assertEquals(Map.of(3, 0.5, 6, 0.5 / 64), measured);
    }

    /** The point 6 is met after the second round: 4, 6, 7, 7.5. */
    @Test
    void keepsTheBestModel() {
        Measure loss = Measure.central(1, models(), new double[][] {{6}}, Metric.LOSS);
        ServerState end = run(server(Validation.by(loss).keepingBest()), start(), 6);
        BestModel best = BestModel.of(end).orElseThrow();
        assertEquals(2, best.round());
        assertEquals(0, best.value());
        assertEquals(QuadraticModel.weightsOf(6), best.weights());
        assertNotEquals(best.weights(), end.weights());
        assertTrue(BestModel.of(start()).isEmpty());
        assertTrue(BestModel.of(run(server(Validation.by(loss)), start(), 2)).isEmpty(), "not asked for");
    }

    @Test
    void stopsWhereItNoLongerImproves() {
        Script script = Script.of(true, 1.0, 2.0, 2.05, 2.1, 0.0, 2.2, 3.0);
        assertEquals(
                7,
                run(server(Validation.by(script).stoppingAfter(3)), start(), 7).round(),
                "each is better");
        Validation demanding = Validation.by(script).improvingBy(0.25).stoppingAfter(3);
        ServerState end = run(server(demanding), start(), 9);
        assertEquals(6, end.round(), "three are less than 0.25 above 2, and the round between is not measured");
        assertEquals(
                "round 6: the script has not improved by more than 0.25 in 3 measured rounds; the best is 2.0, after round 2",
                Validation.ended(end).orElseThrow());
        assertEquals(9, run(server(demanding.stoppingAfter(4)), start(), 9).round());
    }

    @Test
    void lowerIsBetterWhereTheMeasureSaysSo() {
        Validation validation =
                Validation.by(Script.of(false, 3.0, 2.0, 4.0, 5.0, 1.0)).keepingBest();
        assertEquals(
                1,
                BestModel.of(run(server(validation), start(), 5)).orElseThrow().value());
        assertEquals(4, run(server(validation.stoppingAfter(2)), start(), 5).round());
        assertEquals(2, run(server(validation.stoppingAt(2)), start(), 5).round());
        Validation slow = Validation.by(Script.of(false, 3.0, 2.9, 2.8, 2.7)).improvingBy(0.25);
        assertEquals(3, run(server(slow.stoppingAfter(2)), start(), 4).round());
    }

    @Test
    void endsAtItsTarget(@TempDir Path folder) {
        Validation validation =
                Validation.by(Script.of(true, 1.0, 2.0, 3.0, 4.0)).stoppingAt(3);
        try (FederatedServer server =
                server(validation).checkpoints(CheckpointStore.in(folder)).build()) {
            ServerState end = server.runUntil(10, start());
            assertEquals(3, end.round());
            assertEquals(
                    "round 3: the script is 3.0, and the target is 3.0",
                    Validation.ended(end).orElseThrow());
            assertEquals(end, server.runUntil(10, start()), "an ended run stays so");
            assertEquals(4, server.run(end, 5).state().round(), "4 reaches the target as well");
        }
    }

    /** In parts, each through bytes: the counts and the best weights go on, and so do the rates. */
    @Test
    void aResumedRunHasTheSameBits() {
        Validation validation = Validation.by(Script.of(true, 1.0, 3.0, 2.0, 2.0, 2.0, 2.5, 2.0, 2.0, 2.0, 2.0))
                .keepingBest()
                .stoppingAfter(8)
                .reducingRates(new Validation.Plateau(2, 0.5, 0.25));
        ServerState whole = run(server(validation), start(), 12);
        ServerState parts = start();
        while (parts.round() < whole.round()) {
            parts = ServerState.fromBytes(run(server(validation), parts, 1).toBytes());
        }
        assertEquals(whole, parts);
        assertEquals(10, whole.round());
        assertEquals(2, BestModel.of(whole).orElseThrow().round());
        assertEquals(Math.pow(0.5, 4), Validation.clientFactor(whole));
        assertEquals(Math.pow(0.25, 4), Validation.serverFactor(whole));
    }

    /** Rounds 1 and 2 lead to 4 and 6; then the third goes half of the way that is left, a quarter or an eighth. */
    @Test
    void ratesFallOnAPlateau() {
        assertEquals(7, afterThree(Validation.Plateau.ofServer(2, 0.5)), "one round without improvement");
        assertEquals(6.5, afterThree(Validation.Plateau.ofClients(1, 0.5)));
        assertEquals(6.5, afterThree(Validation.Plateau.ofServer(1, 0.5)));
        assertEquals(6.25, afterThree(new Validation.Plateau(1, 0.5, 0.5)));
    }

    private double afterThree(Validation.Plateau plateau) {
        Validation flat = Validation.by(Script.of(true, 1.0, 1.0, 1.0)).reducingRates(plateau);
        return run(server(flat), start(), 3).weights().get(0);
    }

    @Test
    void anImprovementEndsAPlateau() {
        Validation validation =
                Validation.by(Script.of(true, 1.0, 1.0, 2.0, 2.0)).reducingRates(Validation.Plateau.ofServer(2, 0.5));
        assertEquals(1, Validation.serverFactor(run(server(validation), start(), 4)));
    }

    /** A running mean is no step: it goes where the clients' mean is. */
    @Test
    void statisticsAreNotScaled() {
        ParameterLayout layout = new ParameterLayout(
                DataType.DOUBLE, List.of(ParameterSpec.trainable("w", 1), ParameterSpec.statistic("mean", 1)));
        ServerState start = ServerState.initial(ModelWeights.copyOf(layout, new double[2]), 5);
        Client ann = ScriptedClient.of(IDS.get(0)).sends(1, 4, 4);
        ServerBuilder builder = FederatedServer.with(new TestMean())
                .clients(ClientProvider.of(IDS.subList(0, 1), id -> ann))
                .localTraining(HALF_WAY)
                .validation(
                        Validation.by(Script.of(true, 1.0, 1.0)).reducingRates(Validation.Plateau.ofServer(1, 0.5)));
        assertEquals(
                ModelWeights.copyOf(layout, new double[] {10, 12}),
                run(builder, start, 3).weights());
    }

    /** At 6 the clients' distances are 4, 0, 4, 8; at 7.5 they are 5.5, 1.5, 2.5, 6.5. It is no listener here. */
    @Test
    void measuresClientsAndReports() {
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            FederatedEvaluation evaluation =
                    FederatedEvaluation.every(2, clients(), runner, (round, sum) -> measured.put(-round, sum.loss()));
            run(server(Validation.by(Measure.federated(evaluation, Metric.LOSS))), start(), 5);
        }
        assertEquals(Map.of(2, 12.0, 4, 10.125), measured);
        measured.clear();
        Measure loss = Measure.reported("loss", Metric.Direction.LOWER_IS_BETTER);
        ServerState end = run(server(Validation.by(loss).keepingBest()), start(), 3);
        assertEquals(3, BestModel.of(end).orElseThrow().round());
        assertEquals(3, measured.size());
        Measure none = Measure.reported("nothing", Metric.Direction.LOWER_IS_BETTER);
        assertEquals(
                5, run(server(Validation.by(none).stoppingAfter(1)), start(), 5).round());
    }

    @Test
    void goesWithAsynchronousRoundsInVirtualTime() {
        Validation validation = Validation.by(Script.of(true, 1.0, 2.0, 2.0, 2.0))
                .stoppingAfter(2)
                .keepingBest();
        ServerState[] ends = new ServerState[2];
        for (int i = 0; i < 2; i++) {
            try (InProcessRunner threads = InProcessRunner.of(1 + i)) {
                ends[i] = run(asynchronous(validation).runner(inTenSeconds(threads)), start(), 9);
            }
        }
        assertEquals(4, ends[0].round());
        assertEquals(ends[0], ends[1]);
        Validation falling = validation.reducingRates(Validation.Plateau.ofClients(1, 0.5));
        String why = assertThrows(
                        IllegalStateException.class, () -> asynchronous(falling).build())
                .getMessage();
        assertTrue(why.contains("a plateau of the clients' learning rate"), why);
    }

    private ServerBuilder asynchronous(Validation validation) {
        return server(validation).selector(ClientSelector.uniform(3)).asynchronous(AsynchronousRounds.fedBuff(3, 2));
    }

    private static VirtualRunner inTenSeconds(InProcessRunner threads) {
        return VirtualRunner.over(threads, Latency.constant(Duration.ofSeconds(10)));
    }

    /** Rounds of ten seconds each in virtual time; on the real clock the parts of a run add up. */
    @Test
    void endsWithItsTimeBudget() {
        try (InProcessRunner threads = InProcessRunner.of(1)) {
            ServerState end = run(timed(Duration.ofSeconds(35)).runner(inTenSeconds(threads)), start(), 9);
            assertEquals(4, end.round());
            assertTrue(end.progress().isEmpty(), "virtual time is in the state already");
            VirtualRunner inNoTime = VirtualRunner.over(threads, Latency.constant(Duration.ZERO));
            ServerState still = run(timed(Duration.ofNanos(1)).runner(inNoTime), start(), 3);
            assertEquals(3, still.round(), "no virtual time passes");
            assertTrue(still.progress().isEmpty(), "and the real clock's is not counted in its place");
        }
        assertEquals(1, run(timed(Duration.ofNanos(1)), start(), 9).round());
        ServerState once = run(timed(Duration.ofHours(5)), start(), 2);
        ServerState twice = run(timed(Duration.ofHours(5)), ServerState.fromBytes(once.toBytes()), 2);
        assertEquals(4, twice.round());
        assertTrue(spent(twice) > spent(once), "the parts add up");
        long hour = Duration.ofHours(1).toNanos();
        ServerState later = once.withProgress(
                "time-spent", ComponentState.of("time-spent", 1).with("nanos", hour));
        assertTrue(spent(run(timed(Duration.ofHours(5)), later, 1)) > hour, "what was spent before counts");
        assertThrows(IllegalArgumentException.class, () -> timed(Duration.ZERO));
    }

    private static ServerBuilder timed(Duration budget) {
        return FederatedServer.with(new TestMean())
                .clients(clients())
                .localTraining(HALF_WAY)
                .timeBudget(budget);
    }

    private static long spent(ServerState state) {
        return state.progress().state("time-spent").longValue("nanos");
    }

    /** It ends the run with its reason, and the round before is where to go on. */
    @Test
    void aMeasureThatFailsIsNotIgnored(@TempDir Path folder) {
        ServerBuilder broken =
                server(Validation.by(Script.of(true, 1.0, 2.0, Double.NaN))).checkpoints(CheckpointStore.in(folder));
        assertEquals(
                "round 3: the script must be finite, but was NaN",
                assertThrows(IllegalStateException.class, () -> run(broken, start(), 5))
                        .getMessage());
        ServerState saved = CheckpointStore.in(folder).latest().orElseThrow();
        assertEquals(2, saved.round());
        ServerState whole = run(server(Validation.by(Script.of(true, 1.0, 2.0, 3.0))), start(), 5);
        assertEquals(whole, run(server(Validation.by(Script.of(true, 1.0, 2.0, 3.0))), saved, 3));
        Measure classes = Measure.central(1, models(), new double[][] {{1}}, Metric.ACCURACY);
        String why = assertThrows(IllegalStateException.class, () -> run(server(Validation.by(classes)), start(), 1))
                .getMessage();
        assertTrue(why.contains("an evaluation of 1 examples has no accuracy"), why);
    }

    /** A round that is abandoned leaves the weights as they are: its number has a value, but is not measured. */
    @Test
    void anAbandonedRoundIsNotMeasured() {
        Validation validation = Validation.by(Script.of(true, 1.0, 1.0, 1.0)).stoppingAfter(1);
        ServerBuilder builder =
                server(validation).policy(RoundPolicy.DEFAULT.withMinUpdates(5).withMaxAbandoned(9));
        try (FederatedServer server = builder.build()) {
            assertTrue(server.run(start(), 1) instanceof RoundResult.Abandoned);
        }
        assertTrue(measured.isEmpty());
    }

    @Test
    void badSettingsAreRejected() {
        Validation validation = Validation.by(Script.of(true, 1.0));
        assertThrows(IllegalArgumentException.class, () -> validation.improvingBy(-1));
        assertThrows(IllegalArgumentException.class, () -> validation.improvingBy(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> validation.stoppingAfter(0));
        assertThrows(IllegalArgumentException.class, () -> validation.stoppingAt(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Validation.Plateau(0, 0.5, 1));
        assertThrows(IllegalArgumentException.class, () -> new Validation.Plateau(1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Validation.Plateau(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Validation.Plateau(1, 0.5, Double.NaN));
        assertThrows(
                IllegalArgumentException.class, () -> Measure.central(0, models(), new double[][] {{1}}, Metric.LOSS));
    }
}
