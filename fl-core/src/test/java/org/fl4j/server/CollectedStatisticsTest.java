package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** What an evaluation collects is asked for in the task, is the same at the server and at the clients, and is checked. */
class CollectedStatisticsTest {

    private final InProcessRunner runner = InProcessRunner.of(2);
    private final List<Evaluation> sums = new ArrayList<>();
    private final List<ClientDistribution> distributions = new ArrayList<>();

    @AfterEach
    void closeRunner() {
        runner.close();
    }

    /** Client k has k + 1 examples; of class 1 are all but the last. */
    private static Evaluation evaluation(int k, StatisticsSpec spec) {
        Evaluation.Tally tally = new Evaluation.Tally(2, 1, spec);
        for (int i = 0; i <= k; i++) {
            tally.add(i == k ? 0 : 1, new float[] {(i + 1) / 8f}, 0, 0.1 * i);
        }
        return tally.evaluation();
    }

    private static int number(ClientId id) {
        return Integer.parseInt(id.value().substring("client-".length()));
    }

    @Test
    void federatedEvaluationsAddUpWhatTheTaskAsksFor() {
        ScriptedPopulation population = ScriptedPopulation.of(4, Toy::wanders)
                .judgedBy((self, task) -> evaluation(
                        number(self), EvaluationTask.fromBytes(task.toBytes()).statistics()));
        StatisticsSpec asked = StatisticsSpec.forMetrics(Metric.CALIBRATION_ERROR);
        run(population, evaluation(population).collecting(asked).withDistribution(Metric.ROC_AUC, this::hear));

        StatisticsSpec both = asked.and(Metric.ROC_AUC.needs());
        Evaluation expected = Evaluation.NONE;
        for (int k = 0; k < 4; k++) {
            expected = expected.plus(evaluation(k, both));
        }
        assertEquals(List.of(expected), sums);
        // Client 0 has one class only; at every other all of class 1 score below the one of class 0.
        assertEquals(List.of(new ClientDistribution(Metric.ROC_AUC, 3, 0, 0, 0)), distributions);
    }

    @Test
    void theWorstOfALossIsTheHighest() {
        List<Evaluation> each = new ArrayList<>();
        for (int k = 0; k < 4; k++) {
            each.add(evaluation(k, StatisticsSpec.NONE));
        }
        ClientDistribution losses = ClientDistribution.of(Metric.LOSS, each).orElseThrow();
        assertEquals(each.get(3).loss(), losses.worst());
        ClientDistribution accuracies =
                ClientDistribution.of(Metric.ACCURACY, each).orElseThrow();
        assertEquals(0.25, accuracies.worst());
        assertEquals(Optional.empty(), ClientDistribution.of(Metric.MSE, each));
    }

    @Test
    void aClientThatCollectsSomethingElseIsLeftOut() {
        ScriptedPopulation population = ScriptedPopulation.of(3, Toy::wanders)
                .judgedBy((self, task) ->
                        evaluation(number(self), number(self) == 0 ? StatisticsSpec.NONE : task.statistics()));
        try (CapturedLog log = CapturedLog.of(FederatedEvaluation.class)) {
            run(population, evaluation(population).collecting(Metric.ROC_AUC.needs()));
            assertEquals(5, sums.get(0).examples());
            assertEquals(
                    List.of(
                            "the evaluation of round 1 leaves out 1 of 3 clients: client 'client-0': asked for statistics"
                                    + " [SCORES] but the evaluation has []; does the client run another version, or a model that"
                                    + " wraps another one?"),
                    log.warnings());
        }
    }

    @Test
    void aModelThatCollectsNothingSaysSo() {
        ModelPool<QuadraticModel> pool = ModelPool.of(() -> new QuadraticModel(2));
        LocalClient<double[][]> client = LocalClient.of(new ClientId("clinic"), new double[][] {{1, 2}}, pool);
        EvaluationTask task = new EvaluationTask(1, pool.initialWeights()).collecting(Metric.ROC_AUC.needs());
        assertEquals(
                "statistics [SCORES] are asked for, but org.fl4j.testkit.QuadraticModel collects none; override"
                        + " evaluate(data, statistics) in it",
                assertThrows(UnsupportedOperationException.class, () -> client.evaluate(task))
                        .getMessage());
        ParameterLayout layout = new ParameterLayout(
                DataType.DOUBLE, List.of(ParameterSpec.trainable("body", 1), ParameterSpec.trainable("head", 1)));
        assertThrows(
                UnsupportedOperationException.class,
                () -> new QuadraticModel(layout)
                        .keeping("head")
                        .evaluate(new double[][] {{1, 2}}, Metric.ROC_AUC.needs()));
    }

    /** A central evaluation asks the model for the same. */
    @Test
    void centralEvaluationsCollect() {
        ModelPool<QuadraticModel> pool =
                ModelPool.of(() -> new QuadraticModel(Toy.start().weights().layout()));
        List<String> failures = new ArrayList<>();
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(2, Toy::wanders))
                        .localTraining(Toy.TRAINING)
                        .listeners(CentralEvaluation.every(
                                        1, pool, new double[][] {{1, 2, 3}}, (round, sum) -> sums.add(sum))
                                .collecting(Metric.ROC_AUC.needs()))
                        .build()) {
            server.run(Toy.start(), 1);
            failures.addAll(log.warnings());
        }
        assertEquals(List.of(), sums);
        assertEquals(1, failures.size());
    }

    private void run(ScriptedPopulation population, FederatedEvaluation evaluation) {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .listeners(evaluation)
                .build()) {
            server.run(Toy.start(), 1);
        }
    }

    private FederatedEvaluation evaluation(ScriptedPopulation population) {
        return FederatedEvaluation.every(1, population, runner, (round, sum) -> sums.add(sum));
    }

    private void hear(int round, ClientDistribution distribution) {
        distributions.add(distribution);
    }
}
