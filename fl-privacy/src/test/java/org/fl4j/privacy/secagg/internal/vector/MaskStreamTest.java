package org.fl4j.privacy.secagg.internal.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskStreamTest {

    private static final int CHUNK_INTS = MaskStream.CHUNK_BYTES / Integer.BYTES;
    private static final int CHUNK_LONGS = MaskStream.CHUNK_BYTES / Long.BYTES;

    private final MaskStream masks = new MaskStream();
    private final Random random = new Random(38);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, CHUNK_INTS - 1, CHUNK_INTS, CHUNK_INTS + 1, 100_000})
    void addsTheKeyStreamToInts(int n) throws GeneralSecurityException {
        byte[] key = key();
        int[] vector = random.ints(n).toArray();
        int[] expected = vector.clone();
        ByteBuffer stream = keyStream(key, n * Integer.BYTES);
        for (int i = 0; i < n; i++) {
            expected[i] += stream.getInt();
        }
        int[] masked = vector.clone();
        masks.addTo(masked, key);
        assertArrayEquals(expected, masked);
        masks.subtractFrom(masked, key);
        assertArrayEquals(vector, masked);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, CHUNK_LONGS - 1, CHUNK_LONGS, CHUNK_LONGS + 1, 100_000})
    void addsTheKeyStreamToLongs(int n) throws GeneralSecurityException {
        byte[] key = key();
        long[] vector = random.longs(n).toArray();
        long[] expected = vector.clone();
        ByteBuffer stream = keyStream(key, n * Long.BYTES);
        for (int i = 0; i < n; i++) {
            expected[i] += stream.getLong();
        }
        long[] masked = vector.clone();
        masks.addTo(masked, key);
        assertArrayEquals(expected, masked);
        masks.subtractFrom(masked, key);
        assertArrayEquals(vector, masked);
    }

    /** Each call starts its stream anew, however the last one ended. */
    @Test
    void callsAreIndependent() {
        byte[] key = key();
        int[] once = new int[CHUNK_INTS + 3];
        int[] again = once.clone();
        masks.addTo(once, key);
        masks.addTo(new long[7], key());
        masks.addTo(again, key);
        assertArrayEquals(once, again);
    }

    /** As many as share a pass, one more, and more than two passes of them. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, MaskStream.BATCH, MaskStream.BATCH + 1, 2 * MaskStream.BATCH + 2})
    void severalKeysAreEachInItsTurn(int count) {
        byte[][] keys = Stream.generate(this::key).limit(count).toArray(byte[][]::new);
        int[] ints = random.ints(CHUNK_INTS + 3).toArray();
        long[] longs = random.longs(CHUNK_LONGS + 3).toArray();
        int[] expectedInts = ints.clone();
        long[] expectedLongs = longs.clone();
        int[] maskedInts = ints.clone();
        long[] maskedLongs = longs.clone();
        for (byte[] key : keys) {
            masks.addTo(expectedInts, key);
            masks.addTo(expectedLongs, key);
        }

        masks.addTo(maskedInts, keys);
        masks.addTo(maskedLongs, keys);

        assertArrayEquals(expectedInts, maskedInts);
        assertArrayEquals(expectedLongs, maskedLongs);
        masks.subtractFrom(maskedInts, keys);
        masks.subtractFrom(maskedLongs, keys);
        assertArrayEquals(ints, maskedInts);
        assertArrayEquals(longs, maskedLongs);
    }

    @Test
    void doesNotChangeTheKey() {
        byte[] key = key();
        byte[] copy = key.clone();
        masks.addTo(new int[9], key);
        masks.subtractFrom(new int[9], key);
        masks.addTo(new long[9], key);
        masks.subtractFrom(new long[9], key);
        assertArrayEquals(copy, key);
    }

    @Test
    void erasesItsBuffers() throws ReflectiveOperationException {
        masks.addTo(random.ints(CHUNK_INTS).toArray(), key());
        assertErased();
        masks.subtractFrom(new int[CHUNK_INTS], key());
        assertErased();
        masks.addTo(random.longs(CHUNK_LONGS).toArray(), key());
        assertErased();
        masks.subtractFrom(new long[CHUNK_LONGS], key());
        assertErased();
    }

    @Test
    void throwsAfterClose() {
        masks.close();
        assertEquals(
                "this mask stream is closed",
                assertThrows(IllegalStateException.class, () -> masks.addTo(new int[1], key()))
                        .getMessage());
    }

    /** AES-128 would take 16 bytes without a word. */
    @ParameterizedTest
    @ValueSource(ints = {0, 16, 24, 31, 33})
    void rejectsOtherKeyLengths(int length) {
        assertEquals(
                "a mask key must be 32 bytes, but was " + length,
                assertThrows(IllegalArgumentException.class, () -> masks.addTo(new int[1], new byte[length]))
                        .getMessage());
    }

    private void assertErased() throws ReflectiveOperationException {
        assertArrayEquals(new byte[MaskStream.CHUNK_BYTES], (byte[]) buffer("stream"));
        assertArrayEquals(new int[CHUNK_INTS], (int[]) buffer("ints"));
        assertArrayEquals(new long[CHUNK_LONGS], (long[]) buffer("longs"));
    }

    private Object buffer(String name) throws ReflectiveOperationException {
        Field buffer = MaskStream.class.getDeclaredField(name);
        buffer.setAccessible(true);
        return buffer.get(masks);
    }

    private byte[] key() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return key;
    }

    /** The oracle: single blocks of AES, of the counters 0, 1, 2, ... as big-endian numbers of 128 bits. */
    private static ByteBuffer keyStream(byte[] key, int bytes) throws GeneralSecurityException {
        ByteBuffer counters = ByteBuffer.allocate((bytes + 15) / 16 * 16);
        for (long i = 0; counters.hasRemaining(); i++) {
            counters.putLong(0).putLong(i);
        }
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return ByteBuffer.wrap(cipher.doFinal(counters.array())).order(ByteOrder.LITTLE_ENDIAN);
    }
}
