package org.fl4j.privacy.secagg;

/**
 * The u-coordinate of a point of Curve25519 or of its twist as a fraction x / z; z = 0 is the point at infinity.
 *
 * <p>The Montgomery ladder does the same operations on the same memory for every scalar and every point.
 *
 * <p>Source: RFC 7748, section 5, after Montgomery, "Speeding the Pollard and Elliptic Curve Methods of Factorization",
 * Mathematics of Computation 48, 1987, section 10.3.
 */
final class LadderPoint {

    /** (A - 2) / 4 for the curve's A = 486662. */
    private static final long A24 = 121665;

    /** The top bit of every clamped scalar. */
    private static final int TOP_BIT = 254;

    private final FieldElement x = new FieldElement();
    private final FieldElement z = new FieldElement();

    private LadderPoint() {}

    /** Scalar times the point u; the scalar is clamped. */
    static LadderPoint multiple(byte[] clamped, byte[] u) {
        LadderStep step = new LadderStep(u);
        long swapped = 0;
        for (int i = TOP_BIT; i >= 0; i--) {
            long bit = (clamped[i >> 3] >> (i & 7)) & 1;
            step.swap(-(swapped ^ bit));
            step.run();
            swapped = bit;
        }
        step.swap(-swapped);
        LadderPoint result = new LadderPoint();
        result.x.set(step.x2);
        result.z.set(step.z2);
        step.erase();
        return result;
    }

    static boolean isSmallOrder(byte[] u) {
        LadderStep step = new LadderStep(u);
        step.x2.decode(u);
        step.z2.set(1, 0, 0, 0, 0);
        step.run();
        step.run();
        step.run();
        return step.z2.zeroMask() != 0;
    }

    /** Makes z the inverse of z, and both 0 at infinity: one inversion for all points. */
    static void normalize(LadderPoint[] points) {
        FieldElement[] before = new FieldElement[points.length];
        FieldElement all = new FieldElement();
        all.set(1, 0, 0, 0, 0);
        for (int i = 0; i < points.length; i++) {
            points[i].replaceInfinity();
            before[i] = new FieldElement();
            before[i].set(all);
            all.product(all, points[i].z);
        }
        all.inverse(all);
        for (int i = points.length - 1; i >= 0; i--) {
            before[i].product(before[i], all);
            all.product(all, points[i].z);
            points[i].z.set(before[i]);
            before[i].erase();
        }
        all.erase();
    }

    /** 0 / 1 for the point at infinity, which RFC 7748 encodes as 0. */
    private void replaceInfinity() {
        long infinite = z.zeroMask();
        FieldElement one = new FieldElement();
        one.set(1, 0, 0, 0, 0);
        FieldElement.swap(infinite, z, one);
        FieldElement.swap(infinite, x, new FieldElement());
        one.erase();
    }

    byte[] affine() {
        x.product(x, z);
        byte[] bytes = x.encode();
        x.erase();
        z.erase();
        return bytes;
    }

    /** Two points whose difference is u, and what doubles one and adds the other. */
    private static final class LadderStep {

        private final FieldElement u = new FieldElement();
        private final FieldElement x2 = new FieldElement();
        private final FieldElement z2 = new FieldElement();
        private final FieldElement x3 = new FieldElement();
        private final FieldElement z3 = new FieldElement();
        private final FieldElement a = new FieldElement();
        private final FieldElement b = new FieldElement();
        private final FieldElement c = new FieldElement();
        private final FieldElement d = new FieldElement();

        LadderStep(byte[] bytes) {
            u.decode(bytes);
            x2.set(1, 0, 0, 0, 0);
            x3.set(u);
            z3.set(1, 0, 0, 0, 0);
        }

        void swap(long mask) {
            FieldElement.swap(mask, x2, x3);
            FieldElement.swap(mask, z2, z3);
        }

        /** The names of RFC 7748: A, B, C, D; then AA in A, BB in B, E in D. */
        void run() {
            a.sum(x2, z2);
            b.difference(x2, z2);
            c.sum(x3, z3);
            d.difference(x3, z3);
            d.product(d, a);
            c.product(c, b);
            x3.sum(d, c);
            x3.square(x3);
            z3.difference(d, c);
            z3.square(z3);
            z3.product(z3, u);
            a.square(a);
            b.square(b);
            x2.product(a, b);
            d.difference(a, b);
            c.productPlus(A24, d, a);
            z2.product(d, c);
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
}
