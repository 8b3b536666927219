package org.fl4j.privacy.secagg.internal.crypto;

/**
 * One run of the Montgomery ladder: the u-coordinates, as fractions x / z, of two points of Curve25519 or of its twist
 * whose difference is the point u. The point at infinity has z = 0.
 *
 * <p>Every scalar and every point take the same operations on the same memory.
 *
 * <p>Not thread-safe.
 *
 * <p>Source: RFC 7748, section 5, after Montgomery, "Speeding the Pollard and Elliptic Curve Methods of Factorization",
 * Mathematics of Computation 48, 1987, section 10.3.1.
 */
final class MontgomeryLadder {

    /** (A - 2) / 4 for the curve's A = 486662. */
    private static final long A24 = 121665;

    /** The top bit of every clamped scalar; bit 255 is never read. */
    private static final int TOP_BIT = 254;

    private final FieldElement u = new FieldElement();
    private final FieldElement x2 = new FieldElement();
    private final FieldElement z2 = new FieldElement();
    private final FieldElement x3 = new FieldElement();
    private final FieldElement z3 = new FieldElement();
    private final FieldElement a = new FieldElement();
    private final FieldElement b = new FieldElement();
    private final FieldElement c = new FieldElement();
    private final FieldElement d = new FieldElement();

    /** The x and z of a clamped scalar times the point u. */
    void multiply(byte[] clamped, byte[] point, FieldElement x, FieldElement z) {
        u.decode(point);
        x2.setOne();
        z2.erase();
        x3.set(u);
        z3.setOne();
        long swapped = 0;
        for (int i = TOP_BIT; i >= 0; i--) {
            long bit = (clamped[i >> 3] >> (i & 7)) & 1;
            swapIf(-(swapped ^ bit));
            step();
            swapped = bit;
        }
        // Bit 0 of a clamped scalar is 0: the points are in their places.
        x.set(x2);
        z.set(z2);
    }

    /** Whether eight times the point u is the point at infinity. */
    boolean isSmallOrder(byte[] point) {
        u.decode(point);
        x2.set(u);
        z2.setOne();
        for (int i = 0; i < 3; i++) {
            a.setSum(x2, z2);
            b.setDifference(x2, z2);
            doubled();
        }
        return z2.zeroMask() != 0;
    }

    private void swapIf(long mask) {
        FieldElement.swapIf(mask, x2, x3);
        FieldElement.swapIf(mask, z2, z3);
    }

    /** Doubles point 2 and adds it to point 3. The letters are those of RFC 7748. */
    private void step() {
        a.setSum(x2, z2);
        b.setDifference(x2, z2);
        c.setSum(x3, z3);
        d.setDifference(x3, z3);
        d.setProduct(d, a);
        c.setProduct(c, b);
        x3.setSum(d, c);
        x3.setSquare(x3);
        z3.setDifference(d, c);
        z3.setSquare(z3);
        z3.setProduct(z3, u);
        doubled();
    }

    /** Doubles point 2, of which A and B are given: a becomes AA, b BB, d E. */
    private void doubled() {
        a.setSquare(a);
        b.setSquare(b);
        x2.setProduct(a, b);
        d.setDifference(a, b);
        c.setMultiplePlus(A24, d, a);
        z2.setProduct(d, c);
    }

    void erase() {
        u.erase();
        x2.erase();
        z2.erase();
        x3.erase();
        z3.erase();
        a.erase();
        b.erase();
        c.erase();
        d.erase();
    }
}
