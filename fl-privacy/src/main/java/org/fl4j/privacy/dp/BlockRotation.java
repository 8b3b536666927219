package org.fl4j.privacy.dp;

import org.fl4j.internal.WalshHadamard;
import org.fl4j.random.DeterministicRandom;

/**
 * The rotation {@code x -> H S x} of each block, S random signs and H the orthonormal Walsh-Hadamard transform: whatever a vector was
 * before the signs were drawn, each coordinate of its rotation is subgaussian with the parameter ||x||^2 / B.
 *
 * @param block B, a power of two
 * @param seed of the signs; public
 */
record BlockRotation(int block, long seed) {

    /**
     * Rotates in place.
     *
     * @param x whole blocks
     */
    void forward(float[] x) {
        flip(x);
        for (int from = 0; from < x.length; from += block) {
            WalshHadamard.transform(x, from, block);
        }
    }

    /** Undoes {@link #forward}, up to rounding. */
    void backward(float[] x) {
        for (int from = 0; from < x.length; from += block) {
            WalshHadamard.transform(x, from, block);
        }
        flip(x);
    }

    private void flip(float[] x) {
        DeterministicRandom random = new DeterministicRandom(seed);
        for (int from = 0; from < x.length; from += Long.SIZE) {
            long word = random.nextLong();
            for (int i = from; i < Math.min(x.length, from + Long.SIZE); i++) {
                int sign = (int) (word >>> 32) & Integer.MIN_VALUE;
                x[i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[i]) ^ sign);
                word <<= 1;
            }
        }
    }

    /** Zeros beyond the values. */
    static float[] padded(double[] values, double factor, int length) {
        float[] padded = new float[length];
        for (int i = 0; i < values.length; i++) {
            padded[i] = (float) (values[i] * factor);
        }
        return padded;
    }
}
