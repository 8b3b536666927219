package org.fl4j.privacy.secagg.internal.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Cipher;

/**
 * Authentication tags under SINGLE-USE KEYS: GMAC, which is AES-256-GCM of an empty plaintext with the message as
 * associated data; the 12-byte IV is always zero.
 *
 * <p><b>A key tags one message, ever.</b> Two tags under one key give away the authentication key, and with it every tag.
 * So the key must be derived for one message: of one round, one direction, one purpose.
 *
 * <p>Security guarantee, for such keys: a message that verifies is the one that was tagged, except with probability at most
 * (l + 1) / 2^128 a try for l blocks of 16 bytes.
 *
 * <p>What the JDK's key and cipher objects hold cannot be erased on JDK 17 and stays until it is collected.
 *
 * <p>Thread-safe.
 *
 * <p>Source: NIST SP 800-38D, "Galois/Counter Mode (GCM) and GMAC", 2007, section 3 and 7.
 */
public final class MessageTag {

    /** The length of a tag. */
    static final int BYTES = SealedBox.OVERHEAD;

    private MessageTag() {}

    /** The tag of the first {@code length} bytes. The key must never have been used, and is used up. */
    public static byte[] of(byte[] key, byte[] message, int length) {
        if (length < 0 || length > message.length) {
            throw new IllegalArgumentException("the length to tag must be from 0 to the message's " + message.length
                    + " bytes, but was " + length);
        }
        Cipher cipher = SealedBox.cipher(Cipher.ENCRYPT_MODE, key);
        try {
            cipher.updateAAD(message, 0, length);
            return cipher.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("GMAC failed", e);
        }
    }

    /** Whether this is the tag of the first {@code length} bytes, in a time that does not depend on where it differs. */
    public static boolean verify(byte[] key, byte[] message, int length, byte[] tag) {
        return MessageDigest.isEqual(of(key, message, length), tag);
    }
}
