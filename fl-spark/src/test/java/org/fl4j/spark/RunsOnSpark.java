package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.Evaluation;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.junit.jupiter.api.Test;

/** What holds wherever executors are: the state, the outcomes and the evaluations of one JVM, bit for bit. */
abstract class RunsOnSpark {

    private static final int ROUNDS = 2;

    abstract JavaSparkContext spark();

    /** A run as all can see it. */
    record Run(ServerState end, List<List<String>> outcomes, List<Evaluation> evaluations) {

        String fingerprint() {
            return end.weights().fingerprint();
        }
    }

    /** A rule, and what optimizer goes with it. */
    record Setting(ExecutorSide<? extends DirectAggregator> rule, ServerOptimizer optimizer) {

        static Setting of(ExecutorSide<? extends DirectAggregator> rule) {
            return new Setting(rule, ServerOptimizer.plain());
        }
    }

    @Test
    void aWeightedMeanHasTheSameBits() throws Exception {
        same(Setting.of(FedAvg::byExamples));
    }

    @Test
    void whatClientsRememberTravels() throws Exception {
        same(Setting.of(Scaffold::uniform));
    }

    @Test
    void anOptimizerIsTheDrivers() throws Exception {
        same(new Setting(FedAvg::byExamples, FedAdam.withLearningRate(0.01)));
    }

    @Test
    void aRuleThatNeedsEveryUpdateHasTheSameBits() throws Exception {
        same(Setting.of(CoordinateMedian::of));
    }

    private void same(Setting setting) throws Exception {
        Run here = here(setting, Digits.clients());
        Run there = there(setting, Digits::clients);

        assertEquals(here, there);
        assertNotEquals(Digits.start().weights(), there.end().weights());
        assertEquals(ROUNDS, there.evaluations().size());
    }

    /** As in one JVM, on two threads. */
    static Run here(Setting setting, ClientProvider clients) throws Exception {
        return here(setting, clients, ROUNDS);
    }

    static Run here(Setting setting, ClientProvider clients, int rounds) throws Exception {
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            return run(setting, clients, runner, rounds, builder -> builder);
        }
    }

    Run there(Setting setting, ExecutorSide<ClientProvider> clients) throws Exception {
        try (SparkRunner runner = SparkRunner.over(spark(), setting.rule(), clients)) {
            return run(setting, runner.clients(), runner, ROUNDS, builder -> builder);
        }
    }

    static Run run(
            Setting setting,
            ClientProvider clients,
            ClientRunner runner,
            int rounds,
            Function<ServerBuilder, ServerBuilder> more)
            throws Exception {
        List<List<String>> outcomes = new ArrayList<>();
        List<Evaluation> evaluations = new ArrayList<>();
        ServerBuilder builder = FederatedServer.with(setting.rule().make())
                .clients(clients)
                .selector(ClientSelector.uniform(Digits.COHORT))
                .localTraining(Digits.TRAINING)
                .optimizer(setting.optimizer())
                .runner(runner)
                .listeners(
                        new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                outcomes.add(outcomes(result));
                            }
                        },
                        FederatedEvaluation.every(1, clients, runner, (round, sum) -> evaluations.add(sum)));
        try (FederatedServer server = more.apply(builder).build()) {
            ServerState end = server.run(Digits.start(), rounds).state();
            return new Run(end, outcomes, evaluations);
        }
    }

    private static List<String> outcomes(RoundResult result) {
        RoundResult.Report report = result instanceof RoundResult.Advanced advanced
                ? advanced.report()
                : ((RoundResult.Abandoned) result).report();
        return report.outcomes().stream()
                .map(outcome -> outcome.describe() + " " + outcome.map(receipt -> receipt.scalars()))
                .toList();
    }
}
