package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Central and federated evaluation of the global weights: when, of which weights, and with what weights. */
class EvaluationTest {

    private final List<String> heard = new ArrayList<>();
    private final Evaluation.Listener listener = (round, evaluation) ->
            heard.add(round + ": loss " + evaluation.loss() + " of " + evaluation.examples() + classes(evaluation));

    @Test
    void evaluatesEveryKRoundsAndAfterTheLast() {
        run(server(MeanRule.plain()).listeners(central(3)), Toy.start(), 7);

        assertEquals(List.of("3: loss 3.0 of 10", "6: loss 6.0 of 10", "7: loss 7.0 of 10"), heard);
    }

    @Test
    void countsRoundsOfTheWholeTrainingNotOfTheRun() {
        run(server(MeanRule.plain()).listeners(central(3)), Toy.afterTwoRounds(), 2);

        assertEquals(List.of("3: loss 1.0 of 10", "4: loss 2.0 of 10"), heard);
    }

    @Test
    void evaluatesAfterTheLastRoundBeforeARefusedOne() {
        PrivacyBudgetGuard upToFive = (context, ledger) -> context.round() > 5
                ? new PrivacyBudgetGuard.Refused("spent", Map.of())
                : new PrivacyBudgetGuard.Granted(ledger);
        ServerBuilder server = server(MeanRule.plain().guardedBy(upToFive)).listeners(central(3));

        ServerState end = run(server, Toy.start(), 100).state();
        assertEquals(List.of("3: loss 3.0 of 10", "5: loss 5.0 of 10"), heard);

        run(server, end, 100);
        assertEquals(2, heard.size(), "nothing ran, so there is nothing new to evaluate");
    }

    @Test
    void aListenerCanBeUsedForASecondRun() {
        ServerBuilder server = server(MeanRule.plain()).listeners(central(2));
        run(server, Toy.start(), 2);
        run(server, Toy.start(), 2);

        assertEquals(List.of("2: loss 2.0 of 10", "2: loss 2.0 of 10"), heard);
    }

    @Test
    void doesNotEvaluateWhenTheFirstRoundIsRefused() {
        PrivacyBudgetGuard never = (context, ledger) -> new PrivacyBudgetGuard.Refused("spent", Map.of());
        run(server(MeanRule.plain().guardedBy(never)).listeners(central(1)), Toy.afterTwoRounds(), 5);

        assertEquals(List.of(), heard);
    }

    @Test
    void doesNotEvaluateTwiceWhenTheNextRoundIsRefused() {
        PrivacyBudgetGuard upToThree = (context, ledger) -> context.round() > 3
                ? new PrivacyBudgetGuard.Refused("spent", Map.of())
                : new PrivacyBudgetGuard.Granted(ledger);
        run(server(MeanRule.plain().guardedBy(upToThree)).listeners(central(3)), Toy.start(), 100);

        assertEquals(List.of("3: loss 3.0 of 10"), heard);
    }

    @Test
    void clientsCountByTheirExamples() {
        // (1 * 10 + 3 * 2) / 4 = 4; of 4 examples 3 are of class 0, and 2 + 1 are recognised
        ScriptedPopulation population = ScriptedPopulation.of(2, Toy.moves(1, 0, 0))
                .judgedBy((self, task) -> self.value().equals("client-0")
                        ? new Evaluation(
                                1,
                                10 * task.global().get(0),
                                List.of(new Evaluation.ClassCounts(1, 1, 1), new Evaluation.ClassCounts(0, 0, 0)))
                        : new Evaluation(
                                3,
                                2 * task.global().get(0),
                                List.of(new Evaluation.ClassCounts(2, 1, 1), new Evaluation.ClassCounts(1, 1, 2))));
        federated(population, 1);

        assertEquals(List.of("1: loss 4.0 of 4 [3/2/2, 1/1/2]"), heard);
    }

