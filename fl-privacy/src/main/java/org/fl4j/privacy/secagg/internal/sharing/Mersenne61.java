package org.fl4j.privacy.secagg.internal.sharing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The prime field of p = 2^61 - 1 elements. 2^61 = 1 in it, so a number is reduced by adding its bits above the 61st to
 * those below. An element is canonical if it is from 0 to p - 1. No step branches on a value.
 */
public final class Mersenne61 {

    static final int BITS = 61;

    static final long P = (1L << BITS) - 1;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Mersenne61() {}

    /** The canonical element of any value from 0 to 2^63 - 1. */
    static long reduce(long value) {
        // At most p + 3: the two bits on top are at most 3.
        long folded = (value & P) + (value >>> BITS);
        long less = folded - P;
        return less + (P & (less >> 63));
    }

    /**
     * a x + c, congruent but not reduced, for Horner's rule at a small point: with a &lt; 2^63, x &lt;= 2^31 and c &lt; 2^61
     * the product is below 2^94, its bits from the 61st on are below 2^33, and the result is below 2^61 + 2^33 + 2^61 &lt;
     * 2^63: it may be the next a.
     */
    static long multiplyAdd(long a, long x, long c) {
        return folded(a, x) + c;
    }

    /** a b, canonical, for a canonical a and b from 0 to 2^62: folded it is at most 2^62 + p. */
    static long multiply(long a, long b) {
        return reduce(folded(a, b));
    }

    /** sum + a b for canonical values, canonical: at most 3 p before it is reduced. */
    static long plusProduct(long sum, long a, long b) {
        return reduce(sum + folded(a, b));
    }

    /** Low 61 bits of the product plus the others: at most 2 p if both factors are canonical. */
    private static long folded(long a, long b) {
        long low = a * b;
        long high = Math.multiplyHigh(a, b);
        return (low & P) + ((high << 3) | (low >>> BITS));
    }

    /** 1 / a = a^(p-2) (Fermat), for canonical a other than 0. */
    static long inverse(long a) {
        long power = 1;
        long square = a;
        for (long exponent = P - 2; exponent != 0; exponent >>>= 1) {
            if ((exponent & 1) != 0) {
                power = multiply(power, square);
            }
            square = multiply(square, square);
        }
        return power;
    }

    /** The word at a position, counted in words. */
    static long load(byte[] bytes, int position) {
        return (long) WORDS.get(bytes, Long.BYTES * position);
    }

    static void store(byte[] bytes, int position, long value) {
        WORDS.set(bytes, Long.BYTES * position, value);
    }
}
