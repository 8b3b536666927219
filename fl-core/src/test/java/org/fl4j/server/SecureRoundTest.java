package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A round whose updates reach the server only as a sum: the protocol's stages, its dropouts, and what is reported. */
@Timeout(60)
class SecureRoundTest {

    private static final int CLIENTS = 40;

    @Test
    void resultEqualsThatOfTheRuleInTheClear() {
        ServerState clear =
                run(FederatedServer.with(MeanRule.plain()), wandering(), 4).state();
        RoundResult secure = run(FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 3)), wandering(), 4);

        assertEquals(clear, secure.state());
    }

    @Test
    void reportsWhoIsInTheSumAndNothingOfTheirUpdates() {
        RoundResult.Report report =
                Toy.report(run(FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 3)), wandering(), 1));

        assertEquals(CLIENTS, report.completed().size());
        assertEquals(Map.of("asked", 1.0), report.metrics());
        assertEquals(
                Set.of(ClientUpdate.Receipt.MASKED),
                Set.copyOf(report.outcomes().stream()
                        .map(outcome -> ((ClientOutcome.Completed<ClientUpdate.Receipt>) outcome).result())
                        .toList()));
    }

    @ParameterizedTest
    @EnumSource(InsecureForTests.Stage.class)
    void aDropoutLeavesTheSumOfTheOthersAndAfterItsInputTheSumOfAll(InsecureForTests.Stage stage) {
        InsecureForTests rule = InsecureForTests.on(MeanRule.plain(), 2).disturbedBy((client, where, answer) -> {
            if (where == stage && client.value().equals("client-1")) {
                throw new IOException("gone in " + where);
            }
            return answer;
        });
        RoundResult result = run(FederatedServer.with(rule), threeDirections(), 1);

        boolean stillIn = stage == InsecureForTests.Stage.UNMASK;
        assertEquals(
                List.of(
                        "client-0 completed",
                        stillIn ? "client-1 completed" : "client-1 failed: java.io.IOException: gone in " + stage,
                        "client-2 completed"),
                Toy.outcomes(result));
        assertEquals(
                stillIn ? Toy.weights(2, 2, 2) : Toy.weights(3, 0, 3),
                result.state().weights());
    }

    @Test
    void aMalformedAnswerIsNamedWithItsClient() {
        InsecureForTests rule = InsecureForTests.on(MeanRule.plain(), 2)
                .disturbedBy((client, where, answer) -> where == InsecureForTests.Stage.MASKED_INPUT
                                && client.value().equals("client-1")
                        ? new byte[] {1, 2, 3}
                        : answer);
        RoundResult result = run(FederatedServer.with(rule), threeDirections(), 1);

        assertEquals(
                List.of(
                        "client-0 completed",
                        "client-1 rejected: client 'client-1', round 1: insecure-masked_input-to-server of 3 bytes is damaged or"
                                + " not of this library: it does not start with the bytes FL4J",
                        "client-2 completed"),
                Toy.outcomes(result));
        assertEquals(Toy.weights(3, 0, 3), result.state().weights());
    }

    @Test
    void belowTheThresholdTheRoundIsAbandonedWithItsReason() {
        ScriptedPopulation population = threeDirections().but(2, SecureRoundTest::fails);
        RoundResult.Abandoned abandoned = assertInstanceOf(
                RoundResult.Abandoned.class,
                run(FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 3)), population, 1));

        assertEquals(
                "round 1: 2 of 3 clients are left after MASKED_INPUT but the threshold is 3; the first that was lost is"
                        + " client 'client-2' failed: java.io.IOException: away",
                abandoned.reason());
        assertEquals(Toy.start().abandoned(ComponentState.EMPTY), abandoned.state());
        assertEquals(
                List.of(
                        "client-0 rejected: client 'client-0', round 1: no sum was recovered",
                        "client-1 rejected: client 'client-1', round 1: no sum was recovered",
                        "client-2 failed: java.io.IOException: away"),
                Toy.outcomes(abandoned));
    }

    @Test
    void fewerThanTheMinimumAbandonTheRound() {
        ScriptedPopulation population = threeDirections().but(2, SecureRoundTest::fails);
        RoundResult.Abandoned abandoned = assertInstanceOf(
                RoundResult.Abandoned.class,
                run(
                        FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 1))
                                .policy(RoundPolicy.DEFAULT.withMinUpdates(3)),
                        population,
                        1));

        assertEquals("round 1: 2 of 3 clients completed but the round needs 3", abandoned.reason());
    }

    @Test
    void anInvalidUpdateIsRejectedAtTheClientWithTheServersMessage() {
        ScriptedPopulation population = threeDirections().but(1, Toy.moves(0, Double.NaN, 0));
        RoundResult clear = run(FederatedServer.with(MeanRule.plain()), population, 1);
        RoundResult secure = run(FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 2)), population, 1);

        assertEquals(Toy.outcomes(clear), Toy.outcomes(secure));
        assertEquals(
                "client-1 rejected: client 'client-1', round 1: delta is not finite at coordinate 1, of parameter 'W'; did"
                        + " local training diverge at learning rate 0.5?",
                Toy.outcomes(secure).get(1));
        assertEquals(clear.state(), secure.state());
    }

    @Test
    void anUpdateTheRuleRejectsIsRejectedAtTheClientWithTheSameMessage() {
        ScriptedPopulation population =
                threeDirections().but(1, (self, task) -> ClientUpdate.of(self, task, Toy.delta(0, 6, 0), 9));
        MeanRule rule = MeanRule.plain().rejectingAbove(8);
        RoundResult clear = run(FederatedServer.with(rule), population, 1);
        RoundResult secure = run(FederatedServer.with(InsecureForTests.on(rule, 2)), population, 1);

        assertEquals(Toy.outcomes(clear), Toy.outcomes(secure));
        assertEquals(
                "client-1 rejected: client 'client-1', round 1: 9 examples are more than 8",
                Toy.outcomes(secure).get(1));
        assertEquals(clear.state(), secure.state());
    }

    @Test
    void whatClientsRememberIsCommittedForThoseInTheSum() {
        ClientStateStore store = ClientStateStore.inMemory();
        ScriptedPopulation.Training remembers = (self, task) -> {
            store.stage(
                    self,
                    task.round(),
                    task.token(),
                    ComponentState.of("last", 1).with("round", task.round()));
            return Toy.moves(1, 0, 0).train(self, task);
        };
        InsecureForTests rule = InsecureForTests.on(MeanRule.plain(), 1).disturbedBy((client, where, answer) -> {
            if ((client.value().equals("client-1") && where == InsecureForTests.Stage.MASKED_INPUT)
                    || (client.value().equals("client-2") && where == InsecureForTests.Stage.UNMASK)) {
                throw new IOException("gone");
            }
            return answer;
        });
        run(FederatedServer.with(rule), ScriptedPopulation.of(3, remembers).rememberingIn(store), 2);

        assertEquals(
                List.of(false, true, false),
                IntStream.range(0, 3)
                        .mapToObj(i -> store.read(new ClientId("client-" + i)).isEmpty())
                        .toList());
    }

    @Test
    void everyParticipantIsClosedHoweverTheRoundEnds() {
        WatchedSecure rule = WatchedSecure.of(InsecureForTests.on(MeanRule.plain(), 3));
        run(FederatedServer.with(rule), threeDirections(), 2);
        run(FederatedServer.with(rule), threeDirections().but(0, SecureRoundTest::fails), 1);
        assertEquals(0, rule.open().get());

        RuntimeException bug = new IllegalStateException("a bug");
        assertThrows(
                IllegalStateException.class,
                () -> run(
                        FederatedServer.with(rule.withStages(stage -> WatchedSecure.withoutMessages(bug, stage))),
                        threeDirections(),
                        1));
        assertEquals(0, rule.open().get());
    }

    @Test
    void everyStageHasTheWholeDeadlineAlsoAfterAStraggler() {
        StragglerRunner runner = new StragglerRunner();
        CountDownLatch never = new CountDownLatch(1);
        Duration deadline = Duration.ofSeconds(9);
        ScriptedPopulation population = threeDirections().but(1, (self, task) -> {
            runner.stuck();
            never.await();
            return null;
        });
        try (FederatedServer server = builder(
                        FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 2)), population)
                .runner(runner)
                .policy(RoundPolicy.DEFAULT.withDeadline(deadline))
                .build()) {
            RoundResult result = server.run(Toy.start(), 1);

            assertEquals(
                    List.of("client-0 completed", "client-1 timed out after PT9S", "client-2 completed"),
                    Toy.outcomes(result));
            assertEquals(Toy.weights(3, 0, 3), result.state().weights());
        } finally {
            never.countDown();
        }
        assertEquals(Collections.nCopies(3, new ClientRunner.Limits(deadline, Integer.MAX_VALUE)), runner.asked());
    }

    @Test
    void rejectsOverSelection() {
        ServerBuilder builder = FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 2))
                .clients(threeDirections())
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.uniform(2))
                .policy(RoundPolicy.DEFAULT.withOverSelection(0.5));
        IllegalStateException thrown = assertThrows(IllegalStateException.class, builder::build);

        assertEquals(
                "a secure rule rejects over-selection, here 0.5: masks need a fixed cohort, and the protocol tolerates"
                        + " dropouts without it",
                thrown.getMessage());
    }

    private static ScriptedPopulation wandering() {
        return ScriptedPopulation.of(CLIENTS, Toy::wanders);
    }

    private static ScriptedPopulation threeDirections() {
        return ScriptedPopulation.of(3, Toy.moves(6, 0, 0))
                .but(1, Toy.moves(0, 6, 0))
                .but(2, Toy.moves(0, 0, 6));
    }

    private static ClientUpdate fails(ClientId self, TrainingTask task) throws IOException {
        throw new IOException("away");
    }

    private static ServerBuilder builder(ServerBuilder builder, ClientProvider population) {
        return builder.clients(population).localTraining(Toy.TRAINING);
    }

    private static RoundResult run(ServerBuilder builder, ClientProvider population, int rounds) {
        // One thread: after an error no other client is left at work.
        try (InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server =
                        builder(builder, population).runner(runner).build()) {
            return server.run(Toy.start(), rounds);
        }
    }
}
