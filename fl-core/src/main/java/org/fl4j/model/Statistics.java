package org.fl4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;
import org.fl4j.model.StatisticsSpec.Kind;

/**
 * What an evaluation has collected beside examples, loss and class counts: counts and sums, from which every {@link Metric} is computed.
 * Statistics of disjoint sets add up to those of their union; counts do so exactly, in any order.
 *
 * <p>Privacy: they say more of a client than accuracy and loss do. Score histograms hold every score of a client up to a factor of
 * 1 + 2^-10 in the odds. A secure sum can carry them ({@link EvaluationVector}).
 *
 * <p>Immutable and thread-safe.
 */
public final class Statistics {

    /** Of nothing. */
    public static final Statistics NONE =
            new Statistics(new StatisticsLayout(StatisticsSpec.NONE, 0), Counts.NONE, List.of());

    /** A confusion matrix is of at most so many classes: {@value}. */
    public static final int MOST_CONFUSED = 64;

    /** How many bins of equal width predictions are sorted into by their confidence: {@value}. */
    public static final int CALIBRATION_BINS = 15;

    private final StatisticsLayout layout;
    private final Counts counts;
    private final List<PreciseSum> sums;

    Statistics(StatisticsLayout layout, Counts counts, List<PreciseSum> sums) {
        this.layout = layout;
        this.counts = counts;
        this.sums = sums;
    }

    /** What was to be collected. */
    public StatisticsSpec spec() {
        return layout.spec();
    }

    /**
     * The statistics of the union of two disjoint sets of examples.
     *
     * @throws IllegalArgumentException if the specifications or the numbers of classes or targets differ
     */
    public Statistics plus(Statistics other) {
        if (!layout.equals(other.layout)) {
            throw new IllegalArgumentException("statistics " + this + " and " + other + " do not add up");
        }
        List<PreciseSum> all = new ArrayList<>(sums.size());
        for (int i = 0; i < sums.size(); i++) {
            all.add(sums.get(i).plus(other.sums.get(i)));
        }
        return new Statistics(layout, counts.plus(other.counts), List.copyOf(all));
    }

    /**
     * How many examples of a class were taken for a class.
     *
     * @throws IllegalStateException if no matrix was collected, or the classes are more than {@value #MOST_CONFUSED}
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public long confused(int label, int prediction) {
        if (!layout.hasConfusion()) {
            throw new IllegalStateException("there is no confusion matrix in " + this);
        }
        return counts.get(layout.confusion(
                Objects.checkIndex(label, layout.width()), Objects.checkIndex(prediction, layout.width())));
    }

    /** How many examples have their class among the k likeliest; empty if that was not counted. */
    OptionalLong hits(int k) {
        return spec().tops().contains(k)
                ? OptionalLong.of(
                        counts.get(layout.tops() + spec().tops().headSet(k).size()))
                : OptionalLong.empty();
    }

    /**
     * The area under the ROC curve of one class against all others: how likely an example of it scores above another, equals counting half.
     *
     * @param which a class; of two classes both have the same area
     * @return empty if scores were not collected, and without examples of the class or of others
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public Optional<Area> roc(int which) {
        return ranking(which).flatMap(Ranking::roc);
    }

    /**
     * The area under the precision-recall curve of one class against all others, as average precision: the sum of (rise of the recall) times
     * precision over all thresholds.
     *
     * @return empty if scores were not collected, and without examples of the class or of others
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public Optional<Area> averagePrecision(int which) {
        return ranking(which).flatMap(Ranking::averagePrecision);
    }

    private Optional<Ranking> ranking(int which) {
        if (!spec().has(Kind.SCORES) || layout.width() == 0) {
            return Optional.empty();
        }
        Objects.checkIndex(which, layout.width());
        boolean isMirrored = layout.width() == 2 && which == 0;
        int from = layout.histogram(layout.width() == 2 ? 0 : which);
        return Optional.of(Ranking.of(counts, from, isMirrored));
    }

    /**
     * The expected calibration error: over bins of confidence, the mean distance between the share of right predictions and the mean
     * confidence, weighted by examples. Guo, Pleiss, Sun, Weinberger (ICML 2017, equation 3); a confidence on a border is in the upper bin.
     *
     * @return in [0, 1]; empty without examples, or if it was not collected
     */
    public OptionalDouble calibrationError() {
        if (!spec().has(Kind.CALIBRATION)) {
            return OptionalDouble.empty();
        }
        long all = 0;
        double distance = 0;
        for (int bin = 0; bin < CALIBRATION_BINS; bin++) {
            int cell = layout.calibration() + StatisticsLayout.CALIBRATION_CELLS * bin;
            all += counts.get(cell);
            distance += Math.abs(counts.get(cell + 1) - sums.get(bin).value());
        }
        return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(distance / all);
    }

    /**
     * How predictions of a target differ from it.
     *
     * @return empty without examples, or if it was not collected
     * @throws IndexOutOfBoundsException if there is no such target
     */
    public Optional<Fit> fit(int target) {
        if (!spec().has(Kind.RESIDUALS) || rows() == 0) {
            return Optional.empty();
        }
        int first = StatisticsLayout.SUMS * Objects.checkIndex(target, layout.width());
        PreciseSum spread =
                sums.get(first + 3).minus(sums.get(first + 2).squared().dividedBy(rows()));
        return Optional.of(new Fit(
                sums.get(first).over(rows()), sums.get(first + 1).over(rows()), Math.max(0, spread.over(rows()))));
    }

    /** Of all targets, none without examples. */
    List<Fit> fits() {
        List<Fit> all = new ArrayList<>();
        for (int j = 0; j < layout.width(); j++) {
            fit(j).ifPresent(all::add);
        }
        return all;
    }

    private double rows() {
        return (double) counts.get(StatisticsLayout.ROWS);
    }

    /**
     * How predictions fit one target.
     *
     * @param meanSquaredError at least 0
     * @param meanAbsoluteError at least 0
     * @param variance of the target, over these examples
     */
    public record Fit(double meanSquaredError, double meanAbsoluteError, double variance) {

        /**
         * The coefficient of determination: {@code 1 - mean squared error / variance}.
         *
         * @return at most 1; empty for a target that does not vary
         */
        public OptionalDouble r2() {
            return variance == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - meanSquaredError / variance);
        }
    }

    StatisticsLayout layout() {
        return layout;
    }

    Counts counts() {
        return counts;
    }

    List<PreciseSum> sums() {
        return sums;
    }

    void writeTo(BinaryWriter out) {
        spec().writeTo(out);
        out.writeInt(layout.width());
        counts.writeTo(out);
        sums.forEach(sum -> sum.writeTo(out));
    }

    static Statistics readFrom(BinaryReader in) {
        StatisticsLayout layout =
                new StatisticsLayout(StatisticsSpec.readFrom(in), Check.atLeast("width", in.readInt(), 0));
        Counts counts = Counts.readFrom(in, layout.length());
        List<PreciseSum> sums = new ArrayList<>();
        for (int left = layout.sums(); left > 0; left--) {
            sums.add(PreciseSum.readFrom(in));
        }
        return new Statistics(layout, counts, List.copyOf(sums));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Statistics that
                && layout.equals(that.layout)
                && counts.equals(that.counts)
                && sums.equals(that.sums);
    }

    @Override
    public int hashCode() {
        return 31 * counts.hashCode() + sums.hashCode();
    }

    /** What and of how many: {@code [SCORES] of 10 classes}. */
    @Override
    public String toString() {
        return spec() + " of " + layout.width() + (spec().has(Kind.RESIDUALS) ? " targets" : " classes");
    }
}
