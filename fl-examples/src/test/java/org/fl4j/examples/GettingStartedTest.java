package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.LocalClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.data.Examples;
import org.fl4j.data.StrokeDigits;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.PlainSession;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Runs the snippets of docs/getting-started.md: each is a region of this file, word for word. */
class GettingStartedTest {

    private static final Path GUIDE = Path.of("../docs/getting-started.md");
    private static final Path THIS = Path.of("src/test/java/org/fl4j/examples/GettingStartedTest.java");

    private static final Pattern IN_GUIDE =
            Pattern.compile("<!-- snippet:(\\w+) -->\\n```java\\n(.*?)```\\n", Pattern.DOTALL);
    private static final Pattern HERE =
            Pattern.compile("^ *// snippet:(\\w+)\\n(.*?)^ *// end:\\1\\n", Pattern.DOTALL | Pattern.MULTILINE);

    // snippet:data
    StrokeDigits digits = StrokeDigits.of(1);
    Population writers = Population.generated(20, writer -> digits.writer(writer, 40));
    Examples heldOut = digits.heldOut(300);
    // end:data

    // snippet:network
    static Dl4jModel network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Sgd())
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(784)
                        .nOut(30)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(30)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return Dl4jModel.of(network);
    }
    // end:network

    @Test
    void firstFederationLearns() {
        // snippet:federation
        Simulation.Result end = Simulation.with(FedAvg.byExamples())
                .over(writers, () -> network())
                .cohort(10)
                .evaluateOn(heldOut)
                .run(10);
        System.out.println(end.evaluations().get(10).accuracy());
        // end:federation
        assertTrue(accuracy(end, 10) > 0.4, () -> "accuracy " + accuracy(end, 10));
    }

    // snippet:functional
    static ServerState initialize(long seed) {
        return ServerState.initial(network().weights(), seed);
    }

    static ServerState next(ServerState state, ClientProvider clients) {
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            return server.run(state, 1).state();
        }
    }
    // end:functional

    // snippet:owner
    static Client atItsOwner(ClientId id, Examples ownData) {
        PlainSession owner = PlainSession.of(LocalClient.of(id, ownData, ModelPool.of(() -> network())));
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws Exception {
                byte[] answer = owner.answer(task.toBytes()); // in place of this line a transport of yours
                return ClientUpdate.fromBytes(answer);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) throws Exception {
                return Evaluation.fromBytes(owner.answer(task.toBytes()));
            }
        };
    }
    // end:owner

    @Test
    void threeStylesHaveTheSameBits() {
        ModelWeights trained;
        // snippet:loop
        ClientProvider clients = writers.over(ModelPool.of(() -> network()));
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            RoundResult round = server.run(ServerState.initial(network().weights(), 42), 1);
            while (round.state().round() < 3) {
                System.out.println("round " + round.state().round());
                round = server.run(round.state(), 1);
            }
            trained = round.state().weights();
        }
        // end:loop
        // snippet:owners
        ServerState state = initialize(42);
        for (int round = 1; round <= 3; round++) {
            state = next(state, ClientProvider.of(writers.ids(), id -> atItsOwner(id, writers.data(id))));
        }
        // end:owners
        assertEquals(trained, state.weights());
        ServerState here = initialize(42);
        for (int round = 1; round <= 3; round++) {
            here = next(here, writers.over(ModelPool.of(() -> network())));
        }
        assertEquals(state, here);
    }

    @Test
    void firstPrivateRunStaysWithinItsBudget() {
        // snippet:privacy
        Population many = Population.generated(200, writer -> digits.writer(writer, 20));
        PrivacyTarget budget = new PrivacyTarget(8, 1e-3);
        ClientSelector tenth = ClientSelector.poisson(0.1);
        double noise = GaussianMechanism.calibration(budget, tenth.scheme(), RoundContext.CohortVisibility.SERVER_ONLY)
                .rounds(5)
                .noiseMultiplier();
        GaussianMechanism rule =
                GaussianMechanism.on(ClippedMean.fixed(0.5), noise).within(budget);
        Simulation.Result end = Simulation.with(rule)
                .over(many, () -> network())
                .configure(server -> server.selector(tenth))
                .run(5);
        PrivacyStatement statement = rule.statement(end.state().ledger(), 1e-3);
        System.out.println(statement.text());
        // end:privacy
        assertEquals(5, end.state().round());
        assertEquals(
                5,
                Simulation.with(rule)
                        .over(many, () -> network())
                        .configure(server -> server.selector(tenth))
                        .run(6)
                        .state()
                        .round());
        assertEquals(5, statement.rounds());
        assertTrue(statement.againstOutsiders().epsilon().upper() <= 8, statement::text);
    }

    @Test
    void firstSecureSumLearns() {
        // snippet:secure
        SecureSum masked = SecureSum.on(FedAvg.byCappedExamples(100), FixedPoint.within(4));
        Simulation.Result end = Simulation.with(masked)
                .over(writers, () -> network())
                .evaluateOn(heldOut)
                .run(5);
        // end:secure
        assertTrue(accuracy(end, 5) > accuracy(end, 0), () -> "accuracy " + accuracy(end, 5));
    }

    @Test
    void firstResumeHasTheBitsOfOneRun(@TempDir Path folder) {
        // snippet:resume
        Simulation training = Simulation.with(FedAvg.byExamples())
                .over(writers, () -> network())
                .cohort(10)
                .checkpoints(folder);
        training.run(3); // saved after every round; here the process could end
        Simulation.Result end = training.run(6); // trains rounds 4 to 6
        // end:resume
        assertEquals(
                Simulation.with(FedAvg.byExamples())
                        .over(writers, () -> network())
                        .cohort(10)
                        .run(6)
                        .state(),
                end.state());
    }

    @Test
    void firstAsynchronousRoundsLearn() {
        // snippet:asynchronous
        Simulation.Result end = Simulation.with(FedAvg.byExamples())
                .over(writers, () -> network())
                .cohort(10)
                .latency(Latency.pareto(Duration.ofMinutes(1), 1.2))
                .configure(server -> server.asynchronous(AsynchronousRounds.fedBuff(10, 5)))
                .evaluateOn(heldOut)
                .run(20);
        System.out.println(end.state().time() + ": " + end.evaluations().get(20).accuracy());
        // end:asynchronous
        assertTrue(accuracy(end, 20) > 0.4, () -> "accuracy " + accuracy(end, 20));
        assertTrue(
                end.state().time().compareTo(Duration.ofMinutes(2)) > 0,
                end.state().time()::toString);
    }

    @Test
    void guideShowsTheRegionsOfThisFile() throws IOException {
        Map<String, String> regions = snippets(HERE, THIS);
        assertEquals(regions, snippets(IN_GUIDE, GUIDE));
        assertTrue(regions.size() > 5, regions::toString);
    }

    private static Map<String, String> snippets(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file).replace("\r\n", "\n"))
                .results()
                .collect(Collectors.toMap(
                        found -> found.group(1), GettingStartedTest::code, (a, b) -> a + b, TreeMap::new));
    }

    private static String code(MatchResult found) {
        // The last line counts for the indentation, also where it is empty.
        return found.group(2).stripTrailing().stripIndent();
    }

    private static double accuracy(Simulation.Result end, int round) {
        return end.evaluations().get(round).accuracy().orElseThrow();
    }
}
