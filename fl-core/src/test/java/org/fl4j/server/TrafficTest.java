package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.testkit.FarBlockRunner;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of a round's report against those of a transport that encodes every message. */
@Timeout(60)
class TrafficTest {

    private static final MeanRule RULE =
            MeanRule.plain().rejectingAbove(90).sending(context -> Map.of("direction", Toy.delta(1, 2, 3)));

    /** Ids of two lengths, some without a loss, some rejected by the rule, one that fails. */
    private static ScriptedPopulation population() {
        return ScriptedPopulation.of(40, Toy::wanders)
                .but(3, (self, task) -> ClientUpdate.of(self, task, Toy.delta(1, 1, 1), 3))
                .but(12, (self, task) -> ClientUpdate.of(self, task, Toy.delta(1, 1, 1), 91))
                .but(5, (self, task) -> {
                    throw new IOException("away");
                });
    }

    @Test
    void isWhatATransportCarries() {
        CountingTransport transport = new CountingTransport(Traffic.TRAINING);
        Traffic far = traffic(RULE, transport.around(population()), InProcessRunner.of(2));

        assertEquals(transport.counted(), far);
        assertTrue(far.total().orElseThrow().up() > 0);
        for (int threads : new int[] {1, 2, 8}) {
            assertEquals(far, traffic(RULE, population(), InProcessRunner.of(threads)), threads + " threads");
        }
        assertEquals(far, traffic(RULE, population(), FarBlockRunner.of(RULE, population())));
        try (LateClients late = new LateClients(Duration.ofMillis(1))) {
            assertEquals(far, traffic(RULE, population().decorated(late), InProcessRunner.of(2)));
        }
    }

    @Test
    void aRuleThatSeesEachUpdateHasTheSame() {
        MeanRule rule = MeanRule.plain().rejectingAbove(90);
        assertEquals(
                traffic(rule, population(), InProcessRunner.of(2)),
                traffic(Toy.unlinear(rule), population(), InProcessRunner.of(2)));
    }

    /** A {@link PlainSession} does not send such an update. */
    @Test
    void whatTheCheckRejectsHasArrived() {
        ScriptedPopulation one = ScriptedPopulation.of(1, Toy.moves(0, Double.NaN, 0));
        TrainingTask task = task(Map.of());
        long up = ClientUpdate.of(new ClientId("client-0"), task, Toy.delta(0, 0, 0), 1)
                .toBytes()
                .length;
        assertEquals(training(task.toBytes().length, up), traffic(MeanRule.plain(), one, InProcessRunner.of(1)));

        ScriptedPopulation none = ScriptedPopulation.of(1, (self, asked) -> null);
        assertEquals(training(task.toBytes().length, 0), traffic(MeanRule.plain(), none, InProcessRunner.of(1)));
    }

    /** In virtual time all are asked at once: those that nobody waits for, and those that are late. */
    @ParameterizedTest(name = "on {0} threads")
    @ValueSource(ints = {1, 2, 8})
    void inVirtualTimeThoseThatDoNotTrainWereAskedAsWell(int threads) {
        TrainingTask task = task(Map.of());
        long up = ClientUpdate.shortestAnswerTo(task) + "client-0".length();
        for (int deadline : new int[] {2, 3600}) {
            RoundResult.Report report;
            try (InProcessRunner runner = InProcessRunner.of(threads)) {
                report = report(
                        FederatedServer.with(MeanRule.plain())
                                .selector(ClientSelector.uniform(4))
                                .policy(RoundPolicy.DEFAULT
                                        .withOverSelection(1)
                                        .withDeadline(Duration.ofSeconds(deadline))),
                        ScriptedPopulation.of(10, Toy.moves(1, 0, 0)),
                        VirtualRunner.over(runner, Latency.pareto(Duration.ofSeconds(1), 1.2)));
            }
            assertEquals(deadline == 2 ? 3 : 4, report.completed().size());
            assertEquals(training(8 * task.encodedLength(), report.completed().size() * up), report.traffic());
        }
    }

    @Test
    void aSecureRulesIsByStage() {
        InsecureForTests rule = InsecureForTests.on(MeanRule.plain(), 3);
        ScriptedPopulation population = population().but(7, Toy.moves(0, Double.NaN, 0));
        CountingTransport transport = new CountingTransport(Traffic.TASK, "ADVERTISE", "MASKED_INPUT", "UNMASK");
        try (FarClients far = FarClients.all(population, rule)) {
            Traffic counted = traffic(FederatedServer.with(rule), transport.around(far), InProcessRunner.of(2));

            assertEquals(transport.counted(), counted);
            assertEquals(
                    List.of(Traffic.TASK, "ADVERTISE", "MASKED_INPUT", "UNMASK"),
                    List.copyOf(counted.byStage().keySet()));
            assertEquals(
                    new Traffic.Bytes(40 * task(Map.of()).encodedLength(), 0),
                    counted.byStage().get(Traffic.TASK));
            for (int threads : new int[] {1, 8}) {
                assertEquals(counted, traffic(FederatedServer.with(rule), population, InProcessRunner.of(threads)));
            }
        }
    }

    /** A reply that the protocol does not accept has arrived all the same. */
    @Test
    void aRejectedReplyCounts() {
        InsecureForTests rule = InsecureForTests.on(MeanRule.plain(), 3);
        ScriptedPopulation population = ScriptedPopulation.of(9, Toy::wanders);
        Traffic inOrder = traffic(FederatedServer.with(rule), population, InProcessRunner.of(2));
        InsecureForTests cut = rule.disturbedBy((client, stage, answer) ->
                client.value().equals("client-4") && stage == InsecureForTests.Stage.MASKED_INPUT
                        ? new byte[answer.length]
                        : answer);
        Traffic disturbed = traffic(FederatedServer.with(cut), population, InProcessRunner.of(2));

        assertEquals(inOrder.byStage().get("MASKED_INPUT"), disturbed.byStage().get("MASKED_INPUT"));
        assertTrue(disturbed.byStage().get("UNMASK").up()
                < inOrder.byStage().get("UNMASK").up());
    }

