package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.fl4j.model.StatisticsSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.evaluation.classification.ROCMultiClass;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Statistics by plans, by DL4J and by SameDiff, against DL4J's own evaluation of the same network. */
class CollectedStatisticsTest {

    private static final StatisticsSpec CLASSES = StatisticsSpec.forMetrics(
            Metric.ROC_AUC, Metric.CALIBRATION_ERROR, Metric.topAccuracy(2), Metric.PERPLEXITY);
    private static final StatisticsSpec TARGETS = StatisticsSpec.forMetrics(Metric.R2);
    private static final int N = 300;

    @Test
    void softmaxAndOneSigmoidUnit() {
        Examples data = Networks.classified(N);
        Supplier<MultiLayerNetwork> softmax = () -> Networks.mlp(Networks.sgd());
        Evaluation evaluation = bothWays(softmax, data, CLASSES);
        org.nd4j.evaluation.classification.Evaluation oracle =
                new org.nd4j.evaluation.classification.Evaluation(List.of("0", "1", "2"), 2);
        ROCMultiClass roc = new ROCMultiClass(0);
        INDArray output = softmax.get().output(features(data));
        oracle.eval(labels(data), output);
        roc.eval(labels(data), output);
        assertValue(oracle.accuracy(), Metric.ACCURACY, evaluation, 0);
        assertValue(oracle.topNAccuracy(), Metric.topAccuracy(2), evaluation, 0);
        assertValue(roc.calculateAverageAUC(), Metric.ROC_AUC, evaluation, 1e-3);
        assertValue(Math.exp(evaluation.loss()), Metric.PERPLEXITY, evaluation, 0);

        int[] halves = new int[N];
        for (int i = 0; i < N; i++) {
            halves[i] = Math.min(data.label(i), 1);
        }
        Examples binary = Examples.classified(rows(data), halves, 2, Networks.FEATURES);
        Supplier<MultiLayerNetwork> sigmoid = () -> Networks.stack(
                Networks.sgd(),
                Networks.dense(Networks.FEATURES, 5),
                Networks.output(5, 1, LossFunction.XENT, Activation.SIGMOID));
        Evaluation ofOneUnit = bothWays(sigmoid, binary, CLASSES);
        ROC one = new ROC(0);
        one.eval(labels(binary.withBinaryTargets()), sigmoid.get().output(features(data)));
        assertValue(one.calculateAUC(), Metric.ROC_AUC, ofOneUnit, 1e-3);
    }

    @Test
    void targets() {
        Examples data = Networks.regression(N);
        Supplier<MultiLayerNetwork> network = () -> Networks.stack(
                Networks.sgd(),
                Networks.dense(Networks.FEATURES, 5),
                Networks.output(5, 2, LossFunction.MSE, Activation.IDENTITY));
        Evaluation evaluation = bothWays(network, data, TARGETS);
        RegressionEvaluation oracle = new RegressionEvaluation(2);
        oracle.eval(labels(data), network.get().output(features(data)));
        assertValue(oracle.averageMeanSquaredError(), Metric.MSE, evaluation, 1e-5);
        assertValue(oracle.averageMeanAbsoluteError(), Metric.MAE, evaluation, 1e-5);
        assertValue(oracle.averageRSquared(), Metric.R2, evaluation, 1e-4);
        assertEquals(evaluation.loss(), Metric.MSE.of(evaluation).orElseThrow(), 1e-5, "the loss is the squared error");
    }

