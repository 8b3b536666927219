package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MinimumSizeTest {

    @Test
    void takesFromTheLargestAndAmongEqualsFromTheFirst() {
        assertSizes(new int[] {4, 4, 1}, 1, 5, 4, 0);
        assertSizes(new int[] {3, 4, 1}, 1, 4, 4, 0);
        assertSizes(new int[] {3, 3, 1, 1}, 1, 4, 4, 0, 0);
        assertSizes(new int[] {5, 5, 5}, 5, 13, 2, 0);
    }

    @Test
    void aClientAtTheMinimumGivesNothing() {
        assertSizes(new int[] {2, 2, 2}, 2, 0, 2, 4);
    }

    @Test
    void leavesClientsThatHaveEnoughAlone() {
        int[][] members = MinimumSize.fill(new int[][] {{0, 1}, {2, 3, 4}}, 2, 9);
        assertArrayEquals(new int[] {0, 1}, members[0]);
        assertArrayEquals(new int[] {2, 3, 4}, members[1]);
    }

    /** False rejection 1e-6: chi-square with 3 degrees of freedom on which of four examples is given away. */
    @Test
    void everyExampleOfTheGiverIsEquallyLikelyToMove() {
        int[] moved = new int[4];
        for (int seed = 0; seed < 4000; seed++) {
            moved[MinimumSize.fill(new int[][] {{0, 1, 2, 3}, {}}, 1, seed)[1][0]]++;
        }
        double chiSquare = Arrays.stream(moved)
                .mapToDouble(c -> (c - 1000.0) * (c - 1000.0) / 1000)
                .sum();
        assertTrue(chiSquare < 30.66, () -> Arrays.toString(moved));
    }

    private static void assertSizes(int[] expected, int minimum, int... sizes) {
        int[][] members = new int[sizes.length][];
        int next = 0;
        for (int k = 0; k < sizes.length; k++) {
            members[k] = IntStream.range(next, next + sizes[k]).toArray();
            next += sizes[k];
        }
        Partition partition = Partition.of(next, MinimumSize.fill(members, minimum, 1));
        int[] actual = IntStream.range(0, sizes.length).map(partition::size).toArray();
        assertArrayEquals(expected, actual);
    }
}
