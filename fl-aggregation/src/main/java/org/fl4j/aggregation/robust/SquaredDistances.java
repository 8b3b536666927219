package org.fl4j.aggregation.robust;

import java.util.Arrays;
import java.util.List;

/**
 * The squared Euclidean distances between all pairs of updates, in FP64.
 *
 * <p>Sums of squared differences, not {@code |x|^2 + |y|^2 - 2 x.y}: where updates have much in common, the latter's
 * difference of large numbers leaves nothing but rounding. Every term here is at least 0 and a term's difference is
 * rounded once, so with u = 2^-53 a distance is off by a relative {@code (m + 4) u} at most, m the longest chain of
 * additions, at most {@code d / 64 + 150}: 2e-12 for d = 1,000,000, and in practice some u.
 */
final class SquaredDistances {

    /** Coordinates that one pass over a row adds up; with more the compiler does not vectorise the loop. */
    private static final int UNROLLED = 4;

    private SquaredDistances() {}

    /** A symmetric matrix with zeros on the diagonal. */
    static double[][] of(HeldUpdates updates) {
        int n = updates.size();
        int length = updates.layout().length();
        List<double[][]> partial =
                Columns.stripes(length).map(stripe -> lower(updates, stripe)).toList();
        double[][] squared = new double[n][n];
        for (double[][] part : partial) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < i; j++) {
                    squared[i][j] += part[i][j];
                    squared[j][i] = squared[i][j];
                }
            }
        }
        return squared;
    }

    /** The part of a stripe in the distances between each update and those before it. */
    private static double[][] lower(HeldUpdates updates, Columns.Stripe stripe) {
        int n = updates.size();
        double[][] lower = new double[n][];
        for (int i = 0; i < n; i++) {
            lower[i] = new double[i];
        }
        double[] line = new double[Columns.CHUNK];
        double[][] columns = new double[Columns.CHUNK][n];
        stripe.chunks((at, width) -> {
            for (int i = 0; i < n; i++) {
                updates.copyTo(i, at, width, line, 0);
                for (int k = 0; k < width; k++) {
                    columns[k][i] = line[k];
                }
            }
            add(columns, padded(columns, width), lower);
        });
        return lower;
    }

    /** Rows of zeros up to a whole number of passes: they add nothing to a distance. */
    private static int padded(double[][] columns, int width) {
        int whole = (width + UNROLLED - 1) / UNROLLED * UNROLLED;
        for (int k = width; k < whole; k++) {
            Arrays.fill(columns[k], 0);
        }
        return whole;
    }

    private static void add(double[][] columns, int width, double[][] lower) {
        for (int k = 0; k < width; k += UNROLLED) {
            for (int i = 1; i < lower.length; i++) {
                add(columns[k], columns[k + 1], columns[k + 2], columns[k + 3], i, lower[i]);
            }
        }
    }

    /** Adds four coordinates' part of the distances between update i and those before it. */
    private static void add(double[] x, double[] y, double[] z, double[] w, int i, double[] sums) {
        double a = x[i];
        double b = y[i];
        double c = z[i];
        double d = w[i];
        for (int j = 0; j < i; j++) {
            sums[j] += ((a - x[j]) * (a - x[j]) + (b - y[j]) * (b - y[j]))
                    + ((c - z[j]) * (c - z[j]) + (d - w[j]) * (d - w[j]));
        }
    }
}
