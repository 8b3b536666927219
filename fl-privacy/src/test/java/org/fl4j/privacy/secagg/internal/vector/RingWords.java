package org.fl4j.privacy.secagg.internal.vector;

import java.util.Arrays;

/** The words of ring vectors, for tests elsewhere. */
public final class RingWords {

    private RingWords() {}

    /** As they are in memory, narrow ones with their sign. */
    public static long[] of(RingVector vector, int segment) {
        return vector.isWide(segment)
                ? vector.words64(segment).clone()
                : Arrays.stream(vector.words32(segment)).asLongStream().toArray();
    }

    public static void add(RingVector to, int segment, int index, long word) {
        if (to.isWide(segment)) {
            to.words64(segment)[index] += word;
        } else {
            to.words32(segment)[index] += (int) word;
        }
    }

    public static void add(RingVector to, RingVector from) {
        to.add(from);
    }
}
