package org.fl4j.privacy.secagg.internal.crypto;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-GCM under a zero IV of 96 bits, bit by bit after NIST SP 800-38D from the AES block alone: the tests' oracle. */
final class GcmByTheBook {

    private static final BigInteger R = BigInteger.valueOf(0xe1).shiftLeft(120);

    private GcmByTheBook() {}

    /** Ciphertext, then tag (algorithm 4). */
    static byte[] seal(byte[] key, byte[] plaintext, byte[] associated) throws GeneralSecurityException {
        byte[] ciphertext = plaintext.clone();
        for (int i = 0; i < ciphertext.length; i++) {
            ciphertext[i] ^= aes(key, 2 + i / 16)[i % 16];
        }
        BigInteger h = new BigInteger(1, aes(key, 0));
        BigInteger y = hash(h, BigInteger.ZERO, associated);
        y = hash(h, y, ciphertext);
        byte[] lengths = ByteBuffer.allocate(16)
                .putLong(8L * associated.length)
                .putLong(8L * ciphertext.length)
                .array();
        BigInteger tag = hash(h, y, lengths).xor(new BigInteger(1, aes(key, 1)));
        return ByteBuffer.allocate(ciphertext.length + 16)
                .put(ciphertext)
                .putLong(tag.shiftRight(64).longValue())
                .putLong(tag.longValue())
                .array();
    }

    private static byte[] aes(byte[] key, int counter) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(ByteBuffer.allocate(16).putInt(12, counter).array());
    }

    /** GHASH (algorithm 2), the last block padded with zeros. */
    private static BigInteger hash(BigInteger h, BigInteger start, byte[] bytes) {
        BigInteger y = start;
        for (int from = 0; from < bytes.length; from += 16) {
            byte[] block = Arrays.copyOf(Arrays.copyOfRange(bytes, from, Math.min(from + 16, bytes.length)), 16);
            y = times(y.xor(new BigInteger(1, block)), h);
        }
        return y;
    }

    /** The product in GF(2^128) (algorithm 1); bit 0 of the standard is the highest one of the number. */
    private static BigInteger times(BigInteger x, BigInteger y) {
        BigInteger z = BigInteger.ZERO;
        BigInteger v = y;
        for (int i = 127; i >= 0; i--) {
            if (x.testBit(i)) {
                z = z.xor(v);
            }
            v = v.testBit(0) ? v.shiftRight(1).xor(R) : v.shiftRight(1);
        }
        return z;
    }
}
