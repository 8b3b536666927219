package org.fl4j.privacy.secagg;

import static java.lang.Math.multiplyHigh;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A number modulo p = 2^255 - 19 that can be overwritten: x0 + 2^51 x1 + 2^102 x2 + 2^153 x3 + 2^204 x4, in limbs of at
 * least 51 bits. No operation branches on a value, indexes by one or divides.
 *
 * <p>Limbs are never negative. They are <i>tight</i> if below 2^51 + 2^15, and <i>loose</i> if at most
 * {@link #LARGEST_LIMB}, which is 2^52.75. Every operation takes loose numbers where it does not say tight; products are
 * tight.
 *
 * <ul>
 *   <li>A sum of two tight numbers is below 2^52 + 2^16: loose.
 *   <li>A difference of tight numbers, a + 2p - b, is below 3 * 2^51 + 2^15: loose. No limb is negative, because those of 2p
 *       are at least 2^52 - 38.
 *   <li>Column k of a product is S = the sum of a_i b_j over i + j = k and of a_i (19 b_j) over i + j = k + 5, because 2^255
 *       = 19 modulo p: five terms. {@code multiplyHigh(a << 7, b << 6)} is floor(a b / 2^51): both operands stay below 2^63,
 *       for a is below 2^56 and 19 b at most 2^57 - 19. Be H the sum of the five floors. Then S - 2^51 H is the sum of the
 *       five remainders, so from 0 to below 5 * 2^51; which is why it is right modulo 2^64, as {@code long} computes it,
 *       although S is not.
 *   <li>H is below 5 * 2^(52.75 + 57 - 51) &lt; 2^61.1, and H_4, which has no factor 19, below 5 * 2^(2 * 52.75 - 51) &lt;
 *       2^56.9. So every column with what the one below hands up, S_k - 2^51 H_k + H_(k-1), is below 2^61.2, and so is column
 *       0, to which column 4 hands 19 H_4.
 *   <li>The carries of these, column / 2^51, are below 2^10.2. All are taken at once and leave limbs below 2^51 + 19 *
 *       2^10.2 &lt; 2^51 + 2^15: tight.
 *   <li>In a square, 2 a_i is below 2^54 and takes the place of an a: the bounds on the operands hold, and those on the
 *       columns, whose terms are the same.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class FieldElement {

    /** The largest loose limb: 19 times it is below 2^57. */
    static final long LARGEST_LIMB = (1L << 57) / 19 - 1;

    private static final long MASK = (1L << 51) - 1;
    private static final long TWO_P0 = 2 * (MASK - 18);
    private static final long TWO_P = 2 * MASK;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long x0;
    private long x1;
    private long x2;
    private long x3;
    private long x4;

    /** The five limbs, loose. */
    void set(long limb0, long limb1, long limb2, long limb3, long limb4) {
        x0 = limb0;
        x1 = limb1;
        x2 = limb2;
        x3 = limb3;
        x4 = limb4;
    }

    void set(FieldElement a) {
        set(a.x0, a.x1, a.x2, a.x3, a.x4);
    }

    /** Little-endian; the top bit is ignored (RFC 7748, section 5), and p to 2^255 - 1 count as 0 to 18. */
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

    /** The 32 bytes of the number from 0 to p - 1, little-endian. */
    byte[] encode() {
        FieldElement a = new FieldElement();
        a.canonical(this);
        byte[] bytes = new byte[32];
        WORDS.set(bytes, 0, a.x0 | (a.x1 << 51));
        WORDS.set(bytes, 8, (a.x1 >>> 13) | (a.x2 << 38));
        WORDS.set(bytes, 16, (a.x2 >>> 26) | (a.x3 << 25));
        WORDS.set(bytes, 24, (a.x3 >>> 39) | (a.x4 << 12));
        a.erase();
        return bytes;
    }

    private void canonical(FieldElement a) {
        carry(a.x0, a.x1, a.x2, a.x3, a.x4);
        // Below 2^255 + 2^220 now, so below 2p: with 19 more, bit 255 says whether p must be taken away, and is taken
        // with it.
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

    /** All ones if this is zero modulo p, else 0. */
    long zeroMask() {
        FieldElement a = new FieldElement();
        a.canonical(this);
        long bits = a.x0 | a.x1 | a.x2 | a.x3 | a.x4;
        a.erase();
        return (bits - 1) >> 63;
    }

    /** a + b, of tight numbers. */
    void sum(FieldElement a, FieldElement b) {
        set(a.x0 + b.x0, a.x1 + b.x1, a.x2 + b.x2, a.x3 + b.x3, a.x4 + b.x4);
    }

    /** a - b, of tight numbers. */
    void difference(FieldElement a, FieldElement b) {
        x0 = a.x0 + TWO_P0 - b.x0;
        x1 = a.x1 + TWO_P - b.x1;
        x2 = a.x2 + TWO_P - b.x2;
        x3 = a.x3 + TWO_P - b.x3;
        x4 = a.x4 + TWO_P - b.x4;
    }

    /** a b. */
    void product(FieldElement a, FieldElement b) {
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
        long s0 = a0 * b0 + a1 * w4 + a2 * w3 + a3 * w2 + a4 * w1;
        long s1 = a0 * b1 + a1 * b0 + a2 * w4 + a3 * w3 + a4 * w2;
        long s2 = a0 * b2 + a1 * b1 + a2 * b0 + a3 * w4 + a4 * w3;
        long s3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + a4 * w4;
        long s4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
        carry(
                s0 - (h0 << 51) + 19 * h4,
                s1 - (h1 << 51) + h0,
                s2 - (h2 << 51) + h1,
                s3 - (h3 << 51) + h2,
                s4 - (h4 << 51) + h3);
    }

    /** a^2. */
    void square(FieldElement a) {
        long a0 = a.x0;
        long a1 = a.x1;
        long a2 = a.x2;
        long a3 = a.x3;
        long a4 = a.x4;
        long d0 = 2 * a0;
        long d1 = 2 * a1;
        long d2 = 2 * a2;
        long d3 = 2 * a3;
        long w3 = 19 * a3;
        long w4 = 19 * a4;
        long h0 = high(a0, a0) + high(d1, w4) + high(d2, w3);
        long h1 = high(d0, a1) + high(d2, w4) + high(a3, w3);
        long h2 = high(d0, a2) + high(a1, a1) + high(d3, w4);
        long h3 = high(d0, a3) + high(d1, a2) + high(a4, w4);
        long h4 = high(d0, a4) + high(d1, a3) + high(a2, a2);
        long s0 = a0 * a0 + d1 * w4 + d2 * w3;
        long s1 = d0 * a1 + d2 * w4 + a3 * w3;
        long s2 = d0 * a2 + a1 * a1 + d3 * w4;
        long s3 = d0 * a3 + d1 * a2 + a4 * w4;
        long s4 = d0 * a4 + d1 * a3 + a2 * a2;
        carry(
                s0 - (h0 << 51) + 19 * h4,
                s1 - (h1 << 51) + h0,
                s2 - (h2 << 51) + h1,
                s3 - (h3 << 51) + h2,
                s4 - (h4 << 51) + h3);
    }

    /** a^(2^n). */
    void square(FieldElement a, int n) {
        square(a);
        for (int i = 1; i < n; i++) {
            square(this);
        }
    }

    /** factor a + b, b tight, for a factor below 2^17. */
    void productPlus(long factor, FieldElement a, FieldElement b) {
        long h0 = high(a.x0, factor);
        long h1 = high(a.x1, factor);
        long h2 = high(a.x2, factor);
        long h3 = high(a.x3, factor);
        long h4 = high(a.x4, factor);
        carry(
                a.x0 * factor - (h0 << 51) + 19 * h4 + b.x0,
                a.x1 * factor - (h1 << 51) + h0 + b.x1,
                a.x2 * factor - (h2 << 51) + h1 + b.x2,
                a.x3 * factor - (h3 << 51) + h2 + b.x3,
                a.x4 * factor - (h4 << 51) + h3 + b.x4);
    }

    /** floor(a b / 2^51), for a below 2^56 and b below 2^57. */
    private static long high(long a, long b) {
        return multiplyHigh(a << 7, b << 6);
    }

    private void carry(long c0, long c1, long c2, long c3, long c4) {
        x0 = (c0 & MASK) + 19 * (c4 >>> 51);
        x1 = (c1 & MASK) + (c0 >>> 51);
        x2 = (c2 & MASK) + (c1 >>> 51);
        x3 = (c3 & MASK) + (c2 >>> 51);
        x4 = (c4 & MASK) + (c3 >>> 51);
    }

    /** 1 / a, or 0 for 0: a^(p - 2), p - 2 = 2^255 - 21. */
    void inverse(FieldElement a) {
        FieldElement e1 = new FieldElement();
        FieldElement t = new FieldElement();
        FieldElement u = new FieldElement();
        e1.set(a);
        t.square(a);
        u.square(t, 2);
        u.product(u, e1); // a^9
        e1.product(t, u); // a^11 = a^(2^5 - 21)
        t.square(e1);
        t.product(t, u); // a^(2^5 - 1)
        FieldElement five = t;
        FieldElement ten = runs(five, five, 5);
        FieldElement forty = runs(runs(ten, ten, 10), runs(ten, ten, 10), 20);
        FieldElement fifty = runs(forty, ten, 10);
        FieldElement hundred = runs(fifty, fifty, 50);
        FieldElement all = runs(runs(hundred, hundred, 100), fifty, 50);
        all.square(all, 5);
        product(all, e1);
    }

    /** a^(2^n) b: if a and b are powers with exponents of ones in binary, n of them in b's, so is the result. */
    private static FieldElement runs(FieldElement a, FieldElement b, int n) {
        FieldElement c = new FieldElement();
        c.square(a, n);
        c.product(c, b);
        return c;
    }

    /** Exchanges a and b if mask is all ones, neither if it is 0. */
    static void swap(long mask, FieldElement a, FieldElement b) {
        long d0 = mask & (a.x0 ^ b.x0);
        long d1 = mask & (a.x1 ^ b.x1);
        long d2 = mask & (a.x2 ^ b.x2);
        long d3 = mask & (a.x3 ^ b.x3);
        long d4 = mask & (a.x4 ^ b.x4);
        a.set(a.x0 ^ d0, a.x1 ^ d1, a.x2 ^ d2, a.x3 ^ d3, a.x4 ^ d4);
        b.set(b.x0 ^ d0, b.x1 ^ d1, b.x2 ^ d2, b.x3 ^ d3, b.x4 ^ d4);
    }

    void erase() {
        set(0, 0, 0, 0, 0);
    }
}
