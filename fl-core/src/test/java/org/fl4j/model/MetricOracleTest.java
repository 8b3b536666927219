package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.fl4j.model.StatisticsSpec.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.evaluation.EvaluationAveraging;
import org.nd4j.evaluation.classification.EvaluationCalibration;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.evaluation.classification.ROCMultiClass;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every metric over 100 clients, over all their predictions at once, and by ND4J's own evaluation of the same predictions. */
class MetricOracleTest {

    private static final StatisticsSpec CLASSES =
            StatisticsSpec.of(Kind.CONFUSION, Kind.SCORES, Kind.CALIBRATION).and(StatisticsSpec.top(3));
    private static final int N = 3_000;
    private static final int CLIENTS = 100;

    @ParameterizedTest(name = "{0} classes")
    @ValueSource(ints = {2, 10, 62, 80})
    void metricsOfClasses(int classes) {
        Predictions all = Predictions.classes(N, classes, 2, 7);
        Evaluation central = all.central(CLASSES);
        Evaluation pooled = Predictions.sum(all.clients(CLASSES, CLIENTS));
        INDArray labels = oneHot(all);
        INDArray rows = Nd4j.create(all.rows(), new long[] {N, classes}, 'c');

        assertEquals(central.statistics().counts(), pooled.statistics().counts());
        assertEquals(central.classes(), pooled.classes());
        Map<Metric, Double> theirs = byNd4j(labels, rows, classes);
        theirs.forEach((metric, value) -> {
            double ours = metric.of(central).orElseThrow();
            assertEquals(ours, metric.of(pooled).orElseThrow(), 0, metric + " pooled");
            assertEquals(value, ours, 1e-12, metric + " by ND4J");
        });
        assertEquals(central.loss(), pooled.loss(), Math.ulp(central.loss()));
        if (classes <= Statistics.MOST_CONFUSED) {
            org.nd4j.evaluation.classification.Evaluation oracle = oracle(labels, rows, classes, 1);
            for (int c = 0; c < classes; c++) {
                for (int d = 0; d < classes; d++) {
                    assertEquals(
                            oracle.getConfusionMatrix().getCount(c, d),
                            pooled.statistics().confused(c, d));
                }
            }
        }
        for (Metric metric : new Metric[] {Metric.CALIBRATION_ERROR, Metric.ROC_AUC, Metric.PR_AUC, Metric.rocAuc(1)}) {
            assertEquals(metric.of(central).orElseThrow(), metric.of(pooled).orElseThrow(), 0, metric + " pooled");
        }
    }

    private static Map<Metric, Double> byNd4j(INDArray labels, INDArray rows, int classes) {
        org.nd4j.evaluation.classification.Evaluation oracle = oracle(labels, rows, classes, 3);
        Map<Metric, Double> theirs = new LinkedHashMap<>();
        theirs.put(Metric.ACCURACY, oracle.accuracy());
        theirs.put(Metric.topAccuracy(3), oracle.topNAccuracy());
        theirs.put(Metric.MACRO_PRECISION, oracle.precision(EvaluationAveraging.Macro));
        theirs.put(Metric.MACRO_RECALL, oracle.recall(EvaluationAveraging.Macro));
        theirs.put(Metric.BALANCED_ACCURACY, oracle.recall(EvaluationAveraging.Macro));
        // Of two classes ND4J's macro F1 is that of class 1 alone; of more it leaves out classes never predicted, whose
        // F1 is 0.
        double predicted = (classes - oracle.averageF1NumClassesExcluded()) / (double) classes;
        theirs.put(classes == 2 ? Metric.f1(1) : Metric.MACRO_F1, oracle.f1(EvaluationAveraging.Macro) * predicted);
        for (int c = 0; c < classes; c++) {
            if (oracle.truePositives().get(c) > 0) { // else ND4J has 0 for what is not defined
                theirs.put(Metric.precision(c), oracle.precision(c));
                theirs.put(Metric.recall(c), oracle.recall(c));
                theirs.put(Metric.f1(c), oracle.f1(c));
            }
        }
        return theirs;
    }

    private static org.nd4j.evaluation.classification.Evaluation oracle(
            INDArray labels, INDArray rows, int classes, int top) {
        org.nd4j.evaluation.classification.Evaluation oracle = new org.nd4j.evaluation.classification.Evaluation(
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(), top);
        oracle.eval(labels, rows);
        return oracle;
    }

