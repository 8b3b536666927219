package org.fl4j.privacy.secagg.internal.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Masks: adds to a vector, or subtracts, the pseudo-random words that a key determines, modulo 2^32 or 2^64. They are the
 * key stream of AES-256 in counter mode, read as little-endian words; the first counter block is zero.
 *
 * <p>Security guarantee: without the key the masked vector is indistinguishable from uniform words, provided that no key
 * masks two vectors. The counter always starts at zero, so a key that is used twice is a two-time pad: the difference of
 * the two masked vectors is the difference of the vectors. Of 2^22 blocks, 64 MiB, AES being a random permutation, the
 * advantage is at most 2^(44 - 129) = 2^-85.
 *
 * <p>Each call leaves the buffer zeroed. The JDK's key and cipher objects cannot be erased on JDK 17: their copies of the
 * key stay in memory until they are collected.
 *
 * <p>Not thread-safe: one per thread, for any number of keys.
 *
 * <p>Source: NIST SP 800-38A, "Recommendation for Block Cipher Modes of Operation", 2001, section 6.5.
 */
final class MaskStream implements AutoCloseable {

    /** AES-256. */
    static final int KEY_BYTES = 32;

    /** A multiple of the block and of both words that the first-level cache holds twice, as zeros and as stream. */
    static final int CHUNK_BYTES = 1 << 13;

    private static final int CHUNK_INTS = CHUNK_BYTES / Integer.BYTES;
    private static final int CHUNK_LONGS = CHUNK_BYTES / Long.BYTES;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final String ALGORITHM = "AES/CTR/NoPadding";
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final IvParameterSpec FIRST_COUNTER = new IvParameterSpec(new byte[16]);

    private final Cipher cipher;
    private final byte[] stream = new byte[CHUNK_BYTES];
    private boolean closed;

    MaskStream() {
        try {
            cipher = Cipher.getInstance(ALGORITHM);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
        }
    }

    /** Adds the key's words to the vector, modulo 2^32. */
    void addTo(int[] vector, byte[] key) {
        read(key, vector.length, CHUNK_INTS, (from, n) -> {
            for (int i = 0; i < n; i++) {
                vector[from + i] += (int) INTS.get(stream, i * Integer.BYTES);
            }
        });
    }

    /** Subtracts the key's words from the vector, modulo 2^32: undoes {@link #addTo(int[], byte[])}. */
    void subtractFrom(int[] vector, byte[] key) {
        read(key, vector.length, CHUNK_INTS, (from, n) -> {
            for (int i = 0; i < n; i++) {
                vector[from + i] -= (int) INTS.get(stream, i * Integer.BYTES);
            }
        });
    }

    /** Adds the key's words to the vector, modulo 2^64. */
    void addTo(long[] vector, byte[] key) {
        read(key, vector.length, CHUNK_LONGS, (from, n) -> {
            for (int i = 0; i < n; i++) {
                vector[from + i] += (long) LONGS.get(stream, i * Long.BYTES);
            }
        });
    }

    /** Subtracts the key's words from the vector, modulo 2^64: undoes {@link #addTo(long[], byte[])}. */
    void subtractFrom(long[] vector, byte[] key) {
        read(key, vector.length, CHUNK_LONGS, (from, n) -> {
            for (int i = 0; i < n; i++) {
                vector[from + i] -= (long) LONGS.get(stream, i * Long.BYTES);
            }
        });
    }

    /** Uses the n words in the stream for those of the vector from an index on. */
    @FunctionalInterface
    private interface Chunk {

        void use(int from, int n);
    }

    private void read(byte[] key, int words, int wordsOfChunk, Chunk chunk) {
        try {
            start(key);
            for (int from = 0; from < words; from += wordsOfChunk) {
                int n = Math.min(wordsOfChunk, words - from);
                next(n * (CHUNK_BYTES / wordsOfChunk));
                chunk.use(from, n);
            }
        } finally {
            erase();
        }
    }

    private void start(byte[] key) {
        if (closed) {
            throw new IllegalStateException("this mask stream is closed");
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a mask key must be " + KEY_BYTES + " bytes, but was " + key.length);
        }
        try {
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), FIRST_COUNTER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    /** The next bytes of the key stream, whole blocks except for the last. */
    private void next(int bytes) {
        try {
            cipher.update(ZEROS, 0, bytes, stream, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    private void erase() {
        Arrays.fill(stream, (byte) 0);
    }

    /** Any later use throws. */
    @Override
    public void close() {
        erase();
        closed = true;
    }
}
