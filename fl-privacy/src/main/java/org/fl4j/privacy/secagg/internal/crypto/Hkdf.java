package org.fl4j.privacy.secagg.internal.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * HKDF with HMAC-SHA256: makes keys for several purposes, told apart by their info, from one secret.
 *
 * <pre>  extract(salt, ikm)   = HMAC(salt, ikm)
 *  expand(prk, info, L) = the first L bytes of T(1) | T(2) | ...,   T(i) = HMAC(prk, T(i-1) | info | i),   T(0) empty</pre>
 *
 * <p>Callers must erase the keys that they pass and receive. What the JDK's key and MAC objects hold cannot be erased on JDK
 * 17 and stays until it is collected.
 *
 * <p>Not thread-safe: one a thread.
 *
 * <p>Source: Krawczyk, Eronen, "HMAC-based Extract-and-Expand Key Derivation Function (HKDF)", RFC 5869, 2010, section 2.
 */
public final class Hkdf {

    /** The output of HMAC-SHA256. */
    static final int HASH_BYTES = 32;

    /** The counter of T(i) is one byte. */
    static final int LONGEST = 255 * HASH_BYTES;

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] NO_SALT = new byte[HASH_BYTES];

    private final Mac mac;

    public Hkdf() {
        try {
            mac = Mac.getInstance(ALGORITHM);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
        }
    }

    /** A pseudo-random key of {@value #HASH_BYTES} bytes; an empty salt counts as one of zeros. */
    public byte[] extract(byte[] salt, byte[] inputKey) {
        // SecretKeySpec rejects an empty key; HMAC pads a short one with zeros, so this is the same one.
        rekey(salt.length == 0 ? NO_SALT : salt);
        return mac.doFinal(inputKey);
    }

    /** Key material of the wanted length, from 0 to {@value #LONGEST} bytes, for the purpose that info names. */
    public byte[] expand(byte[] pseudoRandomKey, byte[] info, int length) {
        if (length < 0 || length > LONGEST) {
            throw new IllegalArgumentException(
                    "the length of HKDF-SHA256 output must be from 0 to " + LONGEST + " bytes, but was " + length);
        }
        if (pseudoRandomKey.length < HASH_BYTES) {
            throw new IllegalArgumentException(
                    "a pseudo-random key must be at least " + HASH_BYTES + " bytes, but was " + pseudoRandomKey.length);
        }
        rekey(pseudoRandomKey);
        byte[] block = new byte[HASH_BYTES];
        byte[] material = new byte[length];
        try {
            for (int from = 0, i = 1; from < length; from += HASH_BYTES, i++) {
                mac.update(block, 0, i == 1 ? 0 : HASH_BYTES);
                mac.update(info);
                mac.update((byte) i);
                mac.doFinal(block, 0);
                System.arraycopy(block, 0, material, from, Math.min(HASH_BYTES, length - from));
            }
            return material;
        } catch (ShortBufferException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        } finally {
            Arrays.fill(block, (byte) 0);
        }
    }

    private void rekey(byte[] key) {
        try {
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }
}
