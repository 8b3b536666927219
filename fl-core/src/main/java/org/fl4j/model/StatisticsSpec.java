package org.fl4j.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;

/**
 * Which statistics an evaluation collects beside examples, loss and class counts, as data that crosses a wire. It follows from the metrics
 * that are to be computed:
 *
 * <pre>{@code
 * StatisticsSpec.forMetrics(Metric.ROC_AUC, Metric.topAccuracy(3))
 * }</pre>
 *
 * <p>A model that cannot collect them rejects the evaluation ({@link Model#evaluate(Object, StatisticsSpec)}).
 *
 * <p>Immutable and thread-safe.
 *
 * @param kinds what is collected, in the order of the kinds
 * @param tops for which k to count examples whose class is among the k likeliest, each at least 1
 */
public record StatisticsSpec(SortedSet<Kind> kinds, SortedSet<Integer> tops) {

    /** Nothing more than every evaluation has. */
    public static final StatisticsSpec NONE = new StatisticsSpec(new TreeSet<>(), new TreeSet<>());

    /** What can be collected. */
    public enum Kind {
        /** Class counts of the steps of sequences, whose examples are not of one class; elsewhere they are there already. */
        STEPS,
        /** Which class was taken for which, up to {@value Statistics#MOST_CONFUSED} classes: a matrix of counts. */
        CONFUSION,
        /** Histograms of scores for ROC and PR AUC, of class 1 if there are two, of each class if there are more. */
        SCORES,
        /** How often predictions of some confidence are right, in {@value Statistics#CALIBRATION_BINS} bins. */
        CALIBRATION,
        /** Sums over each target's errors, values and squares. Not with the other kinds, which are of classes. */
        RESIDUALS
    }

    /**
     * Copies the sets.
     *
     * @throws IllegalArgumentException if a k is below 1, or statistics of targets are mixed with those of classes
     */
    public StatisticsSpec {
        kinds = Collections.unmodifiableSortedSet(new TreeSet<>(kinds));
        tops = Collections.unmodifiableSortedSet(new TreeSet<>(tops));
        tops.forEach(k -> Check.atLeast("k", k, 1));
        if (kinds.contains(Kind.RESIDUALS) && (kinds.size() > 1 || !tops.isEmpty())) {
            throw new IllegalArgumentException("statistics must be of classes or of targets, but were "
                    + text(kinds, tops) + "; evaluate the targets by a specification of their own");
        }
    }

    /** The specification of some kinds. */
    public static StatisticsSpec of(Kind... kinds) {
        return new StatisticsSpec(new TreeSet<>(Arrays.asList(kinds)), new TreeSet<>());
    }

    /** The examples whose class is among the k likeliest. */
    public static StatisticsSpec top(int k) {
        return new StatisticsSpec(new TreeSet<>(), new TreeSet<>(Set.of(k)));
    }

    /**
     * What some metrics need.
     *
     * @throws IllegalArgumentException if some need classes and some need targets
     */
    public static StatisticsSpec forMetrics(Metric... metrics) {
        return Arrays.stream(metrics).map(Metric::needs).reduce(NONE, StatisticsSpec::and);
    }

    /**
     * What both collect.
     *
     * @throws IllegalArgumentException if one is of classes and one of targets
     */
    public StatisticsSpec and(StatisticsSpec other) {
        TreeSet<Kind> allKinds = new TreeSet<>(kinds);
        allKinds.addAll(other.kinds);
        TreeSet<Integer> allTops = new TreeSet<>(tops);
        allTops.addAll(other.tops);
        return new StatisticsSpec(allKinds, allTops);
    }

    /** Whether nothing is collected beside what every evaluation has. */
    public boolean isNone() {
        return kinds.isEmpty() && tops.isEmpty();
    }

    /** Whether a kind is collected. */
    public boolean has(Kind kind) {
        return kinds.contains(kind);
    }

    /** Whether anything is collected that only models of classes have. */
    public boolean isOfClasses() {
        return !isNone() && !has(Kind.RESIDUALS);
    }

    /**
     * Checks that an evaluation has collected this.
     *
     * @return the evaluation
     * @throws IllegalArgumentException if it is of examples, and has other statistics
     */
    public Evaluation requireOf(Evaluation evaluation) {
        StatisticsSpec collected = evaluation.statistics().spec();
        if (evaluation.examples() > 0 && !collected.equals(this)) {
            throw new IllegalArgumentException("asked for statistics " + this + " but the evaluation has " + collected
                    + "; does the client run another version, or a model that wraps another one?");
        }
        return evaluation;
    }

    /**
     * Writes this as fields of a larger record.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeInt(kinds.size());
        kinds.forEach(kind -> out.writeString(kind.name()));
        out.writeInt(tops.size());
        tops.forEach(out::writeInt);
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return an equal specification
     */
    public static StatisticsSpec readFrom(BinaryReader in) {
        TreeSet<Kind> kinds = new TreeSet<>();
        for (int left = in.readCount(); left > 0; left--) {
            kinds.add(readKind(in));
        }
        TreeSet<Integer> tops = new TreeSet<>();
        for (int left = in.readCount(); left > 0; left--) {
            tops.add(in.readInt());
        }
        return new StatisticsSpec(kinds, tops);
    }

    private static Kind readKind(BinaryReader in) {
        String name = in.readString();
        try {
            return Kind.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw in.corrupt("no statistics are called '" + name + "'");
        }
    }

    /** The kinds and the k: {@code [SCORES, top 3]}. */
    @Override
    public String toString() {
        return text(kinds, tops);
    }

    private static String text(SortedSet<Kind> kinds, SortedSet<Integer> tops) {
        StringBuilder text = new StringBuilder("[");
        kinds.forEach(kind -> text.append(text.length() > 1 ? ", " : "").append(kind));
        tops.forEach(
                k -> text.append(text.length() > 1 ? ", " : "").append("top ").append(k));
        return text.append(']').toString();
    }
}