    @Test
    void clientsThatFailOrReturnNullAreLeftOutWithAWarning() {
        ScriptedPopulation population = ScriptedPopulation.of(5, Toy.moves(1, 0, 0))
                .judgedBy((self, task) -> switch (self.value()) {
                    case "client-1" -> throw new IOException("away");
                    case "client-2" -> null;
                    case "client-3" -> new Evaluation(1, 0, List.of(new Evaluation.ClassCounts(1, 1, 1)));
                    default -> new Evaluation(5, 2, List.of());
                });
        try (CapturedLog log = CapturedLog.of(FederatedEvaluation.class)) {
            federated(population, 1);

            assertEquals(List.of("1: loss 2.0 of 10"), heard);
            assertEquals(
                    List.of("the evaluation of round 1 leaves out 3 of 5 clients: client 'client-1' failed:"
                            + " java.io.IOException: away; client 'client-2' failed: java.lang.NullPointerException:"
                            + " evaluate returned null, not an evaluation; client 'client-3': evaluations over 0 and 1"
                            + " classes do not add up"),
                    log.warnings());
        }
    }

    @Test
    void withoutAnyEvaluationTheListenerIsNotCalled() {
        try (CapturedLog log = CapturedLog.of(FederatedEvaluation.class)) {
            federated(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)), 1);
            assertEquals(List.of("1: loss 0.0 of 0"), heard);
            assertEquals(
                    List.of("the evaluation of round 1 leaves out 2 of 2 clients: client 'client-0' failed:"
                            + " java.lang.UnsupportedOperationException: no evaluation; client 'client-1' failed:"
                            + " java.lang.UnsupportedOperationException: no evaluation"),
                    log.warnings());
        }
    }

    @Test
    void underAPrivateRuleTheWarningNamesNoClient() {
        PrivacyBudgetGuard always = (context, ledger) -> new PrivacyBudgetGuard.Granted(ledger);
        ScriptedPopulation population = ScriptedPopulation.of(2, Toy.moves(1, 0, 0));
        try (CapturedLog log = CapturedLog.of(FederatedEvaluation.class);
                InProcessRunner runner = InProcessRunner.of(1)) {
            run(
                    server(MeanRule.plain().guardedBy(always))
                            .listeners(FederatedEvaluation.every(1, population, runner, listener)),
                    Toy.start(),
                    1);

            assertEquals(List.of("the evaluation of round 1 leaves out clients that did not answer"), log.warnings());
        }
    }

    /** The second client never answers; the policy's deadline is the evaluation's, too, unless it has its own. */
    @Test
    @Timeout(60)
    void aHungClientDelaysTheRunUntilTheDeadlineOnly() {
        CountDownLatch never = new CountDownLatch(1);
        ScriptedPopulation population = ScriptedPopulation.of(2, Toy.moves(1, 0, 0))
                .judgedBy((self, task) -> {
                    if (self.value().equals("client-1")) {
                        never.await();
                    }
                    return new Evaluation(5, 2, List.of());
                });
        Duration shortTime = Duration.ofMillis(500);
        Duration longTime = Duration.ofHours(1);
        try (CapturedLog log = CapturedLog.of(FederatedEvaluation.class);
                InProcessRunner runner = InProcessRunner.of(2)) {
            FederatedEvaluation evaluation = FederatedEvaluation.every(1, population, runner, listener);
            run(
                    server(MeanRule.plain())
                            .policy(RoundPolicy.DEFAULT.withDeadline(shortTime))
                            .listeners(evaluation),
                    Toy.start(),
                    1);
            run(
                    server(MeanRule.plain())
                            .policy(RoundPolicy.DEFAULT.withDeadline(longTime))
                            .listeners(evaluation.withDeadline(shortTime)),
                    Toy.start(),
                    1);

            String late =
                    "the evaluation of round 1 leaves out 1 of 2 clients: client 'client-1' missed the deadline of"
                            + " PT0.5S";
            assertEquals(List.of("1: loss 2.0 of 5", "1: loss 2.0 of 5"), heard);
            assertEquals(List.of(late, late), log.warnings());
        }
    }

    @Test
    void theSampleDependsOnRoundAndSeedOnly() {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        ScriptedPopulation population = ScriptedPopulation.of(1000, Toy.moves(1, 0, 0))
                .judgedBy((self, task) -> {
                    asked.add(task.round() + " " + self);
                    return new Evaluation(5, 2, List.of());
                });
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            FederatedEvaluation evaluation =
                    FederatedEvaluation.every(1, population, runner, listener).withSample(3);
            run(server(MeanRule.plain()).listeners(evaluation), Toy.start(), 2);
            List<String> first = List.copyOf(asked);
            asked.clear();
            run(server(MeanRule.plain()).listeners(evaluation), Toy.start(), 2);

            assertEquals(first, asked);
            assertEquals(List.of("1: loss 2.0 of 15", "2: loss 2.0 of 15"), heard.subList(0, 2));
            // Two samples of 3 of 1,000 agree in their first client with probability 1/1000; the seed is fixed.
            assertNotEquals(first.get(0).substring(2), first.get(3).substring(2));
        }
    }

    @Test
    void rejectsEmptySamplesAndNonPositiveDeadlines() {
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            FederatedEvaluation evaluation =
                    FederatedEvaluation.every(1, ScriptedPopulation.of(1, Toy.moves(1, 0, 0)), runner, listener);

            assertEquals(
                    "size must be at least 1, but was 0",
                    assertThrows(IllegalArgumentException.class, () -> evaluation.withSample(0))
                            .getMessage());
            assertEquals(
                    "deadline must be positive, but was PT0S",
                    assertThrows(IllegalArgumentException.class, () -> evaluation.withDeadline(Duration.ZERO))
                            .getMessage());
        }
    }

    @Test
    void evaluationDoesNotChangeTheModel() {
        ServerState without = run(server(MeanRule.plain()), Toy.start(), 3).state();
        ServerState with = run(server(MeanRule.plain()).listeners(central(1)), Toy.start(), 3)
                .state();

        assertEquals(without, with);
    }

    @Test
    void rejectsAPeriodBelowOne() {
        IllegalArgumentException never = assertThrows(IllegalArgumentException.class, () -> central(0));

        assertEquals("every must be at least 1, but was 0", never.getMessage());
    }

    private CentralEvaluation<String> central(int every) {
        return CentralEvaluation.every(every, ModelPool.of(FirstCoordinate::new), "ten exams", listener);
    }

    private void federated(ScriptedPopulation population, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            run(
                    server(MeanRule.plain())
                            .clients(population)
                            .listeners(FederatedEvaluation.every(1, population, runner, listener)),
                    Toy.start(),
                    rounds);
        }
    }

    private static String classes(Evaluation evaluation) {
        List<String> counts = evaluation.classes().stream()
                .map(c -> c.examples() + "/" + c.correct() + "/" + c.predicted())
                .toList();
        return counts.isEmpty() ? "" : " " + counts;
    }

    private static ServerBuilder server(MeanRule rule) {
        return FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static RoundResult run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }

    /** A model whose loss is its first coordinate. */
    private static final class FirstCoordinate implements Model<String> {

        private ModelWeights weights = Toy.weights(0, 0, 0);

        @Override
        public ParameterLayout layout() {
            return Toy.LAYOUT;
        }

        @Override
        public ModelWeights weights() {
            return weights;
        }

        @Override
        public void load(ModelWeights other) {
            weights = other;
        }

        @Override
        public LocalTraining.Report train(String data, LocalTraining how, long seed) {
            throw new UnsupportedOperationException("not trained here");
        }

        @Override
        public Evaluation evaluate(String data) {
            return new Evaluation(10, weights.get(0), List.of());
        }
    }
}
