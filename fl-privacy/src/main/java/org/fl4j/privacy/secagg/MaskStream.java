package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Masks: adds to a vector, or takes away, the pseudo-random words that a key determines, modulo 2^32 or 2^64. They are the
 * key stream of AES-256 in counter mode, read as little-endian words; the first counter block is zero.
 *
 * <p>Security guarantee: who does not know the key cannot tell the masked vector from uniform words, as long as no key
 * masks two vectors. The counter always starts at zero, so a key that is used twice is a two-time pad: the difference of
 * the two masked vectors is the difference of the vectors. Of 2^22 blocks, 64 MiB, AES being a random permutation, the
 * advantage is at most 2^(44 - 129) = 2^-85.
 *
 * <p>Each call leaves the buffers zeroed. What the JDK's key and cipher objects hold cannot be erased on JDK 17 and stays
 * until it is collected.
 *
 * <p>Not thread-safe: one a thread, for any number of keys.
 *
 * <p>Source: NIST SP 800-38A, "Recommendation for Block Cipher Modes of Operation", 2001, section 6.5.
 */
final class MaskStream implements AutoCloseable {

    /** AES-256. */
    static final int KEY_BYTES = 32;

    /** A multiple of the block and of both words; fits the first-level cache together with its words and the vector's. */
    static final int CHUNK_BYTES = 1 << 13;

    private static final String ALGORITHM = "AES/CTR/NoPadding";
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final IvParameterSpec FIRST_COUNTER = new IvParameterSpec(new byte[16]);

    private final Cipher cipher;
    private final byte[] stream = new byte[CHUNK_BYTES];
    private final IntBuffer streamInts =
            ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    private final LongBuffer streamLongs =
            ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    private final int[] ints = new int[CHUNK_BYTES / Integer.BYTES];
    private final long[] longs = new long[CHUNK_BYTES / Long.BYTES];
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
        try {
            start(key);
            for (int from = 0; from < vector.length; from += ints.length) {
                int n = nextInts(vector.length - from);
                for (int i = 0; i < n; i++) {
                    vector[from + i] += ints[i];
                }
            }
        } finally {
            erase();
        }
    }

    /** Takes the key's words away from the vector, modulo 2^32: undoes {@link #addTo(int[], byte[])}. */
    void subtractFrom(int[] vector, byte[] key) {
        try {
            start(key);
            for (int from = 0; from < vector.length; from += ints.length) {
                int n = nextInts(vector.length - from);
                for (int i = 0; i < n; i++) {
                    vector[from + i] -= ints[i];
                }
            }
        } finally {
            erase();
        }
    }

    /** Adds the key's words to the vector, modulo 2^64. */
    void addTo(long[] vector, byte[] key) {
        try {
            start(key);
            for (int from = 0; from < vector.length; from += longs.length) {
                int n = nextLongs(vector.length - from);
                for (int i = 0; i < n; i++) {
                    vector[from + i] += longs[i];
                }
            }
        } finally {
            erase();
        }
    }

    /** Takes the key's words away from the vector, modulo 2^64: undoes {@link #addTo(long[], byte[])}. */
    void subtractFrom(long[] vector, byte[] key) {
        try {
            start(key);
            for (int from = 0; from < vector.length; from += longs.length) {
                int n = nextLongs(vector.length - from);
                for (int i = 0; i < n; i++) {
                    vector[from + i] -= longs[i];
                }
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
            throw new IllegalArgumentException(
                    "a mask key has " + KEY_BYTES + " bytes. Provided value: " + key.length + " bytes");
        }
        try {
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), FIRST_COUNTER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    /** Up to a chunk of words; how many. */
    private int nextInts(int left) {
        int n = Math.min(left, ints.length);
        next(n * Integer.BYTES);
        streamInts.get(0, ints, 0, n);
        return n;
    }

    private int nextLongs(int left) {
        int n = Math.min(left, longs.length);
        next(n * Long.BYTES);
        streamLongs.get(0, longs, 0, n);
        return n;
    }

    private void next(int bytes) {
        try {
            cipher.update(ZEROS, 0, bytes, stream, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " failed", e);
        }
    }

    private void erase() {
        Arrays.fill(stream, (byte) 0);
        Arrays.fill(ints, 0);
        Arrays.fill(longs, 0);
    }

    /** The next use is refused. */
    @Override
    public void close() {
        erase();
        closed = true;
    }
}