    /** Steps of sequences: one of two sequences ends after one step, whose labels are zeros then. */
    @Test
    void stepsOfSequences() {
        int steps = 3;
        SplittableRandom random = new SplittableRandom(1);
        float[] features = new float[N * Networks.FEATURES * steps];
        float[] labels = new float[N * Networks.CLASSES * steps];
        int labelled = 0;
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) (2 * random.nextDouble() - 1);
        }
        for (int i = 0; i < N; i++) {
            for (int t = 0; t < (i % 2 == 0 ? 1 : steps); t++, labelled++) {
                labels[(i * Networks.CLASSES + random.nextInt(Networks.CLASSES)) * steps + t] = 1;
            }
        }
        Examples data = Examples.withTargets(
                features, new long[] {Networks.FEATURES, steps}, labels, new long[] {Networks.CLASSES, steps});
        Supplier<MultiLayerNetwork> network = () -> Networks.stack(
                Networks.sgd(),
                new LSTM.Builder()
                        .nIn(Networks.FEATURES)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build(),
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(4)
                        .nOut(Networks.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());
        Evaluation evaluation = bothWays(network, data, CLASSES);
        assertEquals(
                labelled,
                evaluation.classes().stream()
                        .mapToLong(Evaluation.ClassCounts::examples)
                        .sum());
        assertValue(Math.exp(evaluation.loss() * N / labelled), Metric.PERPLEXITY, evaluation, 1e-12);
        assertEquals(List.of(), Dl4jModel.of(network.get()).evaluate(data).classes());

        Evaluation residuals = bothWays(Networks::recurrent, Networks.sequences(N), TARGETS);
        assertEquals(residuals.loss() / steps, Metric.MSE.of(residuals).orElseThrow(), 1e-5);
    }

    @Test
    void aGraphNamesProbabilitiesAndPredictions() {
        SameDiff graph = Graphs.mlp(DataType.FLOAT, new Sgd(1));
        SDVariable logits = graph.getVariable("logits");
        graph.nn.softmax("probabilities", logits);
        Examples data = Networks.classified(N);
        SameDiffModel.Names names = SameDiffModel.Names.of("input", "labels", "loss");
        Evaluation evaluation =
                SameDiffModel.of(graph, names.withScores("probabilities")).evaluate(data, CLASSES);
        assertEquals(evaluation.classes(), Graphs.model(graph).evaluate(data).classes());
        assertEquals(
                Metric.topAccuracy(2).of(evaluation),
                Metric.topAccuracy(2).of(Graphs.model(graph).evaluate(data, StatisticsSpec.top(2))));
        assertMessage(
                "scores must be probabilities, in [0, 1], for these statistics, but was ",
                () -> Graphs.model(graph).evaluate(data, CLASSES));
        assertMessage(
                "statistics [SCORES] are asked for, but no variable holds predictions; name it by Names.withScores(...)",
                () -> SameDiffModel.of(graph, names).evaluate(data, Metric.ROC_AUC.needs()));
        assertMessage(
                "statistics [RESIDUALS] are of targets, but the labels are classes",
                () -> Graphs.model(graph).evaluate(data, TARGETS));
    }

    private static void assertMessage(String begin, Executable code) {
        String message = assertThrows(IllegalArgumentException.class, code).getMessage();
        assertEquals(begin, message.substring(0, Math.min(begin.length(), message.length())));
    }

    /** The same by a plan and by DL4J, but for the rounding of scores. */
    private static Evaluation bothWays(Supplier<MultiLayerNetwork> network, Examples data, StatisticsSpec spec) {
        Evaluation byPlan = Dl4jModel.of(network.get()).evaluate(data, spec);
        Evaluation byDl4j = Dl4jModel.of(network.get()).withoutPlans().evaluate(data, spec);
        assertEquals(byDl4j.examples(), byPlan.examples());
        assertEquals(byDl4j.classes(), byPlan.classes());
        assertEquals(byDl4j.statistics().toString(), byPlan.statistics().toString());
        for (Metric metric : List.of(
                Metric.LOSS,
                Metric.ROC_AUC,
                Metric.PR_AUC,
                Metric.CALIBRATION_ERROR,
                Metric.topAccuracy(2),
                Metric.PERPLEXITY,
                Metric.MSE,
                Metric.MAE,
                Metric.R2)) {
            assertEquals(metric.of(byDl4j).orElse(-1), metric.of(byPlan).orElse(-1), 1e-4, metric::name);
        }
        return byPlan;
    }

    private static void assertValue(double expected, Metric metric, Evaluation evaluation, double tolerance) {
        assertEquals(expected, metric.of(evaluation).orElseThrow(), tolerance, metric::name);
    }

    private static float[] rows(Examples data) {
        float[] rows = new float[data.size() * data.featureLength()];
        for (int i = 0; i < data.size(); i++) {
            data.copyFeatures(i, rows, i * data.featureLength());
        }
        return rows;
    }

    private static INDArray features(Examples data) {
        return Nd4j.create(rows(data), new long[] {data.size(), data.featureLength()}, 'c');
    }

    private static INDArray labels(Examples data) {
        float[] rows = new float[data.size() * data.labelLength()];
        for (int i = 0; i < data.size(); i++) {
            data.copyLabel(i, rows, i * data.labelLength());
        }
        return Nd4j.create(rows, new long[] {data.size(), data.labelLength()}, 'c');
    }
}
