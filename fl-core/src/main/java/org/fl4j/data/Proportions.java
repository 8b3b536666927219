package org.fl4j.data;

/** Turns shares into whole examples. */
final class Proportions {

    private Proportions() {}

    /** The k-th of {@code parts + 1} cuts of n into parts whose sizes differ by at most 1. */
    static int evenCut(int n, int k, int parts) {
        return (int) ((long) n * k / parts);
    }

    /**
     * Cuts n examples in proportion to {@code exp(logShares)}: part k is {@code [cuts[k], cuts[k + 1])}, with
     * {@code cuts[k] = round(n (s_1 + .. + s_k) / (s_1 + .. + s_K))}. Shares are scaled by their maximum first, so at
     * least one does not underflow and the sum is at least 1.
     */
    static int[] cuts(double[] logShares, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (double log : logShares) {
            max = Math.max(max, log);
        }
        double[] cumulated = new double[logShares.length + 1];
        for (int k = 0; k < logShares.length; k++) {
            cumulated[k + 1] = cumulated[k] + StrictMath.exp(logShares[k] - max);
        }
        double sum = cumulated[logShares.length];
        int[] cuts = new int[cumulated.length];
        for (int k = 0; k < cuts.length; k++) {
            cuts[k] = (int) Math.round(n * (cumulated[k] / sum));
        }
        return cuts;
    }
}
