package org.fl4j.privacy.accounting;

import java.util.Arrays;

/**
 * The lowest frequencies of the spectrum of a vector that fills a small part of a long ring, by the sum itself: where few frequencies are needed, less work than
 * {@link Fft}.
 *
 * <pre>  X_k = sum over blocks of w^(k start) sum over b of x_(start + b) w^(k b),   w = e^(-2 pi i / n)</pre>
 *
 * <p>The inner roots of unity are the same for all blocks and all vectors, and the inner loop runs over frequencies.
 *
 * <p>Rounding: an element is off by at most {@link #elementError} times the sum of the moduli of the vector: roots of unity by 8 unit roundoffs,
 * twice, two products, and as many sums as a block has elements and the vector blocks.
 */
final class LowFrequencies {

    private static final double UNIT = 0x1p-53;

    /** A multiple of {@link #AT_ONCE}. */
    private static final int BLOCK = 32;

    private static final int AT_ONCE = 4;

    /** Of a product by this class, beside one of the fast transform's. */
    private static final double CHEAPER = 4;

    private final Fft fft;
    private final int length;
    private final int count;
    private final double[][] cos = new double[BLOCK][];
    private final double[][] sin = new double[BLOCK][];

    /** The frequencies below a count on a ring of a length. */
    LowFrequencies(Fft fft, int length, int count) {
        this.fft = fft;
        this.length = length;
        this.count = count;
        for (int b = 0; b < BLOCK; b++) {
            cos[b] = new double[count];
            sin[b] = new double[count];
            for (int k = 0; k < count; k++) {
                cos[b][k] = fft.rootRe((long) b * k);
                sin[b][k] = fft.rootIm((long) b * k);
            }
        }
    }

    /** Whether this is less work than the fast transform for vectors with so many elements. */
    static boolean isQuick(int elements, int count, int length) {
        return (double) elements * count <= CHEAPER * length * Integer.numberOfTrailingZeros(length);
    }

    /** Of each element of a spectrum, relative to the sum of the moduli of the vector. */
    static double elementError(int elements) {
        double sums = BLOCK + 1 + elements / BLOCK;
        return 1.5 * (sums + 24) * UNIT;
    }

    /** Of the vector that starts at an index of the ring. */
    Fft.Spectrum of(double[] x, long first) {
        double[] re = new double[count];
        double[] im = new double[count];
        double[] blockRe = new double[count];
        double[] blockIm = new double[count];
        double[] padded = Arrays.copyOf(x, (x.length + AT_ONCE - 1) / AT_ONCE * AT_ONCE);
        for (int start = 0; start < padded.length; start += BLOCK) {
            Arrays.fill(blockRe, 0);
            Arrays.fill(blockIm, 0);
            for (int b = 0; b < BLOCK && start + b < padded.length; b += AT_ONCE) {
                addFour(blockRe, padded, start, b, cos);
                addFour(blockIm, padded, start, b, sin);
            }
            addTurned(re, im, blockRe, blockIm, Math.floorMod(first + start, (long) length));
        }
        return new Fft.Spectrum(re, im);
    }

    private void addFour(double[] sum, double[] x, int start, int b, double[][] root) {
        double x0 = x[start + b];
        double x1 = x[start + b + 1];
        double x2 = x[start + b + 2];
        double x3 = x[start + b + 3];
        double[] r0 = root[b];
        double[] r1 = root[b + 1];
        double[] r2 = root[b + 2];
        double[] r3 = root[b + 3];
        for (int k = 0; k < count; k++) {
            sum[k] += x0 * r0[k] + x1 * r1[k] + (x2 * r2[k] + x3 * r3[k]);
        }
    }

    private void addTurned(double[] re, double[] im, double[] blockRe, double[] blockIm, long start) {
        long index = 0;
        for (int k = 0; k < count; k++) {
            double c = fft.rootRe(index);
            double s = fft.rootIm(index);
            re[k] += blockRe[k] * c - blockIm[k] * s;
            im[k] += blockRe[k] * s + blockIm[k] * c;
            index += start;
            index = index >= length ? index - length : index;
        }
    }
}
