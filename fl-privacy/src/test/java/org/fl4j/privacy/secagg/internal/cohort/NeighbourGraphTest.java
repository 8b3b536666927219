package org.fl4j.privacy.secagg.internal.cohort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NeighbourGraphTest {

    private static NeighbourGraph harary(int n, int degree) {
        return NeighbourGraph.harary(n, degree, SeededPermutationTest.seed());
    }

    /** From the order 3 5 6 1 7 4 0 9 2 8 of this seed, by hand: 0 stands between 7 4 and 9 2. */
    @Test
    void neighboursByHand() {
        NeighbourGraph graph = harary(10, 4);

        assertArrayEquals(new int[] {2, 4, 7, 9}, graph.neighbours(0));
        assertArrayEquals(new int[] {2, 5, 6, 8}, graph.neighbours(3));
        assertArrayEquals(new int[] {2, 3, 5, 9}, graph.neighbours(8));
        assertEquals(10, graph.n());
        assertEquals(4, graph.degree());
        assertFalse(graph.isComplete());
    }

    @Test
    void regularSymmetricAndSorted() {
        for (int n : new int[] {3, 4, 7, 12, 101}) {
            for (int degree = 2; degree < n; degree += 2) {
                NeighbourGraph graph = harary(n, degree);
                for (int index = 0; index < n; index++) {
                    assertLegal(graph, index);
                }
            }
        }
    }

    private static void assertLegal(NeighbourGraph graph, int index) {
        int[] neighbours = graph.neighbours(index);
        assertEquals(graph.degree(), neighbours.length);
        for (int i = 0; i < neighbours.length; i++) {
            assertTrue(neighbours[i] != index && (i == 0 || neighbours[i] > neighbours[i - 1]));
            assertTrue(Arrays.binarySearch(graph.neighbours(neighbours[i]), index) >= 0);
        }
    }

    /** Harary's theorem, by trying: whichever k - 1 of up to 12 clients leave, the others stay connected. */
    @Test
    void connectedWithoutAnyKMinusOneClients() {
        for (int n = 3; n <= 12; n++) {
            for (int degree = 2; degree < n; degree += 2) {
                NeighbourGraph graph = harary(n, degree);
                int[] masks = IntStream.range(0, n)
                        .map(i -> mask(graph.neighbours(i)))
                        .toArray();
                for (int left = 1; left < 1 << n; left++) {
                    if (Integer.bitCount(left) == n - degree + 1) {
                        assertEquals(left, reached(masks, left), "n = " + n + ", k = " + degree);
                    }
                }
            }
        }
    }

    private static int mask(int[] members) {
        return Arrays.stream(members).map(i -> 1 << i).reduce(0, (a, b) -> a | b);
    }

    private static int reached(int[] masks, int left) {
        int reached = Integer.lowestOneBit(left);
        int before = 0;
        while (reached != before) {
            before = reached;
            for (int i = 0; i < masks.length; i++) {
                reached |= (before >> i & 1) == 1 ? masks[i] & left : 0;
            }
        }
        return reached;
    }

    @Test
    void theSeedDeterminesTheGraph() {
        byte[] other = SeededPermutationTest.seed();
        other[31] ^= 1;
        boolean same = true;
        for (int i = 0; i < 50; i++) {
            assertArrayEquals(harary(50, 6).neighbours(i), harary(50, 6).neighbours(i));
            same &= Arrays.equals(
                    harary(50, 6).neighbours(i),
                    NeighbourGraph.harary(50, 6, other).neighbours(i));
        }
        assertFalse(same);
    }

    @Test
    void theCompleteGraphHasEveryEdge() {
        NeighbourGraph graph = NeighbourGraph.complete(4);

        assertTrue(graph.isComplete());
        assertEquals(4, graph.n());
        assertEquals(3, graph.degree());
        assertArrayEquals(new int[] {1, 2, 3}, graph.neighbours(0));
        assertArrayEquals(new int[] {0, 1, 3}, graph.neighbours(2));
        assertArrayEquals(new int[] {0, 1, 2}, graph.neighbours(3));
        assertArrayEquals(new int[] {0}, NeighbourGraph.complete(2).neighbours(1));
        assertTrue(harary(5, 4).isComplete());
        assertArrayEquals(new int[] {0, 1, 3, 4}, harary(5, 4).neighbours(2));
    }

    @Test
    void returnedNeighbourArraysAreCopies() {
        NeighbourGraph graph = harary(10, 4);
        graph.neighbours(0)[0] = 99;
        assertArrayEquals(new int[] {2, 4, 7, 9}, graph.neighbours(0));
    }

    @Test
    void rejectsBadArguments() {
        assertRejected("clients must be at least 2, but was 1", () -> NeighbourGraph.complete(1));
        assertRejected("clients must be at least 2, but was 0", () -> harary(0, 2));
        String degree = "the degree of a Harary graph must be even and from 2 to n - 1 = 9, but was ";
        assertRejected(degree + 5, () -> harary(10, 5));
        assertRejected(degree + 0, () -> harary(10, 0));
        assertRejected(degree + 10, () -> harary(10, 10));
        assertRejected(
                "an index must be from 0 to 9, but was 10", () -> harary(10, 4).neighbours(10));
        assertRejected(
                "an index must be from 0 to 9, but was -1", () -> harary(10, 4).neighbours(-1));
    }

    private static void assertRejected(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
