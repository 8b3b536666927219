package org.fl4j.model;

import java.util.List;
import org.fl4j.model.StatisticsSpec.Kind;
import org.jspecify.annotations.Nullable;

/** Counts up {@link Statistics} row by row. Not thread-safe. */
final class StatisticsTally {

    /** Softmax rounds: a sum of 1 can have a term above it. */
    private static final float SLACK = 1e-3f;

    private final StatisticsLayout layout;
    private final int columns;
    private final long[] small;
    private final int[] tops;
    private final Counts.@Nullable Builder scores;
    private final PreciseSum.Builder[] sums;
    private final boolean calibrates;
    private long rows;

    private StatisticsTally(StatisticsSpec spec, int width, int columns) {
        this.layout = new StatisticsLayout(spec, width);
        layout.length(); // refused now, not in the first row
        this.columns = columns;
        this.small = new long[layout.scores()];
        this.tops = spec.tops().stream().mapToInt(Integer::intValue).toArray();
        this.scores = spec.has(Kind.SCORES) ? new Counts.Builder() : null;
        this.calibrates = spec.has(Kind.CALIBRATION);
        this.sums = new PreciseSum.Builder[layout.sums()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = new PreciseSum.Builder();
        }
    }

    /**
     * A tally, or null if nothing is to be collected.
     *
     * @param classes 0 where the labels are targets
     * @param columns scores of a row: one for two classes, or as many as classes; or the number of targets
     */
    static @Nullable StatisticsTally of(StatisticsSpec spec, int classes, int columns) {
        if (spec.isNone()) {
            return null;
        }
        if (spec.isOfClasses() != (classes > 0)) {
            throw new IllegalArgumentException("statistics " + spec + " are of "
                    + (spec.isOfClasses()
                            ? "classes, but the labels are targets"
                            : "targets, but the labels are classes"));
        }
        return new StatisticsTally(spec, classes > 0 ? classes : columns, columns);
    }

    void add(int label, int prediction, float[] row, int at) {
        if (layout.hasConfusion()) {
            small[layout.confusion(label, prediction)]++;
        }
        if (tops.length > 0) {
            int rank = rank(label, prediction, row, at);
            for (int i = 0; i < tops.length; i++) {
                small[layout.tops() + i] += rank < tops[i] ? 1 : 0;
            }
        }
        if (calibrates) {
            double p = probability(row[columns == 1 ? at : at + prediction]);
            calibrate(columns == 1 && prediction == 0 ? 1 - p : p, label == prediction);
        }
        if (scores != null) {
            addScores(scores, label, row, at);
        }
    }

    /** How many classes come before the label: those of a higher score, and lower ones of an equal score. NaN is the lowest score. */
    private int rank(int label, int prediction, float[] row, int at) {
        if (columns == 1) {
            return label == prediction ? 0 : 1;
        }
        float own = orLowest(row[at + label]);
        int rank = 0;
        for (int c = 0; c < columns; c++) {
            float score = orLowest(row[at + c]);
            rank += score > own || (score == own && c < label) ? 1 : 0;
        }
        return rank;
    }

    private static float orLowest(float score) {
        return Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score;
    }

    private void calibrate(double confidence, boolean isRight) {
        int bin = Math.min((int) (confidence * Statistics.CALIBRATION_BINS), Statistics.CALIBRATION_BINS - 1);
        int cell = layout.calibration() + StatisticsLayout.CALIBRATION_CELLS * bin;
        small[cell]++;
        small[cell + 1] += isRight ? 1 : 0;
        sums[bin].add(confidence);
    }

    private void addScores(Counts.Builder into, int label, float[] row, int at) {
        if (layout.width() == 2) {
            into.add(cell(0, probability(row[at + columns - 1]), label == 1));
            return;
        }
        for (int c = 0; c < columns; c++) {
            into.add(cell(c, probability(row[at + c]), label == c));
        }
    }

    private int cell(int histogram, float score, boolean isOwn) {
        return layout.histogram(histogram) + 2 * ScoreBins.of(score) + (isOwn ? 1 : 0);
    }

    /** NaN is taken for 0, as in the loss. */
    private static float probability(float score) {
        if (score < 0 || score > 1 + SLACK) {
            throw new IllegalArgumentException("scores must be probabilities, in [0, 1], for these statistics, but was "
                    + score + "; are they the sums before the softmax?");
        }
        return Float.isNaN(score) ? 0 : Math.min(score, 1);
    }

    void addResiduals(float[] targets, float[] predictions, int at) {
        rows++;
        for (int j = 0; j < columns; j++) {
            double target = targets[at + j];
            double error = predictions[at + j] - target;
            int first = StatisticsLayout.SUMS * j;
            sums[first].add(error * error);
            sums[first + 1].add(Math.abs(error));
            sums[first + 2].add(target);
            sums[first + 3].add(target * target);
        }
    }

    /** @throws IllegalArgumentException if a sum is not finite */
    Statistics statistics() {
        Counts counts = Counts.of(layout.spec().has(Kind.RESIDUALS) ? new long[] {rows} : small);
        PreciseSum[] each = new PreciseSum[sums.length];
        for (int i = 0; i < each.length; i++) {
            each[i] = sums[i].sum();
        }
        return new Statistics(layout, scores == null ? counts : counts.plus(scores.counts()), List.of(each));
    }
}
