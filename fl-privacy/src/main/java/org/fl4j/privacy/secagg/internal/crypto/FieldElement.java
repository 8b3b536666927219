package org.fl4j.privacy.secagg.internal.crypto;

import static java.lang.Math.multiplyHigh;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A number modulo p = 2^255 - 19 that can be overwritten: x0 + 2^51 x1 + 2^102 x2 + 2^153 x3 + 2^204 x4. No operation
 * branches on a value, indexes by one or divides.
 *
 * <p>SecretLimbs are never negative. They are <i>tight</i> below 2^51 + 2^16 and <i>loose</i> below 2^53. Operations take loose
 * numbers where they do not say tight, and give tight ones where they do not say loose. Results may overwrite operands.
 *
 * <ul>
 *   <li>A sum of tight numbers is below 2^52 + 2^17: loose.
 *   <li>A difference of tight numbers, a + 2p - b, is below 2^51 + 2^16 + 2^52: loose. It is not negative, because the limbs
 *       of 2p are at least 2^52 - 38.
 *   <li>Column k of a product is S_k, the sum of a_i b_j over i + j = k and of a_i (19 b_j) over i + j = k + 5, because
 *       2^255 = 19 modulo p: five terms. {@code multiplyHigh(a << 10, b)} is floor(a b / 2^54), for a 2^10 is below 2^63. Be
 *       H_k the sum of the five floors; then S_k - 2^54 H_k is the sum of the five remainders, from 0 to below 5 * 2^54. So
 *       it is right as {@code long} computes it, modulo 2^64, though S_k itself does not fit.
 *   <li>2^54 H_k is 8 H_k in column k + 1, and 19 * 8 H_4 in column 0. As 19 b is below 2^57.3, H_k is below 5 * 2^(53 + 57.3
 *       - 54) &lt; 2^58.7; H_4, without a factor 19, is below 5 * 2^52. So S_k - 2^54 H_k + 8 H_(k-1) is below 2^61.8, and in
 *       column 0, where 152 * 5 * 2^52 &lt; 2^61.6 comes in, too.
 *   <li>Carries, columns divided by 2^51, are below 2^10.8. Taken all at once they leave limbs below 2^51 + 19 * 2^10.8:
 *       tight.
 *   <li>A square has the same columns; equal terms are computed once and doubled with their floors and remainders.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class FieldElement {

    private static final long MASK = (1L << 51) - 1;
    private static final long TWO_P0 = 2 * (MASK - 18);
    private static final long TWO_P = 2 * MASK;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long x0;
    private long x1;
    private long x2;
    private long x3;
    private long x4;

    /** These limbs, loose. */
    void set(long limb0, long limb1, long limb2, long limb3, long limb4) {
        x0 = limb0;
        x1 = limb1;
        x2 = limb2;
        x3 = limb3;
        x4 = limb4;
    }

    /** The limbs of another. */
    void set(FieldElement a) {
        set(a.x0, a.x1, a.x2, a.x3, a.x4);
    }

    void setOne() {
        set(1, 0, 0, 0, 0);
    }

    void erase() {
        set(0, 0, 0, 0, 0);
    }

    /** Little-endian; the top bit is ignored (RFC 7748, section 5), and p to 2^255 - 1 stand for 0 to 18. */
    void decode(byte[] bytes) {
        long w0 = (long) WORDS.get(bytes, 0);
        long w1 = (long) WORDS.get(bytes, 8);
        long w2 = (long) WORDS.get(bytes, 16);
        long w3 = (long) WORDS.get(bytes, 24);
        x0 = w0 & MASK;
        x1 = ((w0 >>> 51) | (w1 << 13)) & MASK;
        x2 = ((w1 >>> 38) | (w2 << 26)) & MASK;
        x3 = ((w2 >>> 25) | (w3 << 39)) & MASK;
        x4 = (w3 >>> 12) & MASK;
    }

    /** The number from 0 to p - 1 that this is modulo p, little-endian. */
    byte[] encode() {
        FieldElement a = new FieldElement();
        a.setCanonical(this);
        byte[] bytes = new byte[32];
        WORDS.set(bytes, 0, a.x0 | (a.x1 << 51));
        WORDS.set(bytes, 8, (a.x1 >>> 13) | (a.x2 << 38));
        WORDS.set(bytes, 16, (a.x2 >>> 26) | (a.x3 << 25));
        WORDS.set(bytes, 24, (a.x3 >>> 39) | (a.x4 << 12));
        a.erase();
        return bytes;
    }

    /** All ones if this is 0 modulo p, else 0. */
    long zeroMask() {
        FieldElement a = new FieldElement();
        a.setCanonical(this);
        long bits = a.x0 | a.x1 | a.x2 | a.x3 | a.x4;
        a.erase();
        return (bits - 1) >> 63;
    }

    /** After the first carries it is below 2^255 + 2^207, so below 2p; q, bit 255 of it plus 19, says whether it reaches p. */
    private void setCanonical(FieldElement a) {
        carry(a.x0, a.x1, a.x2, a.x3, a.x4);
        long q = (x0 + 19) >>> 51;
        q = (x1 + q) >>> 51;
        q = (x2 + q) >>> 51;
        q = (x3 + q) >>> 51;
        q = (x4 + q) >>> 51;
        x0 += 19 * q;
        x1 += x0 >>> 51;
        x2 += x1 >>> 51;
        x3 += x2 >>> 51;
        x4 += x3 >>> 51;
        set(x0 & MASK, x1 & MASK, x2 & MASK, x3 & MASK, x4 & MASK);
    }

    /** Adds 1 to a tight number if mask is all ones, nothing if it is 0; loose. */
    void addOneIf(long mask) {
        x0 += mask & 1;
    }

    /** 0 if mask is all ones, as it was if mask is 0. */
    void clearIf(long mask) {
        set(x0 & ~mask, x1 & ~mask, x2 & ~mask, x3 & ~mask, x4 & ~mask);
    }

    /** Exchanges a and b if mask is all ones, does nothing if it is 0. */
    static void swapIf(long mask, FieldElement a, FieldElement b) {
        long d0 = mask & (a.x0 ^ b.x0);
        long d1 = mask & (a.x1 ^ b.x1);
        long d2 = mask & (a.x2 ^ b.x2);
        long d3 = mask & (a.x3 ^ b.x3);
        long d4 = mask & (a.x4 ^ b.x4);
        a.set(a.x0 ^ d0, a.x1 ^ d1, a.x2 ^ d2, a.x3 ^ d3, a.x4 ^ d4);
        b.set(b.x0 ^ d0, b.x1 ^ d1, b.x2 ^ d2, b.x3 ^ d3, b.x4 ^ d4);
    }

    /** a + b, of tight numbers; loose. */
    void setSum(FieldElement a, FieldElement b) {
        set(a.x0 + b.x0, a.x1 + b.x1, a.x2 + b.x2, a.x3 + b.x3, a.x4 + b.x4);
    }

    /** a - b, of tight numbers; loose. */
    void setDifference(FieldElement a, FieldElement b) {
        set(a.x0 + TWO_P0 - b.x0, a.x1 + TWO_P - b.x1, a.x2 + TWO_P - b.x2, a.x3 + TWO_P - b.x3, a.x4 + TWO_P - b.x4);
    }

    /** a b. */
    void setProduct(FieldElement a, FieldElement b) {
        long a0 = a.x0;
        long a1 = a.x1;
        long a2 = a.x2;
        long a3 = a.x3;
        long a4 = a.x4;
        long b0 = b.x0;
        long b1 = b.x1;
        long b2 = b.x2;
        long b3 = b.x3;
        long b4 = b.x4;
        long w1 = 19 * b1;
        long w2 = 19 * b2;
        long w3 = 19 * b3;
        long w4 = 19 * b4;
        long h0 = high(a0, b0) + high(a1, w4) + high(a2, w3) + high(a3, w2) + high(a4, w1);
        long h1 = high(a0, b1) + high(a1, b0) + high(a2, w4) + high(a3, w3) + high(a4, w2);
        long h2 = high(a0, b2) + high(a1, b1) + high(a2, b0) + high(a3, w4) + high(a4, w3);
        long h3 = high(a0, b3) + high(a1, b2) + high(a2, b1) + high(a3, b0) + high(a4, w4);
        long h4 = high(a0, b4) + high(a1, b3) + high(a2, b2) + high(a3, b1) + high(a4, b0);
        long s0 = a0 * b0 + a1 * w4 + a2 * w3 + a3 * w2 + a4 * w1 - (h0 << 54);
        long s1 = a0 * b1 + a1 * b0 + a2 * w4 + a3 * w3 + a4 * w2 - (h1 << 54);
        long s2 = a0 * b2 + a1 * b1 + a2 * b0 + a3 * w4 + a4 * w3 - (h2 << 54);
        long s3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + a4 * w4 - (h3 << 54);
        long s4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - (h4 << 54);
        carry(s0 + 152 * h4, s1 + 8 * h0, s2 + 8 * h1, s3 + 8 * h2, s4 + 8 * h3);
    }

    /** a^2. */
    void setSquare(FieldElement a) {
        long a0 = a.x0;
        long a1 = a.x1;
        long a2 = a.x2;
        long a3 = a.x3;
        long a4 = a.x4;
        long w3 = 19 * a3;
        long w4 = 19 * a4;
        long h0 = high(a0, a0) + 2 * (high(a1, w4) + high(a2, w3));
        long h1 = high(a3, w3) + 2 * (high(a0, a1) + high(a2, w4));
        long h2 = high(a1, a1) + 2 * (high(a0, a2) + high(a3, w4));
        long h3 = high(a4, w4) + 2 * (high(a0, a3) + high(a1, a2));
        long h4 = high(a2, a2) + 2 * (high(a0, a4) + high(a1, a3));
        long s0 = a0 * a0 + 2 * (a1 * w4 + a2 * w3) - (h0 << 54);
        long s1 = a3 * w3 + 2 * (a0 * a1 + a2 * w4) - (h1 << 54);
        long s2 = a1 * a1 + 2 * (a0 * a2 + a3 * w4) - (h2 << 54);
        long s3 = a4 * w4 + 2 * (a0 * a3 + a1 * a2) - (h3 << 54);
        long s4 = a2 * a2 + 2 * (a0 * a4 + a1 * a3) - (h4 << 54);
        carry(s0 + 152 * h4, s1 + 8 * h0, s2 + 8 * h1, s3 + 8 * h2, s4 + 8 * h3);
    }

    /** factor a + b, for a factor from 0 to 2^17; b is tight. */
    void setMultiplePlus(long factor, FieldElement a, FieldElement b) {
        long h0 = high(a.x0, factor);
        long h1 = high(a.x1, factor);
        long h2 = high(a.x2, factor);
        long h3 = high(a.x3, factor);
        long h4 = high(a.x4, factor);
        carry(
                a.x0 * factor - (h0 << 54) + 152 * h4 + b.x0,
                a.x1 * factor - (h1 << 54) + 8 * h0 + b.x1,
                a.x2 * factor - (h2 << 54) + 8 * h1 + b.x2,
                a.x3 * factor - (h3 << 54) + 8 * h2 + b.x3,
                a.x4 * factor - (h4 << 54) + 8 * h3 + b.x4);
    }

    /** floor(a b / 2^54), for a below 2^53. */
    private static long high(long a, long b) {
        return multiplyHigh(a << 10, b);
    }

    private void carry(long c0, long c1, long c2, long c3, long c4) {
        x0 = (c0 & MASK) + 19 * (c4 >>> 51);
        x1 = (c1 & MASK) + (c0 >>> 51);
        x2 = (c2 & MASK) + (c1 >>> 51);
        x3 = (c3 & MASK) + (c2 >>> 51);
        x4 = (c4 & MASK) + (c3 >>> 51);
    }
}
