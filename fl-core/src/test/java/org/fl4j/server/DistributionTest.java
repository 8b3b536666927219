package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the global weights do for single clients: known figures, and where they are not told. */
class DistributionTest {

    private static final MeanRule PRIVATE =
            MeanRule.plain().guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));

    private final InProcessRunner runner = InProcessRunner.of(2);
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void closeRunner() {
        runner.close();
    }

    /** Client i of n has i of n right, and n - i as its loss. */
    @ParameterizedTest(name = "of {0} clients the 10th percentile is that of client {1}")
    @CsvSource({"1, 1", "2, 1", "9, 1", "10, 1", "11, 2", "20, 2", "21, 3", "100, 10", "101, 11"})
    void thePercentileIsTheLowerQuantileFromTheWorst(int n, int tenth) {
        List<Evaluation> labelled = new ArrayList<>();
        List<Evaluation> others = new ArrayList<>();
        for (int i = 1; i <= n; i++) {
            // As many examples as the client is good: a weighted mean would be another.
            labelled.add(new Evaluation(
                    (long) n * i,
                    7,
                    List.of(
                            new Evaluation.ClassCounts((long) n * i - 1, (long) i * i - 1, 0),
                            new Evaluation.ClassCounts(1, 1, 0))));
            others.add(new Evaluation(i, n - i, List.of()));
        }
        labelled.add(Evaluation.NONE);
        others.add(0, Evaluation.NONE);
        Collections.shuffle(labelled, new Random(n));
        Collections.shuffle(others, new Random(n));

        ClientDistribution accuracies = ClientDistribution.of(labelled).orElseThrow();
        assertEquals((n + 1) / 2.0 / n, accuracies.mean(), 1e-12);
        assertEquals(
                new ClientDistribution(Metric.ACCURACY, n, accuracies.mean(), tenth / (double) n, 1.0 / n), accuracies);
        assertEquals(
                Optional.of(new ClientDistribution(Metric.LOSS, n, (n - 1) / 2.0, n - tenth, n - 1)),
                ClientDistribution.of(others));
    }

    @Test
    void ofNoExamplesThereIsNone() {
        assertEquals(Optional.empty(), ClientDistribution.of(List.of()));
        assertEquals(Optional.empty(), ClientDistribution.of(List.of(Evaluation.NONE)));
    }

    /** One fails, one has other classes, one has no examples. */
    @Test
    void isOfTheClientsInTheSum() {
        ScriptedPopulation population = population().judgedBy((self, task) -> switch (self.value()) {
            case "client-1" -> throw new IOException("away");
            case "client-2" -> new Evaluation(1, 0, List.of(new Evaluation.ClassCounts(1, 1, 1)));
            case "client-3" -> Evaluation.NONE;
            case "client-4" -> new Evaluation(8, 5, List.of());
            default -> new Evaluation(2, 1, List.of());
        });
        try (FederatedServer server = server(FederatedServer.with(MeanRule.plain()), population)
                .listeners(evaluation(population).withDistribution(this::hear).withDeadline(Duration.ofHours(1)))
                .build()) {
            server.run(Toy.start(), 2);
        }
        String its = "ClientDistribution[metric=loss, clients=2, mean=3.0, tenthPercentile=5.0, worst=5.0]";
        assertEquals(List.of("1: of 10", "1: " + its, "2: of 10", "2: " + its), heard);
    }

    @Test
    void isRefusedWhereTheRuleHidesClientsUnlessDeclared() {
        for (ServerBuilder builder : List.of(
                server(FederatedServer.with(PRIVATE), population()),
                server(FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 1)), population()),
                server(FederatedServer.with(InsecureForTests.on(PRIVATE, 1)), population()))) {
            FederatedEvaluation open = evaluation(population()).withDistribution(this::hear);
            builder.listeners(evaluation(population()), open.revealingDistribution())
                    .build()
                    .close();
            builder.listeners(open);
            String message =
                    assertThrows(IllegalStateException.class, builder::build).getMessage();
            assertEquals(
                    "FederatedEvaluation.withDistribution(...) would show how single clients fare, but a RULE hides them;"
                            + " leave it out, or call revealingDistribution() on the evaluation if that is acceptable",
                    message.replaceFirst("a (private|secure) rule, .*, hides", "a RULE hides"));
        }
    }

    @Test
    void isToldUnderAPrivateRuleWhereItIsDeclared() {
        ScriptedPopulation population = population().judgedBy((self, task) -> new Evaluation(2, 1, List.of()));
        try (FederatedServer server = server(FederatedServer.with(PRIVATE), population)
                .listeners(evaluation(population)
                        .revealingDistribution()
                        .withDistribution(this::hear)
                        .withSample(3))
                .build()) {
            server.run(Toy.start(), 1);
        }
        assertEquals(2, heard.size());
    }

    /** A listener within a listener is not seen by the builder. */
    @Test
    void isRefusedWhereNoServerSaysWhatItsRuleIs() {
        FederatedEvaluation hidden = evaluation(population()).withDistribution(this::hear);
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                FederatedServer server = server(FederatedServer.with(PRIVATE), population())
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                hidden.roundEnded(result);
                            }

                            @Override
                            public String toString() {
                                return "wrapper";
                            }
                        })
                        .build()) {
            server.run(Toy.start(), 1);
            assertEquals(List.of(), heard);
            assertEquals(List.of("listener wrapper threw; the run continues, and this is logged once"), log.warnings());
        }
    }

    private static ScriptedPopulation population() {
        return ScriptedPopulation.of(5, Toy::wanders);
    }

    private static ServerBuilder server(ServerBuilder builder, ScriptedPopulation population) {
        return builder.clients(population).localTraining(Toy.TRAINING);
    }

    private FederatedEvaluation evaluation(ScriptedPopulation population) {
        return FederatedEvaluation.every(
                1, population, runner, (round, sum) -> heard.add(round + ": of " + sum.examples()));
    }

    private void hear(int round, ClientDistribution distribution) {
        heard.add(round + ": " + distribution);
    }
}
