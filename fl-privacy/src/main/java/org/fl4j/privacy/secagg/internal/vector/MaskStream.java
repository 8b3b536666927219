package org.fl4j.privacy.secagg.internal.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * <p>Several keys share a pass over the vector, of which a chunk is in the first-level cache at a time.
 *
 * <p>Each call leaves the buffers zeroed. The JDK's key and cipher objects cannot be erased on JDK 17: their copies of the
 * keys stay in memory until they are collected.
 *
 * <p>Not thread-safe: one per thread, for any number of keys.
 *
 * <p>Source: NIST SP 800-38A, "Recommendation for Block Cipher Modes of Operation", 2001, section 6.5.
 */
final class MaskStream implements AutoCloseable {

    /** AES-256. */
    static final int KEY_BYTES = 32;

    /** A multiple of the block and of both words that the first-level cache holds three times: zeros, stream and vector. */
    static final int CHUNK_BYTES = 1 << 13;

    /** How many keys share a pass. */
    static final int BATCH = 64;

    private static final int CHUNK_INTS = CHUNK_BYTES / Integer.BYTES;
    private static final int CHUNK_LONGS = CHUNK_BYTES / Long.BYTES;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final String ALGORITHM = "AES/CTR/NoPadding";
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final IvParameterSpec FIRST_COUNTER = new IvParameterSpec(new byte[16]);

    private final List<Cipher> ciphers = new ArrayList<>();
    private final byte[] stream = new byte[CHUNK_BYTES];
    private final int[] ints = new int[CHUNK_INTS];
    private final long[] longs = new long[CHUNK_LONGS];
    private boolean closed;

    /** Adds each key's words to the vector, modulo 2^32. */
    void addTo(int[] vector, byte[]... keys) {
        inChunks(vector, vector.length, ints, Integer.BYTES, keys, n -> {
            for (int i = 0; i < n; i++) {
                ints[i] += (int) INTS.get(stream, i * Integer.BYTES);
            }
        });
    }

    /** Subtracts each key's words from the vector, modulo 2^32: undoes {@link #addTo(int[], byte[]...)}. */
    void subtractFrom(int[] vector, byte[]... keys) {
        inChunks(vector, vector.length, ints, Integer.BYTES, keys, n -> {
            for (int i = 0; i < n; i++) {
                ints[i] -= (int) INTS.get(stream, i * Integer.BYTES);
            }
        });
    }

    /** Adds each key's words to the vector, modulo 2^64. */
    void addTo(long[] vector, byte[]... keys) {
        inChunks(vector, vector.length, longs, Long.BYTES, keys, n -> {
            for (int i = 0; i < n; i++) {
                longs[i] += (long) LONGS.get(stream, i * Long.BYTES);
            }
        });
    }

    /** Subtracts each key's words from the vector, modulo 2^64: undoes {@link #addTo(long[], byte[]...)}. */
    void subtractFrom(long[] vector, byte[]... keys) {
        inChunks(vector, vector.length, longs, Long.BYTES, keys, n -> {
            for (int i = 0; i < n; i++) {
                longs[i] -= (long) LONGS.get(stream, i * Long.BYTES);
            }
        });
    }

    /** Applies the n words in the stream to the first n of a chunk. Indices from 0 let C2 make vector instructions of it. */
    @FunctionalInterface
    private interface Apply {

        void words(int n);
    }

    /** Vector and chunk are arrays of the same type. */
    private void inChunks(Object vector, int words, Object chunk, int wordBytes, byte[][] keys, Apply apply) {
        try {
            for (int first = 0; first < keys.length; first += BATCH) {
                int batch = Math.min(BATCH, keys.length - first);
                start(keys, first, batch);
                for (int from = 0; from < words; from += CHUNK_BYTES / wordBytes) {
                    int n = Math.min(words - from, CHUNK_BYTES / wordBytes);
                    System.arraycopy(vector, from, chunk, 0, n);
                    for (int key = 0; key < batch; key++) {
                        next(key, n * wordBytes);
                        apply.words(n);
                    }
                    System.arraycopy(chunk, 0, vector, from, n);
                }
            }
        } finally {
            erase();
        }
    }

    private void start(byte[][] keys, int first, int batch) {
        if (closed) {
            throw new IllegalStateException("this mask stream is closed");
        }
        try {
            for (int i = 0; i < batch; i++) {
                byte[] key = keys[first + i];
                if (key.length != KEY_BYTES) {
                    throw new IllegalArgumentException(
                            "a mask key must be " + KEY_BYTES + " bytes, but was " + key.length);
                }
                if (i == ciphers.size()) {
                    ciphers.add(Cipher.getInstance(ALGORITHM));
                }
                ciphers.get(i).init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), FIRST_COUNTER);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
        }
    }

    /** The next bytes of a key's stream, whole blocks except for the last. */
    private void next(int key, int bytes) {
        try {
            ciphers.get(key).update(ZEROS, 0, bytes, stream, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    private void erase() {
        Arrays.fill(stream, (byte) 0);
        Arrays.fill(ints, 0);
        Arrays.fill(longs, 0);
    }

    /** Any later use throws. */
    @Override
    public void close() {
        erase();
        ciphers.clear();
        closed = true;
    }
}
