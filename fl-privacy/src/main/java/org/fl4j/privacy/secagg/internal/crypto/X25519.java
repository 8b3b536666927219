package org.fl4j.privacy.secagg.internal.crypto;

import java.util.Arrays;
import java.util.Optional;

/**
 * The function X25519: a scalar times a point of the Montgomery curve v^2 = u^3 + 486662 u^2 + u modulo 2^255 - 19, or of
 * its twist, by u-coordinates of 32 bytes, little-endian.
 *
 * <p>Security guarantee: without either scalar the secret that two clients agree on cannot be computed, if the computational
 * Diffie-Hellman problem is hard on the curve and the public key is not of small order. No branch and no address depends on
 * a scalar or a point, so time tells nothing about them on processors that multiply in constant time, as servers do. Our
 * copies of scalars and points are erased.
 *
 * <ul>
 *   <li>Scalars are clamped: bits 0 to 2 and 255 count as 0, bit 254 as 1.
 *   <li>The top bit of a public key is ignored, and 2^255 - 19 to 2^255 - 1 stand for 0 to 18.
 *   <li>A public key of small order gives 32 zero bytes whatever the scalar.
 *   <li>Both are for known answers; of a peer ask {@link #fault} before.
 * </ul>
 *
 * <p>Thread-safe. Callers must erase their scalars and shared secrets.
 *
 * <p>Source: Langley, Hamburg, Turner, "Elliptic Curves for Security", RFC 7748, 2016, section 5; Bernstein, "Curve25519:
 * New Diffie-Hellman Speed Records", PKC 2006.
 */
public final class X25519 {

    /** The length of a scalar, a public key and an agreed secret. */
    static final int BYTES = 32;

    /** How many points share a field inversion. */
    static final int BATCH = 64;

    private static final byte[] BASE_POINT = new byte[BYTES];

    static {
        BASE_POINT[0] = 9;
    }

    private X25519() {}

    /** The scalar times the base point u = 9. */
    public static byte[] publicKey(byte[] scalar) {
        return agree(scalar, BASE_POINT);
    }

    /** The scalar times the point of a public key. */
    static byte[] agree(byte[] scalar, byte[] publicKey) {
        return agreeAll(scalar, new byte[][] {publicKey})[0];
    }

    /** The scalar times each of the points, in their order. */
    public static byte[][] agreeAll(byte[] scalar, byte[][] publicKeys) {
        requireLength("scalar", scalar);
        for (byte[] publicKey : publicKeys) {
            requireLength("public key", publicKey);
        }
        byte[] clamped = scalar.clone();
        byte[][] agreed = new byte[publicKeys.length][];
        MontgomeryLadder ladder = new MontgomeryLadder();
        try {
            clamped[0] &= (byte) 0xf8;
            clamped[BYTES - 1] |= 0x40;
            for (int from = 0; from < agreed.length; from += BATCH) {
                int to = Math.min(from + BATCH, agreed.length);
                byte[][] batch = multiplyAll(ladder, clamped, Arrays.copyOfRange(publicKeys, from, to));
                System.arraycopy(batch, 0, agreed, from, batch.length);
            }
            return agreed;
        } finally {
            Arrays.fill(clamped, (byte) 0);
            ladder.erase();
        }
    }

    private static byte[][] multiplyAll(MontgomeryLadder ladder, byte[] clamped, byte[][] points) {
        FieldElement[] x = new FieldElement[points.length];
        FieldElement[] z = new FieldElement[points.length];
        for (int i = 0; i < points.length; i++) {
            x[i] = new FieldElement();
            z[i] = new FieldElement();
            ladder.multiply(clamped, points[i], x[i], z[i]);
        }
        FieldInversion.invertAll(z);
        byte[][] products = new byte[points.length][];
        for (int i = 0; i < points.length; i++) {
            x[i].setProduct(x[i], z[i]);
            products[i] = x[i].encode();
            x[i].erase();
            z[i].erase();
        }
        return products;
    }

    /** Whether the order of this point of the curve or its twist divides 8, so that every clamped scalar maps it to 0. */
    static boolean isSmallOrder(byte[] publicKey) {
        requireLength("public key", publicKey);
        return new MontgomeryLadder().isSmallOrder(publicKey);
    }

    /** Why a peer's public key is not acceptable, though {@link #agree} would accept it. */
    public static Optional<String> fault(byte[] publicKey) {
        if (isSmallOrder(publicKey)) {
            return Optional.of("of small order");
        }
        FieldElement u = new FieldElement();
        u.decode(publicKey);
        return Arrays.equals(u.encode(), publicKey)
                ? Optional.empty()
                : Optional.of("not canonical: another encoding stands for the same point");
    }

    private static void requireLength(String what, byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException(
                    "a " + what + " of X25519 must be " + BYTES + " bytes, but was " + bytes.length);
        }
    }
}
