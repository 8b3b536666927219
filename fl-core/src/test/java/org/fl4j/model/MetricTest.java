package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.model.Evaluation.ClassCounts;
import org.fl4j.model.Metric.Direction;
import org.fl4j.model.StatisticsSpec.Kind;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;

/** Metrics of cases computed by hand. */
class MetricTest {

    private static final List<Metric> ALL = List.of(
            Metric.LOSS,
            Metric.ACCURACY,
            Metric.BALANCED_ACCURACY,
            Metric.MACRO_PRECISION,
            Metric.MACRO_RECALL,
            Metric.MACRO_F1,
            Metric.ROC_AUC,
            Metric.PR_AUC,
            Metric.CALIBRATION_ERROR,
            Metric.PERPLEXITY,
            Metric.MSE,
            Metric.MAE,
            Metric.R2,
            Metric.precision(0),
            Metric.recall(1),
            Metric.f1(0),
            Metric.rocAuc(1),
            Metric.prAuc(0),
            Metric.topAccuracy(2));

    /** Of 3 examples of class 0, 2 are recognised and 1 is taken for 1; of 1 of class 1, none; class 2 has none and is never predicted. */
    @Test
    void ofClassCounts() {
        Evaluation evaluation = new Evaluation(
                4, 0.5, List.of(new ClassCounts(3, 2, 3), new ClassCounts(1, 0, 1), new ClassCounts(0, 0, 0)));
        assertValue(0.5, Metric.LOSS, evaluation);
        assertValue(2 / 4.0, Metric.ACCURACY, evaluation);
        assertValue(2 / 3.0, Metric.recall(0), evaluation);
        assertValue(0, Metric.recall(1), evaluation);
        assertValue(2 / 3.0, Metric.precision(0), evaluation);
        assertValue(2 * 2 / (3 + 3.0), Metric.f1(0), evaluation);
        assertValue((2 / 3.0 + 0) / 2, Metric.BALANCED_ACCURACY, evaluation);
        assertValue((2 / 3.0 + 0) / 2, Metric.MACRO_PRECISION, evaluation);
        assertValue((2 / 3.0 + 0) / 2, Metric.MACRO_F1, evaluation);
        assertValue(Math.exp(0.5), Metric.PERPLEXITY, evaluation);
        for (Metric undefined : List.of(
                Metric.recall(2), Metric.precision(2), Metric.f1(2), Metric.recall(3), Metric.ROC_AUC, Metric.MSE)) {
            assertEquals(OptionalDouble.empty(), undefined.of(evaluation), undefined::name);
        }
    }

