package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.model.StatisticsSpec.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws of merging, the binary form, vectors, and what is rejected. */
class StatisticsTest {

    private static final StatisticsSpec CLASSES = StatisticsSpec.of(
                    Kind.STEPS, Kind.CONFUSION, Kind.SCORES, Kind.CALIBRATION)
            .and(StatisticsSpec.top(1))
            .and(StatisticsSpec.top(5));
    private static final StatisticsSpec TARGETS = StatisticsSpec.of(Kind.RESIDUALS);

    @ParameterizedTest(name = "{0} classes")
    @ValueSource(ints = {2, 7, 70})
    void countsMergeExactlyInAnyOrder(int classes) {
        Predictions all = Predictions.classes(2_000, classes, 1, classes);
        Evaluation central = all.central(CLASSES);
        List<Evaluation> clients = new ArrayList<>(all.clients(CLASSES, 30));
        for (int order = 0; order < 5; order++) {
            Collections.shuffle(clients, new Random(order));
            Evaluation left = Predictions.sum(clients);
            Evaluation tree = Predictions.sum(clients.subList(0, 9)).plus(Predictions.sum(clients.subList(9, 30)));
            assertEquals(central.statistics(), left.statistics());
            assertEquals(central.statistics(), tree.statistics());
            assertEquals(central.classes(), left.classes());
            assertEquals(central.loss(), left.loss(), Math.ulp(central.loss()));
        }
        Evaluation one = clients.get(0);
        assertEquals(one.plus(clients.get(1)), clients.get(1).plus(one));
        assertEquals(one, one.plus(Evaluation.NONE));
        assertEquals(one, Evaluation.NONE.plus(one));
    }

    /** Tallies of more examples than the buffer of score cells holds count as many small ones do. */
    @Test
    void aTallyOfManyExamples() {
        Predictions all = Predictions.classes(40_000, 2, 1, 3);
        Statistics statistics = all.central(CLASSES).statistics();
        assertEquals(
                40_000L,
                IntStream.range(0, statistics.counts().size())
                        .filter(i -> statistics.counts().cell(i)
                                >= statistics.layout().scores())
                        .mapToLong(statistics.counts()::count)
                        .sum());
        assertEquals(statistics, Predictions.sum(all.clients(CLASSES, 500)).statistics());
    }

    @Test
    void bytesAndBack() {
        for (Evaluation evaluation : List.of(
                Evaluation.NONE,
                Predictions.classes(500, 70, 1, 1).central(CLASSES),
                Predictions.classes(500, 3, 1, 1).central(StatisticsSpec.NONE),
                Predictions.targets(500, 4, 10, 2).central(TARGETS))) {
            assertEquals(evaluation, Evaluation.fromBytes(evaluation.toBytes()));
        }
        int plain =
                Predictions.classes(500, 2, 1, 1).central(StatisticsSpec.NONE).toBytes().length;
        int scores = Predictions.classes(500, 2, 1, 1)
                .central(StatisticsSpec.of(Kind.SCORES))
                .toBytes()
                .length;
        assertTrue(scores - plain < 3 * 500, () -> scores + " bytes, " + plain + " without scores");
    }

    @Test
    void countsThatCannotBeAreCorrupt() {
        assertCorrupt("cell 9 of 9 holds 1, 10 after the one before", 1, 10, 1);
        assertCorrupt("cell 0 of 9 holds 0, 1 after the one before", 1, 1, 0);
        assertCorrupt("cell 0 of 9 holds 1, 0 after the one before", 2, 1, 1, 0, 1);
        assertCorrupt("1 bytes follow the last of 1 counts", 1, 1, 1, 1);
        assertCorrupt("a count does not end", 1, 1, 0x80);
        assertCorrupt("a count does not end", 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    }

    private static void assertCorrupt(String why, int n, int... bytes) {
        byte[] each = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            each[i] = (byte) bytes[i];
        }
        byte[] record = BinaryWriter.toBytes("counts", 1, out -> {
            out.writeInt(n);
            out.writeBytes(each);
            out.writeBytes(new byte[20]);
        });
        String message = assertThrows(
                        CorruptDataException.class,
                        () -> BinaryReader.fromBytes(record, "counts", 1, in -> Counts.readFrom(in, 9)))
                .getMessage();
        assertTrue(message.endsWith(why), message);
    }

    @ParameterizedTest(name = "{0} columns")
    @ValueSource(ints = {2, 70})
    void vectorsAddUp(int columns) {
        check(Predictions.classes(900, columns, 1, 5), CLASSES, EvaluationVector.ofClasses(CLASSES, columns));
        check(
                Predictions.classes(900, columns, 1, 5),
                StatisticsSpec.NONE,
                EvaluationVector.ofClasses(StatisticsSpec.NONE, columns));
        check(Predictions.targets(900, columns, 3, 5), TARGETS, EvaluationVector.ofTargets(TARGETS, columns));
    }

