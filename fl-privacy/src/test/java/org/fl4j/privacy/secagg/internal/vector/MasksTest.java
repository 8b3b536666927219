package org.fl4j.privacy.secagg.internal.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.junit.jupiter.api.Test;

/** What both sides of a pair, and versions of them, must agree on. */
class MasksTest {

    private static final byte[] TRANSCRIPT = {1, 2, 3};
    private static final byte[] SECRET = {7, 8, 9};
    private static final int LENGTH = 13;

    private final VectorPlan plan = new VectorPlan(List.of(new SegmentPlan("s", LENGTH, 1, 1, 1, 32, false)));

    /** The key of a pair is derived from purpose 2, the lower position, the higher one and the segment. */
    @Test
    void theLowerPositionAddsAndTheHigherSubtracts() {
        int[] mask = new int[LENGTH];
        Hkdf hkdf = new Hkdf();
        byte[] info = ByteBuffer.allocate(13)
                .put((byte) 2)
                .putInt(4)
                .putInt(9)
                .putInt(0)
                .array();
        try (MaskStream stream = new MaskStream()) {
            stream.addTo(mask, hkdf.expand(hkdf.extract(TRANSCRIPT, SECRET), info, Sha256.BYTES));
        }

        assertArrayEquals(mask, added(4, 9));
        assertArrayEquals(Arrays.stream(mask).map(word -> -word).toArray(), added(9, 4));
    }

    private int[] added(int self, int other) {
        RingVector vector = RingVector.zero(plan);
        try (Masks masks = new Masks(TRANSCRIPT, plan)) {
            masks.addPairs(vector, new byte[][] {SECRET}, self, new int[] {other});
        }
        return vector.words32(0).clone();
    }
}