    /** 1,961 payments, 56 of them frauds, of which 8 are caught, with 2 false alarms. */
    @Test
    void aFraudModelOfHighAccuracyThatFindsLittle() {
        DeterministicRandom random = new DeterministicRandom(1);
        int[] labels = new int[1_961];
        float[] scores = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i < 56 ? 1 : 0;
            boolean isAlarm = i < 8 || (i >= 56 && i < 58);
            scores[i] = (float) (isAlarm ? 0.6 + 0.3 * random.nextDouble() : 0.4 * random.nextDouble());
        }
        Evaluation evaluation = Predictions.sum(
                Predictions.binary(labels, scores).clients(StatisticsSpec.forMetrics(Metric.PR_AUC), 10));
        assertValue(0.9745, Metric.ACCURACY, evaluation, 5e-5);
        assertValue(8 / 56.0, Metric.recall(1), evaluation);
        assertValue(8 / 10.0, Metric.precision(1), evaluation);
        assertTrue(Metric.PR_AUC.of(evaluation).orElseThrow() < 0.2);
        assertTrue(Metric.BALANCED_ACCURACY.of(evaluation).orElseThrow() < 0.6);
    }

    /** Three of confidence 0.75, two right; one of 0.5 on the border of two classes, wrong: |2 - 2.25| / 4 + |0 - 0.5| / 4. */
    @Test
    void calibrationErrorByHand() {
        Evaluation.Tally tally = new Evaluation.Tally(2, 2, StatisticsSpec.of(Kind.CALIBRATION));
        for (int label : new int[] {0, 0, 1}) {
            tally.add(label, new float[] {0.75f, 0.25f}, 0);
        }
        tally.add(1, new float[] {0.5f, 0.5f}, 0);
        assertValue((0.25 + 0.5) / 4, Metric.CALIBRATION_ERROR, tally.evaluation());
    }

    /** One sigmoid unit: the confidence in class 0 is 1 - p. */
    @Test
    void oneUnitForTwoClasses() {
        StatisticsSpec spec = StatisticsSpec.of(Kind.CALIBRATION, Kind.SCORES, Kind.CONFUSION)
                .and(StatisticsSpec.top(1))
                .and(StatisticsSpec.top(2));
        Evaluation.Tally tally = new Evaluation.Tally(2, 1, spec);
        tally.add(0, new float[] {0.25f}, 0, 0);
        tally.add(1, new float[] {0.75f}, 0, 0);
        tally.add(1, new float[] {0.125f}, 0, 0);
        Evaluation evaluation = tally.evaluation();
        assertEquals(List.of(new ClassCounts(1, 1, 2), new ClassCounts(2, 1, 1)), evaluation.classes());
        assertEquals(1, evaluation.statistics().confused(1, 0));
        // Two of 0.75, both right; one of 0.875, wrong.
        assertValue((0.5 + 0.875) / 3, Metric.CALIBRATION_ERROR, evaluation);
        assertValue(0.5, Metric.ROC_AUC, evaluation);
        assertValue(2 / 3.0, Metric.topAccuracy(1), evaluation);
        assertValue(1, Metric.topAccuracy(2), evaluation);
    }

    /** Of equal scores the lowest class comes first, as in the prediction; NaN comes last. */
    @Test
    void topAccuracyByHand() {
        StatisticsSpec spec =
                StatisticsSpec.forMetrics(Metric.topAccuracy(1), Metric.topAccuracy(2), Metric.topAccuracy(3));
        Evaluation.Tally tally = new Evaluation.Tally(4, 4, spec);
        float[] row = {0.3f, 0.3f, 0.1f, 0.3f};
        for (int label = 0; label < 4; label++) {
            tally.add(label, row, 0);
        }
        float nan = Float.NaN;
        tally.add(1, new float[] {nan, nan, nan, nan}, 0);
        Evaluation evaluation = tally.evaluation();
        assertValue(1 / 5.0, Metric.topAccuracy(1), evaluation);
        assertValue(evaluation.accuracy().orElseThrow(), Metric.topAccuracy(1), evaluation);
        assertValue(3 / 5.0, Metric.topAccuracy(2), evaluation);
        assertValue(4 / 5.0, Metric.topAccuracy(3), evaluation);
        assertEquals(OptionalDouble.empty(), Metric.topAccuracy(4).of(evaluation));
    }

    /** Two sequences of 2 and 1 steps, whose losses are summed over steps. */
    @Test
    void perplexityIsOfSteps() {
        Evaluation.Tally tally = new Evaluation.Tally(2, 2, Metric.PERPLEXITY.needs());
        float[] labels = {1, 0, 0, 1, 1, 0, 0, 0};
        float[] scores = {0.5f, 0.5f, 0.75f, 0.25f, 0.5f, 0.5f, 1, 0};
        for (int at = 0; at < labels.length; at += 2) {
            tally.countStep(labels, scores, at);
        }
        tally.addLoss((3 * Math.log(2) + Math.log(2)) / 2, 2);
        Evaluation evaluation = tally.evaluation();
        assertEquals(2, evaluation.examples());
        assertEquals(List.of(new ClassCounts(2, 2, 3), new ClassCounts(1, 0, 0)), evaluation.classes());
        assertValue(Math.pow(2, 4 / 3.0), Metric.PERPLEXITY, evaluation, 1e-15);
        assertValue(2 / 3.0, Metric.ACCURACY, evaluation);
    }

    /** Errors of target 0: 1 and -1, of values 1 and 3; target 1 does not vary and is met. */
    @Test
    void ofTargetsByHand() {
        Evaluation.Tally tally = new Evaluation.Tally(0, 2, Metric.R2.needs());
        tally.addResiduals(new float[] {1, 5}, new float[] {2, 5}, 0);
        tally.addResiduals(new float[] {3, 5}, new float[] {2, 5}, 0);
        tally.addLoss(7, 2);
        Evaluation evaluation = tally.evaluation();
        assertValue(0.5, Metric.MSE, evaluation);
        assertValue(0.5, Metric.MAE, evaluation);
        assertValue(1 - 1 / 1.0, Metric.R2, evaluation);
        assertEquals(new Statistics.Fit(1, 1, 1), evaluation.statistics().fit(0).orElseThrow());
        assertEquals(
                OptionalDouble.empty(),
                evaluation.statistics().fit(1).orElseThrow().r2());
    }

    @Test
    void nothingIsDefinedWithoutExamplesAndNothingIsNaN() {
        for (Metric metric : ALL) {
            assertEquals(OptionalDouble.empty(), metric.of(Evaluation.NONE), metric::name);
        }
        Metric broken =
                Metric.of("broken", Direction.LOWER_IS_BETTER, StatisticsSpec.NONE, e -> OptionalDouble.of(Double.NaN));
        assertEquals(OptionalDouble.empty(), broken.of(Evaluation.NONE));
    }

    @Test
    void namesTellMetricsApart() {
        assertEquals(ALL.size(), ALL.stream().map(Metric::name).distinct().count());
        assertEquals(Metric.topAccuracy(2), ALL.get(ALL.size() - 1));
        assertEquals("top-2-accuracy", Metric.topAccuracy(2).toString());
        assertTrue(Metric.ROC_AUC.higherIsBetter());
        assertEquals(Direction.LOWER_IS_BETTER, Metric.LOSS.direction());
        assertEquals(
                "a metric must have a name, but it was blank",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Metric.of(
                                        " ",
                                        Direction.LOWER_IS_BETTER,
                                        StatisticsSpec.NONE,
                                        e -> OptionalDouble.empty()))
                        .getMessage());
    }

    private static void assertValue(double expected, Metric metric, Evaluation evaluation) {
        assertValue(expected, metric, evaluation, 0);
    }

    private static void assertValue(double expected, Metric metric, Evaluation evaluation, double tolerance) {
        assertEquals(expected, metric.of(evaluation).orElseThrow(), tolerance, metric::name);
    }
}
