package org.fl4j.privacy.accounting;

import java.util.Arrays;
import java.util.List;

/**
 * The product of powers of spectra of probability masses, with a bound on its error at every frequency.
 *
 * <p>A factor off by e has its n-th power off by at most {@code n (|x| + e)^(n - 1) e}, and by {@code 3 n u |x|^n} for the
 * multiplications (a complex product is off by sqrt 5 u: Brent, Percival, Zimmermann, Mathematics of Computation 76, 2007).
 * By Parseval's equation the vector is off, in the 2-norm, by the root mean square of the errors of its spectrum.
 */
final class SpectrumProduct {

    private static final double UNIT = 0x1p-53;
    private static final double NEGLIGIBLE = 0x1p-80;
    private static final int MOST_AT_ONCE = 1 << 20;

    /** Fewer elements are not worth tables of roots. */
    private static final int LEAST_ELEMENTS = 128;

    private final int length;
    private final Fft fft;
    private final double[] re;
    private final double[] im;
    private final double[] error;

    /** From here on the product is so small that it counts as 0, and its size as its error. */
    private int negligible;

    /** Of how much further factors can make what is negligible larger. */
    private double logGrowth;

    SpectrumProduct(int length) {
        this.length = length;
        fft = new Fft(length);
        re = new double[length / 2 + 1];
        im = new double[length / 2 + 1];
        error = new double[length / 2 + 1];
        Arrays.fill(re, 1);
        negligible = re.length;
    }

    /** Of frequencies below some. */
    private record Factor(Fft.Spectrum spectrum, double sum, double elementError, long count) {}

    /**
     * Multiplies by the powers of all parts, in their order; their transforms are made in parallel, in batches that grow: the more factors there are
     * already, the fewer frequencies still count.
     */
    void multiply(List<TiltedConvolution.Part> parts, double theta) {
        int from = 0;
        for (double batch = 1; from < parts.size(); batch *= 1.5) {
            int to = Math.min(parts.size(), from + Math.max(1, Math.min((int) batch, MOST_AT_ONCE / negligible)));
            Transform transform = new Transform(theta, negligible);
            parts.subList(from, to).parallelStream()
                    .map(transform::factor)
                    .toList()
                    .forEach(this::multiply);
            from = to;
        }
    }

    /** Of tilted masses, for frequencies below a count. */
    private final class Transform {

        private final double theta;
        private final int count;
        private final LowFrequencies low;

        Transform(double theta, int count) {
            this.theta = theta;
            this.count = count;
            low = new LowFrequencies(fft, length, LowFrequencies.isQuick(LEAST_ELEMENTS, count, length) ? count : 0);
        }

        Factor factor(TiltedConvolution.Part part) {
            double[] tilted = part.loss().tilted(theta, part.logMoment());
            double sum = 0;
            for (double mass : tilted) {
                sum += mass;
            }
            return LowFrequencies.isQuick(Math.max(LEAST_ELEMENTS, tilted.length), count, length)
                    ? new Factor(
                            low.of(tilted, part.loss().first()),
                            sum,
                            LowFrequencies.elementError(tilted.length),
                            part.count())
                    : new Factor(
                            fft.forward(onRing(tilted, part.loss().first())), sum, fft.elementError(), part.count());
        }
    }

    private double[] onRing(double[] masses, long first) {
        double[] ring = new double[length];
        int at = (int) Math.floorMod(first, (long) length);
        for (double mass : masses) {
            ring[at] += mass;
            at = at + 1 == length ? 0 : at + 1;
        }
        return ring;
    }

    private void multiply(Factor factor) {
        double e = 1.01 * factor.elementError() * factor.sum();
        for (int k = 0; k < negligible; k++) {
            multiply(k, factor.spectrum().re[k], factor.spectrum().im[k], factor.count(), e);
        }
        logGrowth += factor.count() * Math.max(0, Math.log(factor.sum()) + 2 * e);
        while (negligible > 1 && size(negligible - 1) + error[negligible - 1] < NEGLIGIBLE) {
            negligible--;
            error[negligible] += size(negligible);
            re[negligible] = 0;
            im[negligible] = 0;
        }
    }

    private double size(int k) {
        return Math.sqrt(re[k] * re[k] + im[k] * im[k]) * (1 + 4 * UNIT);
    }

    private void multiply(int k, double x, double y, long count, double e) {
        double size = Math.sqrt(x * x + y * y) * (1 + 4 * UNIT) + e;
        double before = count == 1 ? 1 : Math.exp((count - 1) * Math.log(size));
        double offset = count * before * (e + 4 * UNIT * size);
        double powerRe = 1;
        double powerIm = 0;
        double squareRe = x;
        double squareIm = y;
        for (long n = count; n > 0; n >>= 1) {
            if ((n & 1) == 1) {
                double real = powerRe * squareRe - powerIm * squareIm;
                powerIm = powerRe * squareIm + powerIm * squareRe;
                powerRe = real;
            }
            double real = squareRe * squareRe - squareIm * squareIm;
            squareIm = 2 * squareRe * squareIm;
            squareRe = real;
        }
        double now = size(k);
        error[k] = error[k] * before * size + now * offset + error[k] * offset + 3 * UNIT * now * before * size;
        double real = re[k] * powerRe - im[k] * powerIm;
        im[k] = re[k] * powerIm + im[k] * powerRe;
        re[k] = real;
    }

    /** The vector with this spectrum; uses the product up. */
    double[] inverse() {
        return fft.inverse(new Fft.Spectrum(re, im));
    }

    /** How far the vector may be off in the 2-norm: the error of the spectrum, and the rounding of the inverse. */
    double error(double[] vector) {
        double squares = 0;
        for (double e : error) {
            squares += e * e;
        }
        double ofSpectrum = Math.exp(logGrowth) * Math.sqrt(2 * squares / length);
        return 1.01 * (ofSpectrum + fft.error() * norm(vector)) + Double.MIN_NORMAL;
    }

    private static double norm(double[] x) {
        double sum = 0;
        for (double v : x) {
            sum += v * v;
        }
        return Math.sqrt(sum);
    }
}
