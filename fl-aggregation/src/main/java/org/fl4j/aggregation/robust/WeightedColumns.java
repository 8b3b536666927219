package org.fl4j.aggregation.robust;

/**
 * What weighted rules compute of one coordinate's values in ascending order, each with its weight, 1 together. Sums
 * of weights are compared to {@value #ROUNDING}.
 */
final class WeightedColumns {

    static final double ROUNDING = 1e-12;

    private WeightedColumns() {}

    /**
     * The weighted median of each column: the value at which the weight of those up to it passes a half; where it is
     * exactly a half, the mean with the next.
     */
    static void median(double[][] rows, double[][] weights, int width, double[] into, int at) {
        for (int k = 0; k < width; k++) {
            into[at + k] = median(rows, weights, k);
        }
    }

    private static double median(double[][] rows, double[][] weights, int k) {
        double below = 0;
        int row = 0;
        while (row < rows.length - 1 && below + weights[row][k] < 0.5 - ROUNDING) {
            below += weights[row][k];
            row++;
        }
        boolean exactly = Math.abs(below + weights[row][k] - 0.5) <= ROUNDING && row < rows.length - 1;
        return exactly ? (rows[row][k] + rows[row + 1][k]) / 2 : rows[row][k];
    }

    /**
     * The mean of each column without the lowest and the highest values of some weight; of a value at the edge the
     * part that lies within counts.
     *
     * @param trimmed the weight on either side, below 1/2
     */
    static void trimmedMean(double trimmed, double[][] rows, double[][] weights, int width, double[] into, int at) {
        for (int k = 0; k < width; k++) {
            double below = 0;
            double sum = 0;
            double kept = 0;
            for (int row = 0; row < rows.length; row++) {
                double end = below + weights[row][k];
                double part = Math.min(end, 1 - trimmed) - Math.max(below, trimmed);
                if (part > ROUNDING) {
                    sum += part * rows[row][k];
                    kept += part;
                }
                below = end;
            }
            into[at + k] = kept > 0 ? sum / kept : median(rows, weights, k);
        }
    }
}
