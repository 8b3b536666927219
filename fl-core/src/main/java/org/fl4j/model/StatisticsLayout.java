package org.fl4j.model;

import org.fl4j.model.StatisticsSpec.Kind;

/**
 * Where the counts and sums of a specification lie: confusion matrix, top-k hits, calibration bins, then histograms or the count of rows.
 * A histogram has two cells a bin, of other classes and of its own.
 *
 * @param width classes, or targets for residuals
 */
record StatisticsLayout(StatisticsSpec spec, int width) {

    /** Of a calibration bin: how many predictions, and how many right ones. Confidences are sums. */
    static final int CALIBRATION_CELLS = 2;

    /** Of a target: squared errors, absolute errors, values, squared values. */
    static final int SUMS = 4;

    boolean hasConfusion() {
        return spec.has(Kind.CONFUSION) && width <= Statistics.MOST_CONFUSED;
    }

    int confusion(int label, int prediction) {
        return label * width + prediction;
    }

    int tops() {
        return hasConfusion() ? width * width : 0;
    }

    int calibration() {
        return tops() + spec.tops().size();
    }

    /** What comes before this is small, and counted in an array. */
    int scores() {
        return calibration() + (spec.has(Kind.CALIBRATION) ? CALIBRATION_CELLS * Statistics.CALIBRATION_BINS : 0);
    }

    int histograms() {
        return !spec.has(Kind.SCORES) ? 0 : width == 2 ? 1 : width;
    }

    int histogram(int index) {
        return scores() + index * 2 * ScoreBins.COUNT;
    }

    /** Of the count of rows, for residuals: there are no other cells then. */
    static final int ROWS = 0;

    /** @throws IllegalArgumentException if there are more cells than an index can tell apart */
    int length() {
        long length = scores() + 2L * ScoreBins.COUNT * histograms() + (spec.has(Kind.RESIDUALS) ? 1 : 0);
        if (length > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("statistics " + spec + " of " + width + " classes are " + length
                    + " counts, more than an index tells apart; leave out SCORES");
        }
        return (int) length;
    }

    /** Of confidences in each bin, or of residuals. */
    int sums() {
        if (spec.has(Kind.RESIDUALS)) {
            return Math.multiplyExact(SUMS, width);
        }
        return spec.has(Kind.CALIBRATION) ? Statistics.CALIBRATION_BINS : 0;
    }
}
