package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionTest {

    @Test
    void listsEachClientsExamplesInAscendingOrder() {
        Partition partition = Partition.of(5, new int[][] {{4, 0}, {}, {3, 1, 2}});
        assertEquals(3, partition.clients());
        assertEquals(5, partition.examples());
        assertEquals(2, partition.size(0));
        assertEquals(0, partition.size(1));
        assertArrayEquals(new int[] {0, 4}, partition.examplesOf(0));
        assertArrayEquals(new int[] {1, 2, 3}, partition.examplesOf(2));
    }

    @Test
    void sharesNoArrayWithItsCaller() {
        int[][] members = {{1, 0}};
        Partition partition = Partition.of(2, members);
        members[0][0] = 7;
        partition.examplesOf(0)[0] = 9;
        assertArrayEquals(new int[] {0, 1}, partition.examplesOf(0));
    }

    @Test
    void equalsByContentWhateverTheOrderOfDealing() {
        Partition partition = Partition.of(3, new int[][] {{0, 2}, {1}});
        Partition same = Partition.of(3, new int[][] {{2, 0}, {1}});
        assertEquals(partition, same);
        assertEquals(partition.hashCode(), same.hashCode());
        assertNotEquals(partition, Partition.of(3, new int[][] {{1}, {0, 2}}));
    }

    @Test
    void summarisesItsSizes() {
        assertEquals(
                "Partition[examples=6, clients=4, sizes 0 to 3, median 1]",
                Partition.of(6, new int[][] {{0, 1, 2}, {3}, {4, 5}, {}}).toString());
    }

    @Test
    void rejectsWhatIsNotADivision() {
        assertRejected("a partition must have at least 1 client, but was 0", 0, new int[][] {});
        assertRejected("examples must be at least 0, but was -1", -1, new int[][] {{}});
        assertRejected("client 1: example must be in [0, 2), but was 2", 2, new int[][] {{0, 1}, {2}});
        assertRejected("client 0: example must be in [0, 2), but was -1", 2, new int[][] {{-1, 0, 1}});
        assertRejected(
                "example 1 is in client 0 and in client 2; every example must be in exactly one",
                2,
                new int[][] {{0, 1}, {}, {1}});
        assertRejected("example 0 is twice in client 0; every example must be in exactly one", 1, new int[][] {{0, 0}});
        assertRejected(
                "example 1 of 3 is in none of the 2 clients; every example must be in exactly one",
                3,
                new int[][] {{0}, {2}});
    }

    @Test
    void groupsByKeyInOrderOfFirstAppearance() {
        Partition.Keyed speakers = Partition.byKey(List.of("Romeo", "Juliet", "Romeo", "Nurse", "Juliet"));
        assertEquals(List.of("Romeo", "Juliet", "Nurse"), speakers.keys());
        assertEquals(Partition.of(5, new int[][] {{0, 2}, {1, 4}, {3}}), speakers.partition());
    }

    @Test
    void rejectsNoKeys() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Partition.byKey(List.of()));
        assertEquals("keys must hold one key for each example, but was []", e.getMessage());
    }

    @Test
    void keysMustNameEachClientOnce() {
        Partition two = Partition.of(2, new int[][] {{0}, {1}});
        IllegalArgumentException few =
                assertThrows(IllegalArgumentException.class, () -> new Partition.Keyed(List.of("a"), two));
        assertEquals("there must be one key for each of the 2 clients, but was 1 keys", few.getMessage());
        IllegalArgumentException twice =
                assertThrows(IllegalArgumentException.class, () -> new Partition.Keyed(List.of("a", "a"), two));
        assertEquals("the clients' keys must differ, but was 'a' twice", twice.getMessage());
    }

    private static void assertRejected(String message, int examples, int[][] clients) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Partition.of(examples, clients));
        assertEquals(message, e.getMessage());
    }
}
