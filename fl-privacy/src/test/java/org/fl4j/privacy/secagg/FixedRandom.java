package org.fl4j.privacy.secagg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Gives the words it is told, little-endian, and remembers which arrays it wrote to. */
public final class FixedRandom extends SecureRandom {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final transient Deque<Long> words = new ArrayDeque<>();
    private final transient List<byte[]> written = new ArrayList<>();

    public static FixedRandom of(long... words) {
        FixedRandom random = new FixedRandom();
        Arrays.stream(words).forEach(random.words::add);
        return random;
    }

    /** The same bits for the same seed. */
    public static SecureRandom seeded(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void nextBytes(byte[] bytes) {
        written.add(bytes);
        for (int word = 0; word < bytes.length / Long.BYTES; word++) {
            LONGS.set(bytes, word * Long.BYTES, (long) words.remove());
        }
    }

    public int wordsLeft() {
        return words.size();
    }

    public List<byte[]> written() {
        return written;
    }
}
