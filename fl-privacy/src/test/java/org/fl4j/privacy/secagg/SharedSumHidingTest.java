package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.junit.jupiter.api.Test;

/** What one server has of a client is uniform whatever the client contributes. */
class SharedSumHidingTest {

    /** 23 bits a coordinate: 2 x 2 clients x 2^20 steps. */
    private static final int LENGTH = 80_000;

    private static final int N = 2;

    /** Of chi-square with 255 degrees of freedom: exceeded with probability 1.0e-9 (Wilson and Hilferty's cube root). */
    private static final double CRITICAL = 415;

    private final SharedDrill drill = new SharedDrill(
            SharedSum.on(new IntegerRule(1 << 20)), 2, N, LENGTH, client -> constant(client == 0 ? 0 : 1 << 20));

    private static double[] constant(double value) {
        double[] all = new double[LENGTH];
        Arrays.fill(all, value);
        return all;
    }

    /** Six tests of 1e-9: a false rejection in one of 1.6e8 runs. The plain contributions fail the same test by far. */
    @Test
    void partsAreUniform() throws Exception {
        try (PlayedLeader leader = new PlayedLeader(drill, N)) {
            Shares zeros = leader.shares(0);
            Shares ends = leader.shares(1);
            assertEquals(23, leader.terms().plan().segments().get(0).bits());
            byte[] ofZeros = leader.part(zeros);
            byte[] ofEnds = leader.part(ends);
            leader.transfer(zeros.task(), leader.seed(0, zeros), leader.seed(1, ends));
            byte[] ofHolder = leader.sum(0, 1);

            for (byte[] part : new byte[][] {
                ofZeros, ofEnds, ofHolder, zeros.parts().get(0).box().shared(), xor(ofZeros, ofEnds)
            }) {
                assertTrue(chiSquare(part) < CRITICAL, () -> "chi-square " + chiSquare(part));
            }
            assertTrue(chiSquare(RingVector.zero(leader.terms().plan()).pack()) > 1e6);

            RingVector sum = RingVector.zero(leader.terms().plan());
            for (byte[] part : new byte[][] {ofZeros, ofEnds, ofHolder}) {
                sum.addPacked(part, 0);
            }
            assertArrayEquals(
                    constant(1 << 20), sum.toSummand(leader.terms().segments()).toArray());
        }
    }

    /** Neither seeds nor keys are ever those of another client or session. */
    @Test
    void sharesAreFreshThoughTheUpdatesAreTheSame() throws Exception {
        try (PlayedLeader leader = new PlayedLeader(drill, N)) {
            Shares first = leader.shares(0);
            Shares second = leader.shares(0);

            assertFalse(first.key().equals(second.key()));
            assertFalse(first.parts().get(1).equals(second.parts().get(1)));
            byte[] difference = xor(leader.part(first), leader.part(second));
            assertTrue(chiSquare(difference) < CRITICAL, () -> "chi-square " + chiSquare(difference));
        }
    }

    private static byte[] xor(byte[] a, byte[] b) {
        byte[] both = new byte[a.length];
        for (int i = 0; i < both.length; i++) {
            both[i] = (byte) (a[i] ^ b[i]);
        }
        return both;
    }

    private static double chiSquare(byte[] bytes) {
        int[] counts = new int[256];
        for (byte each : bytes) {
            counts[each & 0xFF]++;
        }
        double expected = bytes.length / 256.0;
        return Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
    }
}
