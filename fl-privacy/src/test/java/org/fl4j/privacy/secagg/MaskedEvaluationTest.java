package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Segment;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.EvaluationVector;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;

/** An evaluation under masks: a round whose updates are vectors of statistics. One client of twelve drops out. */
class MaskedEvaluationTest {

    private static final StatisticsSpec SPEC =
            StatisticsSpec.forMetrics(Metric.ROC_AUC, Metric.CALIBRATION_ERROR, Metric.topAccuracy(1));
    private static final List<ClientId> CLIENTS = ClientId.numbered("bank-", 12);
    private static final ClientId AWAY = CLIENTS.get(5);
    private static final double STEP = 0x1p-20;

    private final EvaluationVector form = EvaluationVector.ofClasses(SPEC, 2);

    @Test
    void theServerSeesTheMetricsOfTheCohort() {
        Evaluation expected = Evaluation.NONE;
        for (ClientId client : CLIENTS) {
            expected = client.equals(AWAY) ? expected : expected.plus(evaluation(client));
        }
        SegmentsRule sums = new SegmentsRule(List.of(
                new Segment("counts", form.counts(), 1 << 16, OptionalDouble.of(1)),
                new Segment("sums", form.length() - form.counts(), 1 << 12, OptionalDouble.of(STEP))));
        ModelPool<QuadraticModel> zeros = ModelPool.of(() -> new QuadraticModel(form.length()));
        ServerState end;
        try (FederatedServer server = FederatedServer.with(
                        SecureSum.on(sums).tolerating(DropoutTolerance.ofDropouts(0.3)))
                .clients(ClientProvider.local(CLIENTS, id -> new double[0][], zeros)
                        .decorated(client -> new Evaluating(client.id())))
                .localTraining(LocalTraining.steps(1))
                .build()) {
            end = server.run(ServerState.initial(zeros.initialWeights(), 1), 1).state();
        }
        double[] sum = new double[form.length()];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = i < form.counts() ? end.weights().get(i) : end.weights().get(i) * STEP;
        }
        Evaluation seen = form.fromVector(sum);

        assertEquals(expected.classes(), seen.classes());
        assertEquals(expected.statistics().roc(1), seen.statistics().roc(1));
        for (Metric metric : List.of(Metric.ACCURACY, Metric.ROC_AUC, Metric.PR_AUC, Metric.topAccuracy(1))) {
            assertEquals(metric.of(expected), metric.of(seen), metric::name);
        }
        assertEquals(
                Metric.CALIBRATION_ERROR.of(expected).orElseThrow(),
                Metric.CALIBRATION_ERROR.of(seen).orElseThrow(),
                CLIENTS.size() * STEP / 2);
        assertEquals(expected.losses().value(), seen.losses().value(), CLIENTS.size() * STEP / 2);
    }

    private static Evaluation evaluation(ClientId client) {
        DeterministicRandom random = new DeterministicRandom(CLIENTS.indexOf(client));
        Evaluation.Tally tally = new Evaluation.Tally(2, 1, SPEC);
        for (int i = 0; i < 200 + 100 * CLIENTS.indexOf(client); i++) {
            int label = random.nextInt(2);
            float score = (float) (1 / (1 + Math.exp(-2 * random.nextGaussian() - label)));
            tally.add(label, new float[] {score}, 0, -Math.log(label == 1 ? score : 1 - score));
        }
        return tally.evaluation();
    }

    /** The host's client: it answers the round with its evaluation of weights that the server published before. */
    private final class Evaluating implements Client {

        private final ClientId id;

        Evaluating(ClientId id) {
            this.id = id;
        }

        @Override
        public ClientId id() {
            return id;
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws IOException {
            if (id.equals(AWAY)) {
                throw new IOException("away");
            }
            double[] vector = form.toVector(evaluation(id));
            for (int i = form.counts(); i < vector.length; i++) {
                vector[i] = Math.rint(vector[i] / STEP);
            }
            return ClientUpdate.of(id, task, ModelDelta.of(task.global().layout(), vector), 1);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            return evaluation(id);
        }
    }
}
