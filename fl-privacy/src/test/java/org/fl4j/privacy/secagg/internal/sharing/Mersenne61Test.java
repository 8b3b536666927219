package org.fl4j.privacy.secagg.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The field against exact integers, with the values at which a fold or a carry could go wrong. */
class Mersenne61Test {

    private static final BigInteger P = BigInteger.TWO.pow(61).subtract(BigInteger.ONE);

    private static long[] values(long most) {
        long[] edges = {0, 1, 2, 3, Mersenne61.P - 1, Mersenne61.P, Mersenne61.P + 1, 2 * Mersenne61.P, 1L << 62, most};
        LongStream random = new Random(5).longs(40).map(value -> value & Long.MAX_VALUE);
        return LongStream.concat(LongStream.of(edges), random)
                .filter(value -> value <= most)
                .toArray();
    }

    private static long exact(BigInteger value) {
        return value.mod(P).longValueExact();
    }

    private static BigInteger big(long value) {
        return BigInteger.valueOf(value);
    }

    @Test
    void thePrime() {
        assertEquals(P.longValueExact(), Mersenne61.P);
        assertEquals(true, P.isProbablePrime(100));
    }

    @Test
    void reduces() {
        for (long value : values(Long.MAX_VALUE)) {
            assertEquals(exact(big(value)), Mersenne61.reduce(value), () -> "value " + value);
        }
    }

    @Test
    void multipliesAndAdds() {
        for (long a : values(Long.MAX_VALUE)) {
            for (long x : new long[] {1, 2, 335, 1L << 17, (1L << 31) - 1, 1L << 31}) {
                for (long c : values(Mersenne61.P - 1)) {
                    long sum = Mersenne61.multiplyAdd(a, x, c);
                    assertEquals(exact(big(a).multiply(big(x)).add(big(c))), Mersenne61.reduce(sum), () -> a + " " + x);
                }
            }
        }
    }

    @Test
    void multiplies() {
        for (long a : values(Mersenne61.P - 1)) {
            for (long b : values(1L << 62)) {
                assertEquals(exact(big(a).multiply(big(b))), Mersenne61.multiply(a, b), () -> a + " " + b);
            }
        }
    }

    @Test
    void addsProducts() {
        for (long sum : values(Mersenne61.P - 1)) {
            for (long a : values(Mersenne61.P - 1)) {
                for (long b : values(Mersenne61.P - 1)) {
                    long expected = exact(big(a).multiply(big(b)).add(big(sum)));
                    assertEquals(expected, Mersenne61.plusProduct(sum, a, b), () -> sum + " " + a + " " + b);
                }
            }
        }
    }

    @Test
    void inverts() {
        for (long a : values(Mersenne61.P - 1)) {
            if (a != 0) {
                assertEquals(1, Mersenne61.multiply(a, Mersenne61.inverse(a)), () -> "value " + a);
            }
        }
    }

    @Test
    void wordsAreLittleEndian() {
        byte[] bytes = new byte[16];

        Mersenne61.store(bytes, 1, 0x0102030405060708L);

        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1}, bytes);
        assertEquals(0x0102030405060708L, Mersenne61.load(bytes, 1));
    }
}
