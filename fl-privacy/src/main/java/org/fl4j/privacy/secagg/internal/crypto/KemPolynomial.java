package org.fl4j.privacy.secagg.internal.crypto;

import java.util.Arrays;

/**
 * A polynomial of ML-KEM: 256 coefficients modulo q = 3329, or its number-theoretic transform, 128 polynomials of degree one. Every
 * coefficient is reduced, from 0 to q - 1.
 *
 * <p>No branch, no address and no division depends on a coefficient: a quotient by q is a product with a rounded reciprocal, which is exact
 * for numerators below 2^24. Not thread-safe.
 *
 * <p>Source: NIST FIPS 203, "Module-Lattice-Based Key-Encapsulation Mechanism Standard", 2024, section 4; the algorithms are named
 * where they stand.
 */
final class KemPolynomial {

    /** How many coefficients. */
    static final int LENGTH = 256;

    static final int Q = 3329;

    /** The root of unity of order 256. */
    private static final int ROOT = 17;

    /** 128^-1. */
    private static final int INVERSE_128 = 3303;

    /** A block of SHAKE-128, which is a multiple of 3. */
    private static final int XOF_BYTES = 168;

    private static final long RECIPROCAL = (1L << 40) / Q + 1;

    /** 17^bitrev7(i). */
    private static final int[] ZETAS = new int[LENGTH / 2];

    /** 17^(2 bitrev7(i) + 1). */
    private static final int[] GAMMAS = new int[LENGTH / 2];

    static {
        for (int i = 0; i < ZETAS.length; i++) {
            int reversed = Integer.reverse(i) >>> 25;
            ZETAS[i] = power(reversed);
            GAMMAS[i] = power(2 * reversed + 1);
        }
    }

    private final int[] coefficients = new int[LENGTH];

    private static int power(int exponent) {
        int power = 1;
        for (int i = 0; i < exponent; i++) {
            power = power * ROOT % Q;
        }
        return power;
    }

    /** floor(n / q) for 0 <= n < 2^24: n (reciprocal - 2^40 / q) < 2^24 is less than 2^40 / q. */
    private static int quotient(int n) {
        return (int) ((n * RECIPROCAL) >>> 40);
    }

    private static int reduced(int n) {
        return n - Q * quotient(n);
    }

    /** Of a number from -q to q - 1. */
    private static int nonNegative(int n) {
        return n + (Q & (n >> 31));
    }

    private static int sum(int a, int b) {
        return nonNegative(a + b - Q);
    }

    private static int difference(int a, int b) {
        return nonNegative(a - b);
    }

    private static int product(int a, int b) {
        return reduced(a * b);
    }

    int get(int i) {
        return coefficients[i];
    }

    /** Algorithm 7, SampleNTT: uniform, from a public seed and two indices. */
    static KemPolynomial uniform(byte[] seed, int first, int second) {
        KemPolynomial uniform = new KemPolynomial();
        try (Keccak xof = Keccak.shake128().absorb(seed).absorb((byte) first, (byte) second)) {
            for (int filled = 0; filled < LENGTH; ) {
                filled = uniform.fill(filled, xof.squeeze(XOF_BYTES));
            }
        }
        return uniform;
    }

    /** Each three bytes are two candidates of twelve bits, of which those below q are taken. */
    private int fill(int from, byte[] candidates) {
        int filled = from;
        for (int at = 0; at < candidates.length && filled < LENGTH; at += 3) {
            int low = (candidates[at] & 0xFF) | (candidates[at + 1] & 0x0F) << 8;
            int high = (candidates[at + 1] & 0xFF) >>> 4 | (candidates[at + 2] & 0xFF) << 4;
            if (low < Q) {
                coefficients[filled++] = low;
            }
            if (high < Q && filled < LENGTH) {
                coefficients[filled++] = high;
            }
        }
        return filled;
    }

