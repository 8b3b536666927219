package org.fl4j.compression;

import org.fl4j.random.DeterministicRandom;

/** What the tests encode, and how far from it the result is. */
final class Vectors {

    private Vectors() {}

    static float[] gaussian(int n, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    static float[] logNormal(int n, long seed) {
        float[] x = gaussian(n, seed);
        for (int i = 0; i < n; i++) {
            x[i] = (float) Math.exp(x[i]);
        }
        return x;
    }

    /** Two coordinates, one half the other: what a single turn of signs and transform treats worst. */
    static float[] sparse(int n) {
        float[] x = new float[n];
        x[3] = 1;
        x[n / 2 + 7] = -0.5f;
        return x;
    }

    static double inner(float[] x, float[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) x[i] * y[i];
        }
        return sum;
    }

    static float[] difference(float[] x, float[] y) {
        float[] difference = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            difference[i] = x[i] - y[i];
        }
        return difference;
    }

    /** The squared error by the squared norm, of one seed. */
    static double error(Codec codec, float[] x, long seed) {
        float[] off = difference(codec.decode(codec.encode(x, seed), x.length, seed), x);
        return inner(off, off) / inner(x, x);
    }
}