    /** A task counts in the round it starts in, an update in the one it arrives in. */
    @ParameterizedTest(name = "on {0} threads")
    @ValueSource(ints = {1, 2, 8})
    void anAsynchronousRoundsIsOfItsOwnStartsAndArrivals(int threads) {
        TrainingTask task = task(Map.of());
        long up = ClientUpdate.shortestAnswerTo(task) + "client-0".length();
        List<RoundResult> heard = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(9, Toy.moves(1, 0, 0)).but(2, Toy.moves(0, Double.NaN, 0)))
                        .localTraining(Toy.TRAINING)
                        .selector(ClientSelector.uniform(5))
                        .asynchronous(AsynchronousRounds.fedBuff(5, 2))
                        .runner(VirtualRunner.over(runner, AsynchronousFixture.HEAVY))
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                heard.add(result);
                            }
                        })
                        .build()) {
            server.run(Toy.start(), 12);
        }
        long before = 0;
        for (RoundResult result : heard) {
            long started = result.state().underWay().started();
            assertEquals(
                    training(
                            (started - before) * task.encodedLength(),
                            Toy.report(result).outcomes().size() * up),
                    Toy.report(result).traffic());
            before = started;
        }
        assertEquals(12, heard.size());
        assertTrue(
                heard.stream().anyMatch(result -> Toy.report(result).outcomes().size() > 2), "none was rejected");
    }

    /** Its clients' number is private, and so is how many answered. */
    @Test
    void aPrivateRoundsIsThatOfOneClient() {
        TrainingTask task = task(Map.of());
        MeanRule rule = MeanRule.plain().guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        Traffic ofOne = new Traffic.PerClient(
                Map.of(Traffic.TRAINING, new Traffic.Bytes(task.encodedLength(), ClientUpdate.shortestAnswerTo(task))));
        for (int size : new int[] {0, 1, 40}) {
            RoundResult.Report report = report(
                    FederatedServer.with(rule).selector(ClientSelector.uniform(Math.max(1, size))),
                    ScriptedPopulation.of(size, TrafficTest::mostlyFails),
                    InProcessRunner.of(2));
            assertEquals(ofOne, report.traffic());
            assertEquals(Optional.empty(), report.traffic().total());
        }
        assertEquals(
                ofOne,
                report(
                                FederatedServer.with(rule)
                                        .selector(ClientSelector.uniform(5))
                                        .asynchronous(AsynchronousRounds.fedBuff(5, 2)),
                                ScriptedPopulation.of(9, Toy::wanders),
                                InProcessRunner.of(2))
                        .traffic());
        assertEquals(
                new Traffic.PerClient(Map.of(Traffic.TASK, new Traffic.Bytes(task.encodedLength(), 0))),
                traffic(
                        FederatedServer.with(InsecureForTests.on(rule, 1)),
                        ScriptedPopulation.of(9, Toy::wanders),
                        InProcessRunner.of(2)));
    }

    /** Not of ids and losses, which exact lengths would show. */
    @Test
    void wherePrivateCountsArePublicATotalIsOfTheCountsAlone() {
        TrainingTask task = task(Map.of());
        long up = ClientUpdate.shortestAnswerTo(task);
        MeanRule rule = MeanRule.plain()
                .rejectingAbove(90)
                .guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        Traffic expected = training(40 * task.encodedLength(), 39 * up);
        assertEquals(
                expected,
                traffic(
                        FederatedServer.with(rule).participationCountsArePublic(),
                        population(),
                        InProcessRunner.of(2)));
        assertEquals(
                expected,
                traffic(
                        FederatedServer.with(rule).participationCountsArePublic(),
                        population(),
                        FarBlockRunner.of(rule, population())));
        assertEquals(
                new Traffic.Total(Map.of(Traffic.TASK, new Traffic.Bytes(40 * task.encodedLength(), 0))),
                traffic(
                        FederatedServer.with(InsecureForTests.on(rule, 1)).participationCountsArePublic(),
                        population(),
                        InProcessRunner.of(2)));
    }

    private static ClientUpdate mostlyFails(ClientId self, TrainingTask task) throws IOException {
        if (self.value().hashCode() % 3 != 0) {
            throw new IOException("away");
        }
        return Toy.wanders(self, task);
    }

    private static Traffic traffic(DirectAggregator rule, ClientProvider clients, ClientRunner runner) {
        return traffic(FederatedServer.with(rule), clients, runner);
    }

    private static Traffic traffic(ServerBuilder builder, ClientProvider clients, ClientRunner runner) {
        return report(builder, clients, runner).traffic();
    }

    private static RoundResult.Report report(ServerBuilder builder, ClientProvider clients, ClientRunner runner) {
        try (FederatedServer server = builder.clients(clients)
                .localTraining(Toy.TRAINING)
                .runner(runner)
                .build()) {
            return Toy.report(server.run(Toy.start(), 1));
        } finally {
            if (runner instanceof InProcessRunner threads) {
                threads.close();
            }
        }
    }

    private static TrainingTask task(Map<String, ModelDelta> vectors) {
        return new TrainingTask(
                1, Toy.start().weights(), Toy.TRAINING, MeanRule.plain().objective(), vectors, 0);
    }

    private static Traffic training(long down, long up) {
        return new Traffic.Total(Map.of(Traffic.TRAINING, new Traffic.Bytes(down, up)));
    }
}
