package org.fl4j.privacy.secagg.internal.crypto;

import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.P;
import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.element;
import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.littleEndian;
import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.number;
import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against BigInteger, with limbs at both ends of what is allowed. */
class FieldElementTest {

    private static final long LARGEST_LOOSE = (1L << 53) - 1;
    private static final long LARGEST_TIGHT = (1L << 51) + (1L << 16) - 1;

    @Test
    void multipliesLooseNumbers() throws ReflectiveOperationException {
        List<long[]> numbers = extremes(LARGEST_LOOSE);
        for (long[] a : numbers) {
            for (long[] b : numbers) {
                FieldElement c = new FieldElement();
                c.setProduct(element(a), element(b));
                assertTight(value(a).multiply(value(b)), c);
            }
        }
    }

    @Test
    void squaresLooseNumbers() throws ReflectiveOperationException {
        for (long[] a : extremes(LARGEST_LOOSE)) {
            FieldElement c = new FieldElement();
            c.setSquare(element(a));
            assertTight(value(a).pow(2), c);
        }
    }

    @Test
    void multipliesByASmallFactorAndAdds() throws ReflectiveOperationException {
        List<long[]> tight = extremes(LARGEST_TIGHT);
        List<long[]> loose = extremes(LARGEST_LOOSE);
        for (int i = 0; i < loose.size(); i++) {
            for (long factor : new long[] {0, 1, 121665, 1 << 17}) {
                FieldElement c = new FieldElement();
                c.setMultiplePlus(factor, element(loose.get(i)), element(tight.get(i)));
                BigInteger product = value(loose.get(i)).multiply(BigInteger.valueOf(factor));
                assertTight(product.add(value(tight.get(i))), c);
            }
        }
    }

    @Test
    void addsAndSubtractsTightNumbers() throws ReflectiveOperationException {
        List<long[]> numbers = extremes(LARGEST_TIGHT);
        for (long[] a : numbers) {
            for (long[] b : numbers) {
                FieldElement c = new FieldElement();
                c.setSum(element(a), element(b));
                assertLoose(value(a).add(value(b)), c);
                c.setDifference(element(a), element(b));
                assertLoose(value(a).subtract(value(b)), c);
            }
        }
    }

    @Test
    void resultsMayOverwriteOperands() {
        long[] a = extremes(LARGEST_LOOSE).get(40);
        FieldElement c = element(a);
        c.setProduct(c, c);
        c.setSquare(c);
        c.setMultiplePlus(3, c, c);
        c.setSum(c, c);
        BigInteger expected = value(a).pow(4).multiply(BigInteger.valueOf(8)).mod(P);
        assertEquals(expected, number(c.encode()));
        FieldElement d = element(1, 2, 3, 4, 5);
        d.setDifference(d, d);
        assertEquals(BigInteger.ZERO, number(d.encode()));
    }

    @Test
    void encodesTheSmallestRemainder() {
        for (BigInteger multiple : List.of(BigInteger.ZERO, P)) {
            for (int i = -40; i <= 40; i++) {
                BigInteger n = multiple.add(BigInteger.valueOf(i));
                if (n.signum() < 0 || n.bitLength() > 255) {
                    continue;
                }
                FieldElement a = new FieldElement();
                a.decode(littleEndian(n));
                assertEquals(n.mod(P), number(a.encode()));
                assertEquals(n.mod(P).signum() == 0 ? -1 : 0, a.zeroMask());
                a.decode(littleEndian(n.setBit(255)));
                assertEquals(n.mod(P), number(a.encode()), "the top bit is ignored");
            }
        }
        for (long[] a : extremes(LARGEST_LOOSE)) {
            assertArrayEquals(littleEndian(value(a).mod(P)), element(a).encode());
        }
    }

    /** k p for small k, in limbs as they come from sums and differences. */
    @Test
    void recognisesEveryMultipleOfThePrimeAsZero() {
        long mask = (1L << 51) - 1;
        for (int k = 0; k <= 3; k++) {
            assertEquals(
                    -1,
                    element(k * (mask - 18), k * mask, k * mask, k * mask, k * mask)
                            .zeroMask());
            for (int i = 0; i < 5; i++) {
                long[] limbs = {k * (mask - 18), k * mask, k * mask, k * mask, k * mask};
                limbs[i]++;
                assertEquals(0, element(limbs).zeroMask());
            }
        }
    }

    @Test
    void swapsAndClearsByMask() throws ReflectiveOperationException {
        long[] one = {1, 2, 3, 4, 5};
        long[] other = {6, 7, 8, 9, LARGEST_LOOSE};
        FieldElement a = element(one);
        FieldElement b = element(other);
        FieldElement.swapIf(0, a, b);
        assertArrayEquals(one, ElementLimbs.of(a));
        assertArrayEquals(other, ElementLimbs.of(b));
        FieldElement.swapIf(-1, a, b);
        assertArrayEquals(other, ElementLimbs.of(a));
        assertArrayEquals(one, ElementLimbs.of(b));
        b.clearIf(0);
        b.addOneIf(0);
        assertArrayEquals(one, ElementLimbs.of(b));
        b.addOneIf(-1);
        assertArrayEquals(new long[] {2, 2, 3, 4, 5}, ElementLimbs.of(b));
        b.clearIf(-1);
        assertArrayEquals(new long[5], ElementLimbs.of(b));
        a.erase();
        assertArrayEquals(new long[5], ElementLimbs.of(a));
    }

    @Test
    void invertsManyAtOnce() {
        List<long[]> numbers = extremes(LARGEST_TIGHT);
        numbers.add(new long[] {(1L << 51) - 19, (1L << 51) - 1, (1L << 51) - 1, (1L << 51) - 1, (1L << 51) - 1});
        FieldElement[] elements = numbers.stream().map(ElementLimbs::element).toArray(FieldElement[]::new);
        FieldInversion.invertAll(elements);
        for (int i = 0; i < elements.length; i++) {
            BigInteger a = value(numbers.get(i)).mod(P);
            BigInteger expected = a.signum() == 0 ? BigInteger.ZERO : a.modInverse(P);
            assertEquals(expected, number(elements[i].encode()));
        }
        FieldInversion.invertAll(new FieldElement[0]);
    }

    /** Each limb 0 or the largest, in all combinations; then 68 times random ones. */
    private static List<long[]> extremes(long largest) {
        List<long[]> numbers = new ArrayList<>();
        for (int pattern = 0; pattern < 32; pattern++) {
            long[] limbs = new long[5];
            for (int i = 0; i < 5; i++) {
                limbs[i] = (pattern >> i & 1) * largest;
            }
            numbers.add(limbs);
        }
        Random random = new Random(25519);
        for (int n = 0; n < 68; n++) {
            numbers.add(random.longs(5, 0, largest + 1).toArray());
        }
        return numbers;
    }

    private static void assertTight(BigInteger expected, FieldElement actual) throws ReflectiveOperationException {
        assertEqualsWithin(LARGEST_TIGHT, expected, actual);
    }

    private static void assertLoose(BigInteger expected, FieldElement actual) throws ReflectiveOperationException {
        assertEqualsWithin(LARGEST_LOOSE, expected, actual);
    }

    private static void assertEqualsWithin(long largest, BigInteger expected, FieldElement actual)
            throws ReflectiveOperationException {
        long[] limbs = ElementLimbs.of(actual);
        for (long limb : limbs) {
            assertTrue(limb >= 0 && limb <= largest, () -> "limb " + limb);
        }
        assertEquals(expected.mod(P), value(limbs).mod(P));
    }
}
