package org.fl4j.privacy.secagg.internal.crypto;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Authenticated encryption under SINGLE-USE KEYS: AES-256-GCM whose 12-byte IV is always zero.
 *
 * <p><b>A key seals one message, ever.</b> Two messages sealed under one key have the same key stream, which reveals
 * their difference, and their tags give away the authentication key. So the key must be derived for one message: of one
 * round, one direction, one purpose.
 *
 * <p>Security guarantee, for such keys: a box tells an adversary nothing about its plaintext but the length, and what
 * {@link #open} returns is what was sealed under that key with those associated data, except with probability at most
 * (l + 1) / 2^128 a try for l blocks of 16 bytes.
 *
 * <p>What the JDK's key and cipher objects hold cannot be erased on JDK 17 and stays until it is collected.
 *
 * <p>Thread-safe.
 *
 * <p>Source: NIST SP 800-38D, "Galois/Counter Mode (GCM) and GMAC", 2007, section 7.
 */
public final class SealedBox {

    /** AES-256. */
    static final int KEY_BYTES = 32;

    /** What a sealed message has more than its plaintext: the tag. */
    public static final int OVERHEAD = 16;

    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final GCMParameterSpec ZERO_IV = new GCMParameterSpec(8 * OVERHEAD, new byte[12]);

    private SealedBox() {}

    /** Ciphertext, then tag. The key must never have been used, and is used up. */
    public static byte[] seal(byte[] key, byte[] plaintext, byte[] associated) {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key);
        try {
            cipher.updateAAD(associated);
            return cipher.doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    /** The plaintext; empty if this was not sealed under the key with these associated data. */
    public static Optional<byte[]> open(byte[] key, byte[] sealed, byte[] associated) {
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, key);
        if (sealed.length < OVERHEAD) {
            return Optional.empty();
        }
        try {
            cipher.updateAAD(associated);
            return Optional.of(cipher.doFinal(sealed));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    /** GCM with the zero IV. */
    static Cipher cipher(int mode, byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a single-use key must be " + KEY_BYTES + " bytes, but was " + key.length);
        }
        try {
            Cipher cipher = Cipher.getInstance(ALGORITHM);
            cipher.init(mode, new SecretKeySpec(key, "AES"), ZERO_IV);
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
        }
    }
}
