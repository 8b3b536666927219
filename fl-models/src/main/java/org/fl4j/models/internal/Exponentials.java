package org.fl4j.models.internal;

/**
 * Hyperbolic tangent and logistic function of many values at once, in loops over FP32 that the compiler makes vector code
 * of: {@code e^y - 1 = 2^k p(r) + (2^k - 1)} with {@code y = k ln 2 + r}, where p is the Taylor polynomial of
 * {@code e^r - 1} of degree 7 on {@code |r| <= ln(2)/2}. Relative errors are at most 4e-7. The same bits on every machine:
 * only additions, products and quotients of Java.
 *
 * <p>Keeps scratch memory of its own. Not thread-safe.
 */
final class Exponentials {

    /** {@code 1.5 * 2^23}: a float added to it is rounded to a whole number, which its low bits then hold. */
    private static final float ROUNDING = 12582912f;

    private static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts, of which the first has few enough bits for exact products with k. */
    private static final float LN2_HIGH = 0.6933594f;

    private static final float LN2_LOW = -0.00021219444f;
    /** The power of which, and of its negative, are normal numbers. */
    private static final float GREATEST = 87f;

    /** From here on tanh(y / 2) is 1. */
    private static final float SATURATED = 30f;

    private final NativeFloats memory;
    private final int[] bits;
    private final float[] rounded;
    private final float[] exponents;
    private final float[] powers;

    /** For up to some values at once. */
    Exponentials(int capacity) {
        this.memory = NativeFloats.zeros(capacity);
        this.bits = new int[capacity];
        this.rounded = new float[capacity];
        this.exponents = new float[capacity];
        this.powers = new float[capacity];
    }

    /** {@code z = 1 / (1 + e^-z)}, in place, of the first n values; below -87 that of -87. */
    void sigmoid(float[] z, int n) {
        split(z, -1, GREATEST, n);
        toSigmoid(exponents, powers, z, n);
    }

    /** {@code z = (e^2z - 1) / (e^2z + 1)}, in place, of the first n values. */
    void tanh(float[] z, int n) {
        split(z, 2, SATURATED, n);
        toTanh(exponents, powers, z, n);
    }

    /** From z to {@code p(r)} and {@code 2^k} of {@code y = factor * z}. */
    private void split(float[] z, float factor, float greatest, int n) {
        round(z, factor, greatest, rounded, exponents, n);
        memory.put(0, rounded, 0, n);
        memory.getBits(0, bits, 0, n);
        toPowers(bits, n);
        memory.putBits(0, bits, 0, n);
        memory.get(0, powers, 0, n);
        reduce(rounded, exponents, n);
        polynomial(exponents, n);
    }

    // One loop a method, over arrays alone.

    private static void round(float[] z, float factor, float most, float[] rounded, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            float v = Math.max(-most, Math.min(most, factor * z[i]));
            y[i] = v;
            rounded[i] = v * LOG2_E + ROUNDING;
        }
    }

    /** The bits of 2^k, from a float whose low bits hold k. */
    private static void toPowers(int[] bits, int n) {
        for (int i = 0; i < n; i++) {
            bits[i] = (bits[i] + 127) << 23;
        }
    }

    private static void reduce(float[] rounded, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            float k = rounded[i] - ROUNDING;
            y[i] = y[i] - k * LN2_HIGH - k * LN2_LOW;
        }
    }

    private static void polynomial(float[] r, int n) {
        for (int i = 0; i < n; i++) {
            float x = r[i];
            float q = 1f / 720 + x * (1f / 5040);
            q = 1f / 120 + x * q;
            q = 1f / 24 + x * q;
            q = 1f / 6 + x * q;
            q = 0.5f + x * q;
            r[i] = x + x * x * q;
        }
    }

    private static void toSigmoid(float[] p, float[] power, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = 1 / (1 + (power[i] * p[i] + power[i]));
        }
    }

    private static void toTanh(float[] p, float[] power, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            float e = power[i] * p[i] + (power[i] - 1);
            y[i] = e / (e + 2);
        }
    }
}
