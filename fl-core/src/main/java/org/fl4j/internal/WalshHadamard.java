package org.fl4j.internal;

import java.util.Objects;

/**
 * The orthonormal Walsh-Hadamard transform of FP32 vectors, in place: {@code y_i = n^(-1/2) sum_j (-1)^popcount(i AND j)
 * x_j}, in n log2(n) additions (Fino and Algazi, IEEE Transactions on Computers 1976, in natural order). It is its own
 * inverse up to rounding.
 *
 * <p>A length is a power of two. Who has another number of coordinates cuts them into blocks and pads the last one with
 * zeros; {@link #blockSize} is the block for which the whole vector is one.
 *
 * <p>The order of the additions is fixed by n alone, so the same input gives the same bits on every platform. Rounding
 * errors grow by log2(n), not by n. Sums run up to n times the largest magnitude before they are scaled: whoever has
 * magnitudes near {@link Float#MAX_VALUE} scales them first.
 *
 * <p>Thread-safe as long as no two threads work on the same coordinates.
 *
 * @implNote 4,096 floats are transformed in the first-level cache; the levels above gather 16 rows of a 16th of that, four
 *     levels a pass over memory. The distances of the longest loops are literals: C2 of JDK 17 vectorises loops over one
 *     array only where it can compare the distances, and up to radix 4.
 */
public final class WalshHadamard {

    private static final int TILE = 1 << 12;
    private static final int LEVELS_A_PASS = 4;

    private WalshHadamard() {}

    /**
     * The smallest power of two that holds a number of coordinates.
     *
     * @param n how many, from 1 to 2^30
     * @return from n to 2 n - 1
     * @throws IllegalArgumentException if n is out of range
     */
    public static int blockSize(int n) {
        if (n < 1 || n > 1 << 30) {
            throw new IllegalArgumentException("n must be from 1 to 2^30, but was " + n);
        }
        return n == 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
    }

    /**
     * Transforms a whole array.
     *
     * @param x changed in place; its length is a power of two
     * @throws IllegalArgumentException if it is not
     */
    public static void transform(float[] x) {
        transform(x, 0, x.length);
    }

    /**
     * Transforms a part of an array.
     *
     * @param x changed in place from {@code from} on
     * @param from the first coordinate
     * @param n how many, a power of two
     * @throws IllegalArgumentException if n is not a power of two
     * @throws IndexOutOfBoundsException if the part is not within the array
     */
    public static void transform(float[] x, int from, int n) {
        if (Integer.bitCount(n) != 1 || n < 1) {
            throw new IllegalArgumentException("n must be a power of two, but was " + n + "; pad the block with zeros");
        }
        Objects.checkFromIndexSize(from, n, x.length);
        scale(x, from, n, (float) (1 / Math.sqrt(n)));
        if (n < TILE) {
            small(x, from, n);
            return;
        }
        for (int tile = from; tile < from + n; tile += TILE) {
            tile(x, tile);
        }
        int above = Integer.numberOfTrailingZeros(n / TILE);
        int distance = TILE;
        float[] rows = above == 0 ? x : new float[TILE];
        while (above > 0) {
            int levels = above % LEVELS_A_PASS == 0 ? LEVELS_A_PASS : above % LEVELS_A_PASS;
            pass(x, from, n, distance, levels, rows);
            distance <<= levels;
            above -= levels;
        }
    }

    private static void scale(float[] x, int from, int n, float factor) {
        for (int i = from; i < from + n; i++) {
            x[i] *= factor;
        }
    }

    private static void small(float[] x, int from, int n) {
        int first = 1;
        if (n >= 64) {
            eighths(x, from, n, 1);
            eighths(x, from, n, 8);
            first = 64;
        }
        for (int h = first; h < n; h <<= 1) {
            for (int i = from; i < from + n; i += 2 * h) {
                for (int j = i; j < i + h; j++) {
                    float a = x[j];
                    float b = x[j + h];
                    x[j] = a + b;
                    x[j + h] = a - b;
                }
            }
        }
    }

    private static void tile(float[] x, int from) {
        eighths(x, from, TILE, 1);
        eighths(x, from, TILE, 8);
        for (int i = from; i < from + TILE; i += 256) {
            quarters64(x, i);
        }
        for (int i = from; i < from + TILE; i += 1024) {
            quarters256(x, i);
        }
        quarters1024(x, from);
    }

