package org.fl4j.privacy.secagg.internal.crypto;

/**
 * Inverses modulo p = 2^255 - 19, many for one exponentiation.
 *
 * <p>Source: Montgomery, "Speeding the Pollard and Elliptic Curve Methods of Factorization", Mathematics of Computation 48,
 * 1987, section 10.3.1; the exponentiation is Fermat's a^(p-2).
 */
final class FieldInversion {

    private FieldInversion() {}

    /** Replaces each tight number by its inverse, and 0 by 0. A 0 takes part as 1, so that it does not spoil the others. */
    static void invertAll(FieldElement[] numbers) {
        long[] zero = new long[numbers.length];
        FieldElement[] before = new FieldElement[numbers.length];
        FieldElement all = new FieldElement();
        all.setOne();
        for (int i = 0; i < numbers.length; i++) {
            zero[i] = numbers[i].zeroMask();
            numbers[i].addOneIf(zero[i]);
            before[i] = new FieldElement();
            before[i].set(all);
            all.setProduct(all, numbers[i]);
        }
        invert(all);
        for (int i = numbers.length - 1; i >= 0; i--) {
            before[i].setProduct(before[i], all);
            all.setProduct(all, numbers[i]);
            numbers[i].set(before[i]);
            numbers[i].clearIf(zero[i]);
            before[i].erase();
        }
        all.erase();
    }

    /** a^(2^255 - 21). On the right: the exponents. */
    private static void invert(FieldElement a) {
        FieldElement eleventh = new FieldElement();
        FieldElement t = new FieldElement();
        FieldElement u = new FieldElement();
        FieldElement v = new FieldElement();
        t.setSquare(a);
        u.set(t);
        shiftAndAdd(u, u, 2, a); // 9
        eleventh.setProduct(t, u); // 11
        shiftAndAdd(t, eleventh, 1, u); // 2^5 - 1
        shiftAndAdd(u, t, 5, t); // 2^10 - 1
        shiftAndAdd(t, u, 10, u); // 2^20 - 1
        shiftAndAdd(v, t, 20, t); // 2^40 - 1
        shiftAndAdd(t, v, 10, u); // 2^50 - 1
        shiftAndAdd(u, t, 50, t); // 2^100 - 1
        shiftAndAdd(v, u, 100, u); // 2^200 - 1
        shiftAndAdd(u, v, 50, t); // 2^250 - 1
        shiftAndAdd(a, u, 5, eleventh); // 2^255 - 32 + 11
        eleventh.erase();
        t.erase();
        u.erase();
        v.erase();
    }

    /** a^(2^n) b; the result may overwrite a, not b. */
    private static void shiftAndAdd(FieldElement result, FieldElement a, int n, FieldElement b) {
        result.set(a);
        for (int i = 0; i < n; i++) {
            result.setSquare(result);
        }
        result.setProduct(result, b);
    }
}
