package org.fl4j.privacy.accounting;

/**
 * Discrete Fourier transform of real vectors whose length is a power of two, in double precision.
 *
 * <p>A real vector of length n is transformed as a complex one of length n/2 (Cooley-Tukey, radix 2, by decimation in
 * time). Its spectrum is kept as n/2 + 1 complex numbers in two arrays.
 *
 * <p>Rounding: {@code |computed - exact|_2 <= error() |exact|_2}, with
 *
 * <pre>  error = t eta / (1 - t eta),   eta = mu + gamma_4 (sqrt 2 + mu),   t = log2 n stages</pre>
 *
 * <p>(Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002, theorem 24.2), mu the error of a tabulated
 * root of unity, 8 unit roundoffs here with that of its angle. The step between real and complex counts as two more stages.
 *
 * <p>Every element of a spectrum is also off by no more than {@code elementError() |x|_1}. A butterfly p + w q is off by at most
 * eta (|p| + |q|), so by induction over the stages an element of a transform of s stages is off by at most
 * {@code ((1 + eta)^s - 1)} times the sum of the moduli it is made from. The step between real and complex takes half the sum and half the
 * difference of two elements, of weights |1 - iw|/2 and |1 + iw|/2, whose sum is at most sqrt 2. For masses, whose sum is 1,
 * this is smaller than the bound by the 2-norm by about the root of n.
 */
final class Fft {

    private static final double UNIT = 0x1p-53;

    private final int half;
    private final double[] cos;
    private final double[] sin;
    private final int[] reversed;

    /** For vectors of length n, a power of two and at least 4. */
    Fft(int n) {
        half = n / 2;
        cos = new double[half];
        sin = new double[half];
        for (int i = 0; i < half; i++) {
            double angle = 2 * Math.PI * i / n;
            cos[i] = Math.cos(angle);
            sin[i] = -Math.sin(angle);
        }
        reversed = new int[half];
        for (int i = 1; i < half; i++) {
            reversed[i] = reversed[i / 2] / 2 + (i % 2) * (half / 2);
        }
    }

    /** The real part of e^(-2 pi i m / n). */
    double rootRe(long m) {
        int index = (int) (m & (2L * half - 1));
        return index < half ? cos[index] : -cos[index - half];
    }

    /** The imaginary part of e^(-2 pi i m / n). */
    double rootIm(long m) {
        int index = (int) (m & (2L * half - 1));
        return index < half ? sin[index] : -sin[index - half];
    }

    /** Of a vector, in the 2-norm, relative. */
    double error() {
        double stages = Integer.numberOfTrailingZeros(half) + 3;
        double mu = 8 * UNIT;
        double eta = mu + 4.001 * UNIT * (Math.sqrt(2) + mu);
        return stages * eta / (1 - stages * eta);
    }

    /** Of each element of a spectrum, relative to the sum of the moduli of the vector. */
    double elementError() {
        return Math.sqrt(2) * error();
    }

    /** The spectrum of x, X_k = sum over j of x_j e^(-2 pi i j k / n) for k from 0 to n/2; x is not changed. */
    Spectrum forward(double[] x) {
        double[] re = new double[half + 1];
        double[] im = new double[half + 1];
        for (int i = 0; i < half; i++) {
            int j = reversed[i];
            re[i] = x[2 * j];
            im[i] = x[2 * j + 1];
        }
        butterflies(re, im);
        re[half] = re[0];
        im[half] = im[0];
        for (int k = 0; k <= half / 2; k++) {
            split(re, im, k, half - k);
        }
        return new Spectrum(re, im);
    }

    /** The real vector of a spectrum, which is used up. */
    double[] inverse(Spectrum spectrum) {
        double[] re = spectrum.re;
        double[] im = spectrum.im;
        for (int k = 0; k <= half / 2; k++) {
            join(re, im, k, half - k);
        }
        double[] a = new double[half];
        double[] b = new double[half];
        for (int i = 0; i < half; i++) {
            int j = reversed[i];
            a[i] = re[j];
            b[i] = -im[j];
        }
        butterflies(a, b);
        double[] x = new double[2 * half];
        for (int i = 0; i < half; i++) {
            x[2 * i] = a[i] / half;
            x[2 * i + 1] = -b[i] / half;
        }
        return x;
    }

    private void butterflies(double[] re, double[] im) {
        for (int p = 0; p < half; p += 2) {
            double x = re[p + 1];
            double y = im[p + 1];
            re[p + 1] = re[p] - x;
            im[p + 1] = im[p] - y;
            re[p] += x;
            im[p] += y;
        }
        for (int length = 2; length < half; length *= 2) {
            int stride = half / length;
            for (int start = 0; start < half; start += 2 * length) {
                for (int j = 0; j < length; j++) {
                    butterfly(re, im, start + j, start + j + length, cos[j * stride], sin[j * stride]);
                }
            }
        }
    }

    private static void butterfly(double[] re, double[] im, int p, int q, double c, double s) {
        double x = re[q] * c - im[q] * s;
        double y = re[q] * s + im[q] * c;
        re[q] = re[p] - x;
        im[q] = im[p] - y;
        re[p] += x;
        im[p] += y;
    }

    /** X_k = E_k + w^k O_k, with E and O the transforms of the even and the odd elements; likewise X_(n/2 - k). */
    private void split(double[] re, double[] im, int k, int mirror) {
        double evenRe = 0.5 * (re[k] + re[mirror]);
        double evenIm = 0.5 * (im[k] - im[mirror]);
        double oddRe = 0.5 * (im[k] + im[mirror]);
        double oddIm = -0.5 * (re[k] - re[mirror]);
        double x = oddRe * cos[k] - oddIm * sin[k];
        double y = oddRe * sin[k] + oddIm * cos[k];
        re[k] = evenRe + x;
        im[k] = evenIm + y;
        re[mirror] = evenRe - x;
        im[mirror] = -(evenIm - y);
    }

    private void join(double[] re, double[] im, int k, int mirror) {
        double evenRe = 0.5 * (re[k] + re[mirror]);
        double evenIm = 0.5 * (im[k] - im[mirror]);
        double x = 0.5 * (re[k] - re[mirror]);
        double y = 0.5 * (im[k] + im[mirror]);
        double oddRe = x * cos[k] + y * sin[k];
        double oddIm = y * cos[k] - x * sin[k];
        re[k] = evenRe - oddIm;
        im[k] = evenIm + oddRe;
        re[mirror] = evenRe + oddIm;
        im[mirror] = oddRe - evenIm;
    }

    /** Real and imaginary parts of elements 0 to n/2. */
    static final class Spectrum {
        final double[] re;
        final double[] im;

        Spectrum(double[] re, double[] im) {
            this.re = re;
            this.im = im;
        }
    }
}
