package org.fl4j.privacy.dp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Unpredictable 64-bit words: the key stream of AES-256 in counter mode, read as little-endian words.
 *
 * <p>Key and first counter block come from {@link SecureRandom}; after every {@value #RESEED_BYTES} bytes both are drawn
 * anew. Within a key an adversary tells the 2^22 blocks from uniform ones, AES being a random permutation, with
 * advantage at most 2^(44 - 129) = 2^-85: blocks of one key never repeat.
 *
 * <p>Our copies of the key are filled with zeros as soon as the cipher has its own, the buffered words by {@link #close}.
 * What the JDK's key and cipher objects hold cannot be erased on JDK 17 and stays until it is collected.
 *
 * <p>{@link #keyed} words are those of a key that the caller keeps secret. Not thread-safe: one a draw.
 *
 * <p>Source: NIST SP 800-38A, "Recommendation for Block Cipher Modes of Operation", 2001, section 6.5.
 */
final class AesCtrBits implements AutoCloseable {

    /** Key, then first counter block. */
    static final int SEED_BYTES = 48;

    /** Of a key. */
    static final int KEY_BYTES = 32;

    /** Output of one key: 64 MiB. */
    static final int RESEED_BYTES = 1 << 26;

    private static final int BUFFER_BYTES = 1 << 14;
    private static final byte[] ZEROS = new byte[BUFFER_BYTES];
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final Supplier<byte[]> seeds;
    private final Cipher cipher;
    private int position = BUFFER_BYTES;
    private int leftOfKey;
    private boolean closed;

    private AesCtrBits(Supplier<byte[]> seeds) {
        this.seeds = seeds;
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks AES/CTR/NoPadding", e);
        }
    }

    static AesCtrBits fresh() {
        SecureRandom random = new SecureRandom();
        return new AesCtrBits(() -> {
            byte[] seed = new byte[SEED_BYTES];
            random.nextBytes(seed);
            return seed;
        });
    }

    /**
     * The words of a secret key that belong to one stretch of coordinates, the same whenever they are asked for. Each stretch
     * has 2^96 blocks of the cipher, so no two share any.
     *
     * @param key {@value #KEY_BYTES} bytes, used for nothing else; copied
     */
    static AesCtrBits keyed(byte[] key, int stretch) {
        int[] count = {0};
        return new AesCtrBits(() -> ByteBuffer.allocate(SEED_BYTES)
                .put(key, 0, KEY_BYTES)
                .putInt(stretch)
                .putInt(count[0]++)
                .putLong(0)
                .array());
    }

    /** For tests: every seed is {@value #SEED_BYTES} bytes, is used once and erased. */
    static AesCtrBits insecure(Supplier<byte[]> seeds) {
        return new AesCtrBits(seeds);
    }

    /** For tests: the same words for the same seed. */
    static AesCtrBits insecure(long seed) {
        long[] number = {0};
        return new AesCtrBits(() -> {
            byte[] input =
                    ByteBuffer.allocate(16).putLong(seed).putLong(number[0]++).array();
            try {
                return Arrays.copyOf(MessageDigest.getInstance("SHA-512").digest(input), SEED_BYTES);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JDK lacks SHA-512", e);
            }
        });
    }

    /** The next 64 bits. */
    long next() {
        if (position == BUFFER_BYTES) {
            refill();
        }
        long word = (long) WORDS.get(buffer, position);
        position += Long.BYTES;
        return word;
    }

    private void refill() {
        if (closed) {
            throw new IllegalStateException("these bits are closed");
        }
        try {
            if (leftOfKey == 0) {
                reseed();
            }
            cipher.update(ZEROS, 0, BUFFER_BYTES, buffer, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/CTR/NoPadding failed", e);
        }
        leftOfKey -= BUFFER_BYTES;
        position = 0;
    }

    private void reseed() throws GeneralSecurityException {
        byte[] seed = seeds.get();
        try {
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(seed, 0, KEY_BYTES, "AES"),
                    new IvParameterSpec(seed, KEY_BYTES, SEED_BYTES - KEY_BYTES));
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
        leftOfKey = RESEED_BYTES;
    }

    /** Erases the buffered words; any later use throws. */
    @Override
    public void close() {
        Arrays.fill(buffer, (byte) 0);
        position = BUFFER_BYTES;
        closed = true;
    }
}
