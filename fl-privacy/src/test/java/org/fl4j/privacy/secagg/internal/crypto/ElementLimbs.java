package org.fl4j.privacy.secagg.internal.crypto;

import java.lang.reflect.Field;
import java.math.BigInteger;

/** What tests see of a field element. */
final class ElementLimbs {

    /** The modulus. */
    static final BigInteger P = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

    private ElementLimbs() {}

    static FieldElement element(long... limbs) {
        FieldElement element = new FieldElement();
        element.set(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4]);
        return element;
    }

    static long[] of(FieldElement element) throws ReflectiveOperationException {
        long[] limbs = new long[5];
        for (int i = 0; i < 5; i++) {
            Field field = FieldElement.class.getDeclaredField("x" + i);
            field.setAccessible(true);
            limbs[i] = field.getLong(element);
        }
        return limbs;
    }

    /** What limbs stand for, not reduced. */
    static BigInteger value(long... limbs) {
        BigInteger value = BigInteger.ZERO;
        for (int i = 4; i >= 0; i--) {
            value = value.shiftLeft(51).add(BigInteger.valueOf(limbs[i]));
        }
        return value;
    }

    /** A number below 2^256 in 32 bytes, little-endian. */
    static byte[] littleEndian(BigInteger number) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < 32; i++) {
            bytes[i] = number.shiftRight(8 * i).byteValue();
        }
        return bytes;
    }

    static BigInteger number(byte[] littleEndian) {
        BigInteger number = BigInteger.ZERO;
        for (int i = littleEndian.length - 1; i >= 0; i--) {
            number = number.shiftLeft(8).or(BigInteger.valueOf(littleEndian[i] & 0xff));
        }
        return number;
    }
}
