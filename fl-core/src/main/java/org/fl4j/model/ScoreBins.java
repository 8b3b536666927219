package org.fl4j.model;

/**
 * Bins of scores in [0, 1] by the odds {@code p / (1 - p)}: the exponent and the leading {@value #BITS} mantissa bits. Bins are at most 2^-10
 * wide in the logit. Odds below 2^-64, NaN included, have the first bin, 1 the last; floats next to 1 have odds of almost 2^24.
 */
final class ScoreBins {

    static final int BITS = 10;

    private static final int LEAST_EXPONENT = -64;
    private static final int GREATEST_EXPONENT = 23;
    private static final double LEAST = 0x1p-64;
    private static final int SHIFT = 52 - BITS;
    private static final long BASE = Double.doubleToRawLongBits(LEAST) >>> SHIFT;

    static final int COUNT = ((GREATEST_EXPONENT - LEAST_EXPONENT + 1) << BITS) + 2;

    private ScoreBins() {}

    /** A higher score never has a lower bin. */
    static int of(float score) {
        if (score >= 1) {
            return COUNT - 1;
        }
        double odds = score / (1.0 - score);
        return odds >= LEAST ? (int) ((Double.doubleToRawLongBits(odds) >>> SHIFT) - BASE) + 1 : 0;
    }
}