    /** Algorithm 8, SamplePolyCBD with eta = 2, of PRF(seed, number): centred binomial noise. */
    static KemPolynomial noise(byte[] seed, int number) {
        KemPolynomial noise = new KemPolynomial();
        byte[] bits;
        try (Keccak prf = Keccak.shake256().absorb(seed).absorb((byte) number)) {
            bits = prf.squeeze(LENGTH / 2);
        }
        for (int i = 0; i < LENGTH; i++) {
            int four = bits[i / 2] >>> (4 * (i % 2));
            int positive = (four & 1) + (four >>> 1 & 1);
            int negative = (four >>> 2 & 1) + (four >>> 3 & 1);
            noise.coefficients[i] = nonNegative(positive - negative);
        }
        Arrays.fill(bits, (byte) 0);
        return noise;
    }

    /** Algorithm 9, in place. */
    KemPolynomial transform() {
        int[] f = coefficients;
        int i = 1;
        for (int length = LENGTH / 2; length >= 2; length /= 2) {
            for (int start = 0; start < LENGTH; start += 2 * length) {
                int zeta = ZETAS[i++];
                for (int j = start; j < start + length; j++) {
                    int turned = product(zeta, f[j + length]);
                    f[j + length] = difference(f[j], turned);
                    f[j] = sum(f[j], turned);
                }
            }
        }
        return this;
    }

    /** Algorithm 10, in place. */
    KemPolynomial transformBack() {
        int[] f = coefficients;
        int i = LENGTH / 2 - 1;
        for (int length = 2; length <= LENGTH / 2; length *= 2) {
            for (int start = 0; start < LENGTH; start += 2 * length) {
                int zeta = ZETAS[i--];
                for (int j = start; j < start + length; j++) {
                    int first = f[j];
                    f[j] = sum(first, f[j + length]);
                    f[j + length] = product(zeta, difference(f[j + length], first));
                }
            }
        }
        for (int j = 0; j < LENGTH; j++) {
            f[j] = product(f[j], INVERSE_128);
        }
        return this;
    }

    /** Adds the product of two transforms: algorithms 11 and 12. */
    void addProduct(KemPolynomial a, KemPolynomial b) {
        for (int i = 0; i < LENGTH / 2; i++) {
            int a0 = a.coefficients[2 * i];
            int a1 = a.coefficients[2 * i + 1];
            int b0 = b.coefficients[2 * i];
            int b1 = b.coefficients[2 * i + 1];
            int even = sum(product(a0, b0), product(product(a1, b1), GAMMAS[i]));
            int odd = sum(product(a0, b1), product(a1, b0));
            coefficients[2 * i] = sum(coefficients[2 * i], even);
            coefficients[2 * i + 1] = sum(coefficients[2 * i + 1], odd);
        }
    }

    void add(KemPolynomial other) {
        for (int i = 0; i < LENGTH; i++) {
            coefficients[i] = sum(coefficients[i], other.coefficients[i]);
        }
    }

    void subtract(KemPolynomial other) {
        for (int i = 0; i < LENGTH; i++) {
            coefficients[i] = difference(coefficients[i], other.coefficients[i]);
        }
    }

    /** Compress to {@code bits} bits, round(2^bits x / q) modulo 2^bits, and ByteEncode, algorithm 5; 12 bits are not compressed. */
    void encode(int bits, byte[] to, int offset) {
        long pending = 0;
        int held = 0;
        int at = offset;
        for (int coefficient : coefficients) {
            int value = bits == 12 ? coefficient : quotient((coefficient << bits) + Q / 2) & ((1 << bits) - 1);
            pending |= (long) value << held;
            for (held += bits; held >= Byte.SIZE; held -= Byte.SIZE) {
                to[at++] = (byte) pending;
                pending >>>= Byte.SIZE;
            }
        }
    }

    /** ByteDecode, algorithm 6, and Decompress, round(q y / 2^bits); 12 bits are reduced instead. */
    static KemPolynomial decode(int bits, byte[] from, int offset) {
        KemPolynomial decoded = new KemPolynomial();
        long pending = 0;
        int held = 0;
        int at = offset;
        for (int i = 0; i < LENGTH; i++) {
            for (; held < bits; held += Byte.SIZE) {
                pending |= (from[at++] & 0xFFL) << held;
            }
            int value = (int) pending & ((1 << bits) - 1);
            decoded.coefficients[i] = bits == 12 ? reduced(value) : (value * Q + (1 << (bits - 1))) >>> bits;
            pending >>>= bits;
            held -= bits;
        }
        return decoded;
    }

    void erase() {
        Arrays.fill(coefficients, 0);
    }
}
