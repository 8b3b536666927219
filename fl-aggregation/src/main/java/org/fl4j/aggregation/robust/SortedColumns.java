package org.fl4j.aggregation.robust;

import org.fl4j.weights.ModelDelta;

/** Rules that look at each coordinate of all updates by itself, in ascending order. FP64, rounded once. */
final class SortedColumns {

    private SortedColumns() {}

    /** Makes one row of many. */
    interface ColumnRule {

        /**
         * Combines each column into one value.
         *
         * @param rows in every column ascending
         * @param width how many columns
         * @param into where to
         * @param at where the first one goes
         */
        void combine(double[][] rows, int width, double[] into, int at);
    }

    /**
     * Applies a rule to every coordinate.
     *
     * @param which the updates that take part
     */
    static ModelDelta combine(HeldUpdates updates, int[] which, ColumnRule rule) {
        SortingNetwork network = SortingNetwork.of(which.length);
        int length = updates.layout().length();
        double[] combined = new double[length];
        Stripes.inParallel(length, (stripe, from, to) -> {
            double[][] rows = new double[which.length][Math.min(Stripes.CHUNK, to - from)];
            Stripes.chunks(from, to, (at, n) -> {
                for (int i = 0; i < which.length; i++) {
                    updates.copyTo(which[i], at, n, rows[i], 0);
                }
                network.sort(rows, n);
                rule.combine(rows, n, combined, at);
            });
        });
        return ModelDelta.of(updates.layout(), combined);
    }

    /** The mean of rows {@code [from, to)} of every column, where {@code into} holds zeros. */
    static void mean(double[][] rows, int from, int to, int width, double[] into, int at) {
        int row = from;
        for (; row + 4 <= to; row += 4) {
            add(rows[row], rows[row + 1], rows[row + 2], rows[row + 3], width, into, at);
        }
        for (; row < to; row++) {
            double[] values = rows[row];
            for (int k = 0; k < width; k++) {
                into[at + k] += values[k];
            }
        }
        for (int k = 0; k < width; k++) {
            into[at + k] /= to - from;
        }
    }

    /** Four rows for one reading and writing of the sums. */
    private static void add(double[] a, double[] b, double[] c, double[] d, int width, double[] into, int at) {
        for (int k = 0; k < width; k++) {
            into[at + k] += (a[k] + b[k]) + (c[k] + d[k]);
        }
    }
}