    /** One to four levels, from a distance on: rows that lie that far apart go through a tile of their own. */
    private static void pass(float[] x, int from, int n, int distance, int levels, float[] rows) {
        int count = 1 << levels;
        int width = TILE >> levels;
        for (int group = from; group < from + n; group += count * distance) {
            for (int column = group; column < group + distance; column += width) {
                for (int row = 0; row < count; row++) {
                    System.arraycopy(x, column + row * distance, rows, row * width, width);
                }
                highest(rows, levels);
                for (int row = 0; row < count; row++) {
                    System.arraycopy(rows, row * width, x, column + row * distance, width);
                }
            }
        }
    }

    private static void highest(float[] rows, int levels) {
        switch (levels) {
            case 1 -> halves2048(rows);
            case 2 -> quarters1024(rows, 0);
            case 3 -> {
                halves512(rows, 0);
                halves512(rows, 1024);
                halves512(rows, 2048);
                halves512(rows, 3072);
                quarters1024(rows, 0);
            }
            default -> {
                for (int i = 0; i < TILE; i += 1024) {
                    quarters256(rows, i);
                }
                quarters1024(rows, 0);
            }
        }
    }

    /** Three levels, one coordinate at a time: distances h, 2 h and 4 h. */
    private static void eighths(float[] x, int from, int n, int h) {
        for (int i = from; i < from + n; i += 8 * h) {
            for (int j = i; j < i + h; j++) {
                float a = x[j];
                float b = x[j + h];
                float c = x[j + 2 * h];
                float d = x[j + 3 * h];
                float e = x[j + 4 * h];
                float f = x[j + 5 * h];
                float g = x[j + 6 * h];
                float k = x[j + 7 * h];
                float ab = a + b;
                float cd = c + d;
                float ef = e + f;
                float gk = g + k;
                float aMinusB = a - b;
                float cMinusD = c - d;
                float eMinusF = e - f;
                float gMinusK = g - k;
                float low0 = ab + cd;
                float low1 = aMinusB + cMinusD;
                float low2 = ab - cd;
                float low3 = aMinusB - cMinusD;
                float high0 = ef + gk;
                float high1 = eMinusF + gMinusK;
                float high2 = ef - gk;
                float high3 = eMinusF - gMinusK;
                x[j] = low0 + high0;
                x[j + h] = low1 + high1;
                x[j + 2 * h] = low2 + high2;
                x[j + 3 * h] = low3 + high3;
                x[j + 4 * h] = low0 - high0;
                x[j + 5 * h] = low1 - high1;
                x[j + 6 * h] = low2 - high2;
                x[j + 7 * h] = low3 - high3;
            }
        }
    }

    private static void quarters64(float[] x, int from) {
        for (int j = from; j < from + 64; j++) {
            float a = x[j];
            float b = x[j + 64];
            float c = x[j + 128];
            float d = x[j + 192];
            float ab = a + b;
            float cd = c + d;
            float aMinusB = a - b;
            float cMinusD = c - d;
            x[j] = ab + cd;
            x[j + 64] = aMinusB + cMinusD;
            x[j + 128] = ab - cd;
            x[j + 192] = aMinusB - cMinusD;
        }
    }

    private static void quarters256(float[] x, int from) {
        for (int j = from; j < from + 256; j++) {
            float a = x[j];
            float b = x[j + 256];
            float c = x[j + 512];
            float d = x[j + 768];
            float ab = a + b;
            float cd = c + d;
            float aMinusB = a - b;
            float cMinusD = c - d;
            x[j] = ab + cd;
            x[j + 256] = aMinusB + cMinusD;
            x[j + 512] = ab - cd;
            x[j + 768] = aMinusB - cMinusD;
        }
    }

    private static void quarters1024(float[] x, int from) {
        for (int j = from; j < from + 1024; j++) {
            float a = x[j];
            float b = x[j + 1024];
            float c = x[j + 2048];
            float d = x[j + 3072];
            float ab = a + b;
            float cd = c + d;
            float aMinusB = a - b;
            float cMinusD = c - d;
            x[j] = ab + cd;
            x[j + 1024] = aMinusB + cMinusD;
            x[j + 2048] = ab - cd;
            x[j + 3072] = aMinusB - cMinusD;
        }
    }

    private static void halves512(float[] x, int from) {
        for (int j = from; j < from + 512; j++) {
            float a = x[j];
            float b = x[j + 512];
            x[j] = a + b;
            x[j + 512] = a - b;
        }
    }

    private static void halves2048(float[] x) {
        for (int j = 0; j < 2048; j++) {
            float a = x[j];
            float b = x[j + 2048];
            x[j] = a + b;
            x[j + 2048] = a - b;
        }
    }
}
