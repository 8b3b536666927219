package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientUpdate;
import org.fl4j.model.Evaluation;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that misses a deadline and is still at work in the next round is not called a second time. */
@Timeout(60)
class BusyClientTest {

    private final StragglerRunner runner = new StragglerRunner();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicReference<Thread> stuck = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final List<List<String>> heard = new ArrayList<>();

    /** Stuck in round 1, and back at the end of round 2. */
    private final ScriptedPopulation population = ScriptedPopulation.of(3, Toy.moves(2, 0, 0))
            .but(1, (self, task) -> {
                if (calls.incrementAndGet() == 1) {
                    stayAway();
                }
                return ClientUpdate.of(self, task, Toy.delta(2, 0, 0), 1);
            });

    static Stream<ServerBuilder> rules() {
        MeanRule guarded = MeanRule.plain().guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        return Stream.of(
                FederatedServer.with(MeanRule.plain()),
                FederatedServer.with(Toy.unlinear(MeanRule.plain())),
                FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 1)),
                FederatedServer.with(guarded));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aBusyClientIsNotCalledUntilItReturns(ServerBuilder builder) {
        try (FederatedServer server = server(builder, new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                heard.add(Toy.outcomes(result));
                assertEquals(result.state().round() < 3 ? 1 : 2, calls.get());
                if (result.state().round() == 2) {
                    comeBack();
                }
            }
        })) {
            assertInstanceOf(RoundResult.Advanced.class, server.run(Toy.start(), 3));
        }

        assertEquals(3, heard.size());
        if (heard.get(0).isEmpty()) {
            return; // a private rule's report has no outcomes; the calls were counted
        }
        assertEquals("client-1 timed out after PT9S", heard.get(0).get(1));
        assertEquals("client-1 busy since round 1", heard.get(1).get(1));
        assertEquals("client-1 completed", heard.get(2).get(1));
    }

    @Test
    void aBusyClientIsReportedUntilItReturns() {
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                FederatedServer server = server(FederatedServer.with(MeanRule.plain()), new RoundListener() {})) {
            server.run(Toy.start(), 3);
            comeBack();

            assertEquals(
                    List.of(
                            "round 2: 1 of 3 clients did not complete: client 'client-1' is still at work on round 1 and was"
                                    + " not called",
                            "round 2: clients that are still at work on earlier rounds: 1; until it returns, each that blocks"
                                    + " holds a thread, and a model if it borrowed one",
                            "round 3: 1 of 3 clients did not complete: client 'client-1' is still at work on round 1 and was"
                                    + " not called"),
                    log.warnings().subList(1, 4));
        }
    }

    @Test
    void underAPrivateRuleABusyClientIsNotReported() {
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                FederatedServer server = server(
                        FederatedServer.with(MeanRule.plain()
                                .guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger))),
                        new RoundListener() {})) {
            server.run(Toy.start(), 3);
            comeBack();

            assertEquals(List.of(), log.warnings());
        }
    }

    /** Its thread is in {@code train}: neither may another be in {@code evaluate}. */
    @Test
    void aBusyClientIsNotAskedToEvaluate() {
        List<String> evaluations = new ArrayList<>();
        population.judgedBy((self, task) -> new Evaluation(1, 2, List.of()));
        try (CapturedLog log = CapturedLog.of(FederatedEvaluation.class);
                FederatedServer server = server(
                        FederatedServer.with(MeanRule.plain()),
                        FederatedEvaluation.every(
                                1,
                                population,
                                runner,
                                (round, sum) -> evaluations.add(round + ": " + sum.examples())))) {
            server.run(Toy.start(), 1);
            comeBack();
            server.run(Toy.start(), 1);

            assertEquals(List.of("1: 2", "1: 3"), evaluations);
            assertEquals(
                    List.of(
                            "the evaluation of round 1 leaves out 1 of 3 clients: client 'client-1' is still at work on round"
                                    + " 1 and was not called"),
                    log.warnings());
        }
    }

    private FederatedServer server(ServerBuilder builder, RoundListener listener) {
        return builder.clients(population)
                .localTraining(Toy.TRAINING)
                .runner(runner)
                .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofSeconds(9)))
                .listeners(listener)
                .build();
    }

    private void stayAway() throws InterruptedException {
        stuck.set(Thread.currentThread());
        runner.stuck();
        release.await();
    }

    private void comeBack() {
        release.countDown();
        try {
            stuck.get().join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
