package org.fl4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation.ClassCounts;

/**
 * Evaluations of one specification as vectors of one length, whose sum is the vector of the sum: what a secure sum can carry, so that the
 * server sees the metrics of a cohort and no client's.
 *
 * <pre>
 * [examples, of each class: examples, correct, predicted; the cells of the statistics    {@link #counts} whole numbers of at least 0
 *  the sum of losses, the sums of the statistics]                                         real numbers
 * </pre>
 *
 * <p>Counts of a client are at most its examples (of sequences its steps), and come through a sum modulo 2^k unchanged. Sums are rounded to doubles, and to the grid of the secure sum. The server must publish the
 * weights, the specification and the number of classes or targets before; {@code docs/metrics.md} shows a round.
 *
 * <p>Immutable and thread-safe.
 */
public final class EvaluationVector {

    private static final int HEAD = 1;
    private static final int CLASS = 3;

    private final StatisticsLayout layout;
    private final int classes;
    private final int counts;

    private EvaluationVector(StatisticsSpec spec, int width, int classes) {
        this.layout = new StatisticsLayout(spec, spec.isNone() ? 0 : width);
        this.classes = classes;
        this.counts = Math.toIntExact((long) HEAD + (long) CLASS * classes + layout.length());
    }

    /**
     * Vectors of evaluations of classes.
     *
     * @param classes at least 2
     * @throws IllegalArgumentException if the specification is of targets
     */
    public static EvaluationVector ofClasses(StatisticsSpec spec, int classes) {
        Check.atLeast("classes", classes, 2);
        if (!spec.isNone() && !spec.isOfClasses()) {
            throw new IllegalArgumentException("statistics must be of classes, but were " + spec);
        }
        return new EvaluationVector(spec, classes, classes);
    }

    /**
     * Vectors of evaluations of targets.
     *
     * @param targets at least 1
     * @throws IllegalArgumentException if the specification is of classes
     */
    public static EvaluationVector ofTargets(StatisticsSpec spec, int targets) {
        Check.atLeast("targets", targets, 1);
        if (spec.isOfClasses()) {
            throw new IllegalArgumentException("statistics must be of targets, but were " + spec);
        }
        return new EvaluationVector(spec, targets, 0);
    }

    /** How many entries each vector has. */
    public int length() {
        return Math.addExact(counts + 1, layout.sums());
    }

    /** How many of the entries are counts; they come first. */
    public int counts() {
        return counts;
    }

    /**
     * An evaluation as a vector.
     *
     * @return a new array {@code [length]}; zeros for an evaluation of no examples
     * @throws IllegalArgumentException if the evaluation is of other classes, targets or statistics
     */
    public double[] toVector(Evaluation evaluation) {
        double[] vector = new double[length()];
        if (evaluation.examples() == 0) {
            return vector;
        }
        if (evaluation.classes().size() != classes
                || !evaluation.statistics().layout().equals(layout)) {
            throw new IllegalArgumentException(
                    "expected " + classes + " classes and statistics " + layout.spec() + " of " + layout.width()
                            + ", but was " + evaluation.classes().size() + " and " + evaluation.statistics());
        }
        vector[0] = evaluation.examples();
        int at = HEAD;
        for (ClassCounts each : evaluation.classes()) {
            vector[at++] = each.examples();
            vector[at++] = each.correct();
            vector[at++] = each.predicted();
        }
        evaluation.statistics().counts().copyTo(vector, at);
        at = counts;
        vector[at++] = evaluation.losses().value();
        for (PreciseSum sum : evaluation.statistics().sums()) {
            vector[at++] = sum.value();
        }
        return vector;
    }

    /**
     * The evaluation of a sum of vectors.
     *
     * @param sum {@code [length]}
     * @throws IllegalArgumentException if the length differs, an entry is not finite, or a count is not a whole number in [0, 2^53]
     */
    public Evaluation fromVector(double[] sum) {
        if (sum.length != length()) {
            throw new IllegalArgumentException("a vector must have " + length() + " entries, but had " + sum.length);
        }
        long examples = count(sum, 0);
        if (examples == 0) {
            return Evaluation.NONE;
        }
        List<ClassCounts> each = new ArrayList<>();
        int at = HEAD;
        for (int c = 0; c < classes; c++, at += CLASS) {
            each.add(new ClassCounts(count(sum, at), count(sum, at + 1), count(sum, at + 2)));
        }
        long[] cells = new long[layout.length()];
        for (int cell = 0; cell < cells.length; cell++, at++) {
            cells[cell] = count(sum, at);
        }
        List<PreciseSum> sums = new ArrayList<>();
        for (at = counts + 1; at < sum.length; at++) {
            sums.add(new PreciseSum(sum[at], 0));
        }
        return new Evaluation(
                examples,
                new PreciseSum(sum[counts], 0),
                each,
                new Statistics(layout, Counts.of(cells), List.copyOf(sums)));
    }

    private static long count(double[] vector, int at) {
        double value = vector[at];
        if (!(value >= 0) || value > Counts.MOST || value != Math.rint(value)) {
            throw new IllegalArgumentException("entry " + at + " must be a count, a whole number in [0, 2^53], but was "
                    + value + "; is the grid of the sum too coarse, or was noise added?");
        }
        return (long) value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EvaluationVector that && layout.equals(that.layout) && classes == that.classes;
    }

    @Override
    public int hashCode() {
        return Objects.hash(layout, classes);
    }
}