    private static void check(Predictions all, StatisticsSpec spec, EvaluationVector form) {
        List<Evaluation> clients = new ArrayList<>(all.clients(spec, 40));
        clients.add(Evaluation.NONE);
        double[] sum = new double[form.length()];
        for (Evaluation client : clients) {
            double[] vector = form.toVector(client);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += vector[i];
            }
        }
        Evaluation merged = Predictions.sum(clients);
        Evaluation back = form.fromVector(sum);
        assertEquals(merged.classes(), back.classes());
        assertEquals(merged.statistics().counts(), back.statistics().counts());
        assertEquals(merged.loss(), back.loss(), 41 * Math.ulp(merged.loss()));
        for (Metric metric : List.of(Metric.ACCURACY, Metric.ROC_AUC, Metric.topAccuracy(5), Metric.MSE, Metric.MAE)) {
            metric.of(merged)
                    .ifPresent(value -> assertEquals(value, metric.of(back).orElseThrow(), 41 * Math.ulp(value)));
        }
        assertEquals(Evaluation.NONE, form.fromVector(new double[form.length()]));
    }

    @Test
    void vectorsThatAreNoneAreRejected() {
        EvaluationVector form = EvaluationVector.ofClasses(StatisticsSpec.NONE, 2);
        assertMessage("a vector must have 8 entries, but had 3", () -> form.fromVector(new double[3]));
        assertMessage(
                "entry 0 must be a count, a whole number in [0, 2^53], but was 0.5; is the grid of the sum too coarse, or was"
                        + " noise added?",
                () -> form.fromVector(new double[] {0.5, 0, 0, 0, 0, 0, 0, 0}));
        assertMessage(
                "entry 2 must be a count, a whole number in [0, 2^53], but was NaN; is the grid of the sum too coarse, or was"
                        + " noise added?",
                () -> form.fromVector(new double[] {1, 0, Double.NaN, 0, 0, 0, 0, 0}));
        assertMessage(
                "expected 2 classes and statistics [] of 0, but was 3 and [] of 0 classes",
                () -> form.toVector(Predictions.classes(5, 3, 1, 1).central(StatisticsSpec.NONE)));
        assertMessage(
                "statistics must be of targets, but were " + CLASSES, () -> EvaluationVector.ofTargets(CLASSES, 3));
        assertMessage(
                "statistics must be of classes, but were [RESIDUALS]", () -> EvaluationVector.ofClasses(TARGETS, 3));
    }

    @Test
    void whatDoesNotFitIsRejected() {
        assertMessage(
                "statistics must be of classes or of targets, but were [SCORES, RESIDUALS]; evaluate the targets by a"
                        + " specification of their own",
                () -> StatisticsSpec.forMetrics(Metric.ROC_AUC, Metric.MSE));
        assertMessage("k must be at least 1, but was 0", () -> Metric.topAccuracy(0));
        assertMessage(
                "statistics [RESIDUALS] are of targets, but the labels are classes",
                () -> new Evaluation.Tally(3, 3, TARGETS));
        assertMessage(
                "statistics [SCORES] are of classes, but the labels are targets",
                () -> new Evaluation.Tally(0, 3, StatisticsSpec.of(Kind.SCORES)));
        Evaluation.Tally logits = new Evaluation.Tally(2, 2, StatisticsSpec.of(Kind.SCORES));
        assertMessage(
                "scores must be probabilities, in [0, 1], for these statistics, but was -3.0; are they the sums before the"
                        + " softmax?",
                () -> logits.add(0, new float[] {3, -3}, 0, 0.1));
        Evaluation scores = Predictions.classes(5, 3, 1, 1).central(StatisticsSpec.of(Kind.SCORES));
        Evaluation plain = Predictions.classes(5, 3, 1, 1).central(StatisticsSpec.NONE);
        assertMessage("statistics [SCORES] of 3 classes and [] of 0 classes do not add up", () -> scores.plus(plain));
        assertMessage(
                "asked for statistics [SCORES] but the evaluation has []; does the client run another version, or a model"
                        + " that wraps another one?",
                () -> StatisticsSpec.of(Kind.SCORES).requireOf(plain));
        assertMessage(
                "statistics [SCORES] of 100000 classes are 18022800000 counts, more than an index tells apart; leave out"
                        + " SCORES",
                () -> new Evaluation.Tally(100_000, 100_000, StatisticsSpec.of(Kind.SCORES)));
    }

    /** A diverged model says NaN: counted as the lowest score, it ranks nothing. */
    @Test
    void notANumberIsTheLowestScore() {
        Evaluation.Tally tally = new Evaluation.Tally(2, 2, CLASSES);
        for (int label = 0; label < 2; label++) {
            tally.add(label, new float[] {Float.NaN, Float.NaN}, 0);
        }
        assertEquals(new Area(0.5, 0.5), tally.evaluation().statistics().roc(1).orElseThrow());
        Evaluation.Tally targets = new Evaluation.Tally(0, 1, TARGETS);
        targets.addResiduals(new float[] {1}, new float[] {Float.NaN}, 0);
        targets.addLoss(Float.NaN, 1);
        assertMessage("examples must be at least 0 and loss finite, but was 1 and NaN", targets::evaluation);
    }

    /** The first term vanishes in a sum of doubles. */
    @Test
    void sumsKeepWhatDoublesLose() {
        PreciseSum.Builder sum = new PreciseSum.Builder();
        for (double term : new double[] {1, 1e25, 1, -1e25}) {
            sum.add(term);
        }
        assertEquals(2, sum.sum().value());
        PreciseSum third = PreciseSum.product(1, 1).dividedBy(3);
        assertEquals(1, third.plus(third).plus(third).value());
        assertEquals(0.1, PreciseSum.product(0.1, 7).over(7));
        assertMessage(
                "a sum must be finite and low below half an ulp of high, but was 1.0 and 1.0",
                () -> new PreciseSum(1, 1));
    }

    private static void assertMessage(String expected, Executable code) {
        assertEquals(
                expected, assertThrows(IllegalArgumentException.class, code).getMessage());
    }
}