    @ParameterizedTest(name = "{0} classes")
    @ValueSource(ints = {2, 5})
    void areasUnderCurves(int classes) {
        Predictions all = Predictions.classes(N, classes, 1, 8);
        Evaluation pooled = Predictions.sum(all.clients(CLASSES, CLIENTS));
        INDArray labels = oneHot(all);
        INDArray rows = Nd4j.create(all.rows(), new long[] {N, classes}, 'c');
        ROCMultiClass each = new ROCMultiClass(0);
        each.eval(labels, rows);
        for (int c = 0; c < classes; c++) {
            assertEquals(each.calculateAUC(c), Metric.rocAuc(c).of(pooled).orElseThrow(), 1e-3);
            // ND4J interpolates the precision between thresholds.
            assertEquals(each.calculateAUCPR(c), Metric.prAuc(c).of(pooled).orElseThrow(), 5e-3);
        }
        if (classes == 2) {
            ROC binary = new ROC(0);
            binary.eval(labels, rows);
            assertEquals(binary.calculateAUC(), Metric.ROC_AUC.of(pooled).orElseThrow(), 1e-3);
        } else {
            assertEquals(each.calculateAverageAUC(), Metric.ROC_AUC.of(pooled).orElseThrow(), 1e-3);
        }
    }

    /** The reliability diagram of "the prediction is right", given its confidence. */
    @ParameterizedTest(name = "{0} classes")
    @ValueSource(ints = {2, 10})
    void calibration(int classes) {
        Predictions all = Predictions.classes(N, classes, 2, 9);
        float[] confidences = new float[2 * N];
        float[] right = new float[2 * N];
        for (int i = 0; i < N; i++) {
            int prediction = Evaluation.Tally.likeliest(all.rows(), i * classes, classes);
            confidences[2 * i + 1] = all.rows()[i * classes + prediction];
            confidences[2 * i] = 1 - confidences[2 * i + 1];
            right[2 * i + (prediction == all.labels()[i] ? 1 : 0)] = 1;
        }
        EvaluationCalibration oracle = new EvaluationCalibration(Statistics.CALIBRATION_BINS, 50);
        oracle.eval(
                Nd4j.create(right, new long[] {N, 2}, 'c').castTo(DataType.DOUBLE),
                Nd4j.create(confidences, new long[] {N, 2}, 'c').castTo(DataType.DOUBLE));
        double expected = 0;
        for (int bin = 0; bin < Statistics.CALIBRATION_BINS; bin++) {
            expected += Math.abs(oracle.getRDiagBinPosCount().getDouble(bin, 1)
                            - oracle.getRDiagBinSumPredictions().getDouble(bin, 1))
                    / N;
        }
        Evaluation pooled = Predictions.sum(all.clients(CLASSES, CLIENTS));
        double ours = Metric.CALIBRATION_ERROR.of(pooled).orElseThrow();
        assertEquals(expected, ours, 1e-6);
        assertTrue(ours > 0.01, () -> "a test of nothing: " + ours);
    }

    @ParameterizedTest(name = "targets around {0}")
    @ValueSource(doubles = {0, 1, 100})
    void metricsOfTargets(double offset) {
        int columns = 3;
        StatisticsSpec spec = StatisticsSpec.forMetrics(Metric.MSE, Metric.MAE, Metric.R2);
        Predictions all = Predictions.targets(N, columns, offset, 10);
        Evaluation central = all.central(spec);
        Evaluation pooled = Predictions.sum(all.clients(spec, CLIENTS));
        RegressionEvaluation oracle = new RegressionEvaluation(columns);
        oracle.eval(
                Nd4j.create(all.targets(), new long[] {N, columns}, 'c').castTo(DataType.DOUBLE),
                Nd4j.create(all.rows(), new long[] {N, columns}, 'c').castTo(DataType.DOUBLE));
        Map<Metric, Double> theirs = new LinkedHashMap<>();
        theirs.put(Metric.MSE, oracle.averageMeanSquaredError());
        theirs.put(Metric.MAE, oracle.averageMeanAbsoluteError());
        theirs.put(Metric.R2, oracle.averageRSquared());
        theirs.forEach((metric, value) -> {
            double ours = metric.of(central).orElseThrow();
            assertEquals(ours, metric.of(pooled).orElseThrow(), Math.ulp(ours), metric + " pooled");
            assertEquals(value, ours, 1e-9, metric + " by ND4J");
        });
    }

    private static INDArray oneHot(Predictions all) {
        float[] rows = new float[all.size() * all.columns()];
        for (int i = 0; i < all.size(); i++) {
            rows[i * all.columns() + all.labels()[i]] = 1;
        }
        return Nd4j.create(rows, new long[] {all.size(), all.columns()}, 'c');
    }
}
