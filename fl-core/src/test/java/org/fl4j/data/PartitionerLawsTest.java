package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What holds for every partitioner. That each example lands in exactly one client is checked by Partition.of. */
class PartitionerLawsTest {

    @SuppressWarnings("unused") // by reflection
    private static final List<Partitioner> PARTITIONERS = List.of(
            Partitioner.iid(),
            Partitioner.dirichlet(Double.MIN_VALUE),
            Partitioner.dirichlet(1e-3),
            Partitioner.dirichlet(0.5),
            Partitioner.dirichlet(1e6),
            Partitioner.dirichlet(Double.MAX_VALUE),
            Partitioner.shards(1),
            Partitioner.powerLaw(0),
            Partitioner.powerLaw(1.5),
            Partitioner.powerLaw(Double.MAX_VALUE),
            Partitioner.logNormal(0),
            Partitioner.logNormal(2),
            Partitioner.logNormal(Double.MAX_VALUE));

    @ParameterizedTest
    @FieldSource("PARTITIONERS")
    void everyClientHasAnExample(Partitioner partitioner) {
        for (int clients : new int[] {1, 2, 7, 30}) {
            Partition partition = partitioner.partition(LabelledRows.balanced(200, 10), clients, 3);
            assertEquals(clients, partition.clients());
            assertTrue(smallest(partition) >= 1, partition::toString);
        }
    }

    @ParameterizedTest
    @FieldSource("PARTITIONERS")
    void asManyClientsAsExamplesGivesEachOne(Partitioner partitioner) {
        Partition partition = partitioner.partition(LabelledRows.balanced(40, 3), 40, 5);
        for (int k = 0; k < 40; k++) {
            assertEquals(1, partition.size(k));
        }
    }

    @ParameterizedTest
    @FieldSource("PARTITIONERS")
    void aSingleExampleGoesToASingleClient(Partitioner partitioner) {
        Partition partition = partitioner.partition(LabelledRows.balanced(1, 1), 1, 0);
        assertArrayEquals(new int[] {0}, partition.examplesOf(0));
    }

    @ParameterizedTest
    @FieldSource("PARTITIONERS")
    void atLeastRaisesTheMinimum(Partitioner partitioner) {
        for (int minimum : new int[] {1, 2, 9, 10}) {
            Partition partition = partitioner.atLeast(minimum).partition(LabelledRows.balanced(200, 10), 20, 3);
            assertTrue(smallest(partition) >= minimum, partition::toString);
        }
    }

    @ParameterizedTest
    @FieldSource("PARTITIONERS")
    void theSameSeedGivesTheSamePartitionAndAnotherSeedAnother(Partitioner partitioner) {
        Examples examples = LabelledRows.balanced(500, 10);
        Partition first = partitioner.partition(examples, 12, 1);
        assertEquals(first, partitioner.partition(examples, 12, 1));
        assertNotEquals(first, partitioner.partition(examples, 12, 2));
        assertEquals(
                partitioner.atLeast(5).partition(examples, 12, 1),
                partitioner.atLeast(5).partition(examples, 12, 1));
    }

    /** A recorded run must not change with a release: these are the partitions of the first one. */
    @Test
    void partitionsAreAFormat() {
        List<String> partitions = new ArrayList<>();
        for (Partitioner partitioner : List.of(
                Partitioner.iid(),
                Partitioner.dirichlet(0.3),
                Partitioner.shards(2),
                Partitioner.powerLaw(1),
                Partitioner.logNormal(1),
                Partitioner.powerLaw(3).atLeast(3))) {
            Partition partition = partitioner.partition(LabelledRows.balanced(12, 3), 3, 2024);
            partitions.add(partitioner + " "
                    + Arrays.toString(partition.examplesOf(0))
                    + Arrays.toString(partition.examplesOf(1))
                    + Arrays.toString(partition.examplesOf(2)));
        }
        assertEquals(
                List.of(
                        "iid() [4, 6, 7, 9][2, 5, 8, 11][0, 1, 3, 10]",
                        "dirichlet(alpha=0.3) [2, 5, 6, 9, 11][1, 4, 7, 8, 10][0, 3]",
                        "shards(2) [0, 2, 3, 5][7, 8, 10, 11][1, 4, 6, 9]",
                        "powerLaw(exponent=1.0) [1, 6, 11][5, 9][0, 2, 3, 4, 7, 8, 10]",
                        "logNormal(sigma=1.0) [2, 4, 6, 10][8, 11][0, 1, 3, 5, 7, 9]",
                        "powerLaw(exponent=3.0).atLeast(3) [3, 6, 10][0, 5, 11][1, 2, 4, 7, 8, 9]"),
                partitions);
    }

    @Test
    void aViewIsDividedByItsOwnLabels() {
        Examples view = LabelledRows.balanced(100, 10).select(new int[] {0, 10, 20, 1, 11, 21});
        Partition partition = Partitioner.shards(1).partition(view, 2, 1);
        int[] first = partition.examplesOf(0);
        assertTrue(Arrays.equals(first, new int[] {0, 1, 2}) || Arrays.equals(first, new int[] {3, 4, 5}));
    }

    private static int smallest(Partition partition) {
        int smallest = Integer.MAX_VALUE;
        for (int k = 0; k < partition.clients(); k++) {
            smallest = Math.min(smallest, partition.size(k));
        }
        return smallest;
    }
}
