package org.fl4j.aggregation.robust;

/**
 * Sorts many columns at once: Batcher's merge exchange for any number of rows (Knuth, The Art of Computer Programming 3,
 * second edition, algorithm 5.2.2M). Which rows are compared does not depend on the values, so a comparison is a loop
 * over whole rows without branches. The order is that of {@link Math#min}: -0 comes before 0.
 *
 * <p>Immutable and thread-safe.
 */
final class SortingNetwork {

    /** Pairs of rows, the one for the smaller values first. */
    private final int[] pairs;

    private SortingNetwork(int[] pairs) {
        this.pairs = pairs;
    }

    static SortingNetwork of(int rows) {
        int[] pairs = new int[2 * visit(rows, (low, high) -> {})];
        int[] next = {0};
        visit(rows, (low, high) -> {
            pairs[next[0]++] = low;
            pairs[next[0]++] = high;
        });
        return new SortingNetwork(pairs);
    }

    /** Sorts the first {@code width} values of every column. */
    void sort(double[][] rows, int width) {
        for (int i = 0; i < pairs.length; i += 2) {
            compare(rows[pairs[i]], rows[pairs[i + 1]], width);
        }
    }

    /** Sorts the first {@code width} values of every column, each with a companion: its weight. */
    void sort(double[][] rows, double[][] companions, int width) {
        for (int i = 0; i < pairs.length; i += 2) {
            int low = pairs[i];
            int high = pairs[i + 1];
            compare(rows[low], rows[high], companions[low], companions[high], width);
        }
    }

    private static void compare(double[] low, double[] high, double[] ofLow, double[] ofHigh, int width) {
        for (int k = 0; k < width; k++) {
            if (low[k] > high[k]) {
                double value = low[k];
                low[k] = high[k];
                high[k] = value;
                double companion = ofLow[k];
                ofLow[k] = ofHigh[k];
                ofHigh[k] = companion;
            }
        }
    }

    private static void compare(double[] low, double[] high, int width) {
        for (int k = 0; k < width; k++) {
            double a = low[k];
            double b = high[k];
            low[k] = Math.min(a, b);
            high[k] = Math.max(a, b);
        }
    }

    /** Calls back for each comparison in order; p, q, r and d are the book's. */
    private static int visit(int rows, Comparison each) {
        int comparisons = 0;
        int top = rows < 2 ? 0 : Integer.highestOneBit(rows - 1);
        for (int p = top; p > 0; p >>= 1) {
            int r = 0;
            int d = p;
            for (int q = top; q >= p; q >>= 1) {
                for (int i = 0; i < rows - d; i++) {
                    if ((i & p) == r) {
                        each.of(i, i + d);
                        comparisons++;
                    }
                }
                d = q - p;
                r = p;
            }
        }
        return comparisons;
    }

    private interface Comparison {
        void of(int low, int high);
    }
}
