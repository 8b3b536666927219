package org.fl4j.privacy.secagg;

import java.util.Arrays;

/** Placeholder Javadoc. */
final class X25519 {

    /** The length of a scalar, a public key and an agreed secret. */
    static final int BYTES = 32;

    /** How many points share a field inversion. */
    static final int BATCH = 64;

    private static final byte[] BASE_POINT = new byte[BYTES];

    static {
        BASE_POINT[0] = 9;
    }

    private X25519() {}

    static byte[] publicKey(byte[] scalar) {
        return agree(scalar, BASE_POINT);
    }

    static byte[] agree(byte[] scalar, byte[] publicKey) {
        return agreeAll(scalar, new byte[][] {publicKey})[0];
    }

    static byte[][] agreeAll(byte[] scalar, byte[][] publicKeys) {
        requireLength("scalar", scalar);
        for (byte[] key : publicKeys) {
            requireLength("public key", key);
        }
        byte[] clamped = scalar.clone();
        clamped[0] &= (byte) 248;
        clamped[31] = (byte) ((clamped[31] & 127) | 64);
        byte[][] agreed = new byte[publicKeys.length][];
        try {
            for (int from = 0; from < agreed.length; from += BATCH) {
                agreeBatch(clamped, publicKeys, agreed, from, Math.min(from + BATCH, agreed.length));
            }
        } finally {
            Arrays.fill(clamped, (byte) 0);
        }
        return agreed;
    }

    private static void agreeBatch(byte[] clamped, byte[][] publicKeys, byte[][] agreed, int from, int to) {
        LadderPoint[] points = new LadderPoint[to - from];
        for (int i = from; i < to; i++) {
            points[i - from] = LadderPoint.multiple(clamped, publicKeys[i]);
        }
        LadderPoint.normalize(points);
        for (int i = from; i < to; i++) {
            agreed[i] = points[i - from].affine();
        }
    }

    static boolean isSmallOrder(byte[] publicKey) {
        requireLength("public key", publicKey);
        return LadderPoint.isSmallOrder(publicKey);
    }

    private static void requireLength(String what, byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException(
                    "a " + what + " of X25519 has " + BYTES + " bytes. Provided value: " + bytes.length + " bytes");
        }
    }
}
