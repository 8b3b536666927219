package org.fl4j.privacy.dp;

import java.util.Arrays;

/**
 * The region from which {@link DiscreteGaussian} draws: rho(x) = exp(-x^2 / (2 sigma^2)) for x &gt;= 0 covered by
 * {@value #CELLS} cells of equal area, 2^s integers wide and 1/M high.
 *
 * <p>Column j has the integers from j 2^s to (j + 1) 2^s - 1 and the cells 0 ... top_j - 1 with
 *
 * <pre>  rho(j 2^s) &lt;= top_j / M,        inside_j / M &lt;= rho((j + 1) 2^s).</pre>
 *
 * <p>A cell below inside_j is under the curve as a whole. What lies beyond the last column has 2^n cells of its own, M is
 * as large as the number of cells allows, and cells left over stand for nothing.
 *
 * <p>The two inequalities are decided in FP64 with a margin of 2^-40, relative; the value computed for rho has a relative
 * error below 2^-53 (4 z + 4) &lt; 2^-43 for z = x^2 / (2 sigma^2) &lt;= 128, and for a larger z M rho is less than 1 by both.
 *
 * <p>Immutable and thread-safe; the arrays are read, never written.
 */
final class Staircase {

    static final int CELL_BITS = 13;
    static final int CELLS = 1 << CELL_BITS;
    static final int COLUMN_BITS = 8;
    static final int COLUMNS = 1 << COLUMN_BITS;

    /** As a column: the cells beyond the last one. */
    static final int TAIL = COLUMNS;

    /** As a column: no cell. */
    static final int NOTHING = COLUMNS + 1;

    private static final double ABOVE = 1 + 0x1p-40;
    private static final double BELOW = 1 - 0x1p-40;

    /** s: a column is 2^s integers wide. With it sigma is at least 32 and less than 64 columns, or s is 0. */
    final int shift;

    /** M: a cell is 1/M high. */
    final int levels;

    /** How many cells the tail has, as a power of two. */
    final int tailBits;

    /** The column of each cell; its bitwise complement where the cell is not under the curve as a whole. */
    final short[] columnOf = new short[CELLS];

    /** The first cell of each column. */
    final int[] first = new int[COLUMNS];

    Staircase(double sigma) {
        shift = Math.max(0, Math.getExponent(sigma) - 5);
        double[] rho = new double[COLUMNS + 1];
        for (int j = 0; j <= COLUMNS; j++) {
            double ratio = Math.scalb((double) j, shift) / sigma;
            rho[j] = Math.exp(-0.5 * ratio * ratio);
        }
        levels = mostLevels(rho);
        tailBits = tailBits(rho, levels);
        lay(rho);
    }

    private static int mostLevels(double[] rho) {
        int levels = 0;
        for (int step = CELLS / 2; step > 0; step /= 2) {
            if (cells(rho, levels + step) <= CELLS) {
                levels += step;
            }
        }
        return levels;
    }

    private static int cells(double[] rho, int levels) {
        int cells = 1 << tailBits(rho, levels);
        for (int j = 0; j < COLUMNS; j++) {
            cells += top(rho[j], levels);
        }
        return cells;
    }

    /** At least 1: no integer is out of reach because its probability is smaller than a double. */
    private static int top(double rho, int levels) {
        return (int) (levels * rho * ABOVE) + 1;
    }

    /** The first block of the tail is as wide as all columns and is taken every second time; see DiscreteGaussian. */
    private static int tailBits(double[] rho, int levels) {
        int needed = (int) (2 * COLUMNS * levels * rho[COLUMNS] * ABOVE) + 1;
        return Integer.SIZE - Integer.numberOfLeadingZeros(needed - 1);
    }

    private void lay(double[] rho) {
        int cell = 0;
        for (int j = 0; j < COLUMNS; j++) {
            first[j] = cell;
            int inside = cell + (int) (levels * rho[j + 1] * BELOW);
            int end = cell + top(rho[j], levels);
            Arrays.fill(columnOf, cell, inside, (short) j);
            Arrays.fill(columnOf, inside, end, (short) ~j);
            cell = end;
        }
        int endOfTail = cell + (1 << tailBits);
        Arrays.fill(columnOf, cell, endOfTail, (short) ~TAIL);
        Arrays.fill(columnOf, endOfTail, CELLS, (short) ~NOTHING);
    }
}
