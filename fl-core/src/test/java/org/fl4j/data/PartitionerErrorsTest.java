package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionerErrorsTest {

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void rejectsAlphaThatIsNotPositive(double alpha) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Partitioner.dirichlet(alpha));
        assertEquals("alpha must be > 0 and < infinity, but was " + alpha, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
    void rejectsNegativeSkew(double skew) {
        IllegalArgumentException power = assertThrows(IllegalArgumentException.class, () -> Partitioner.powerLaw(skew));
        assertEquals("exponent must be >= 0 and < infinity, but was " + skew, power.getMessage());
        IllegalArgumentException normal =
                assertThrows(IllegalArgumentException.class, () -> Partitioner.logNormal(skew));
        assertEquals("sigma must be >= 0 and < infinity, but was " + skew, normal.getMessage());
    }

    @Test
    void rejectsShardsAndMinimaBelowOne() {
        IllegalArgumentException shards = assertThrows(IllegalArgumentException.class, () -> Partitioner.shards(0));
        assertEquals("shardsPerClient must be at least 1, but was 0", shards.getMessage());
        Partitioner iid = Partitioner.iid();
        IllegalArgumentException minimum = assertThrows(IllegalArgumentException.class, () -> iid.atLeast(0));
        assertEquals("minExamples must be at least 1, but was 0", minimum.getMessage());
    }

    @Test
    void rejectsFewerThanOneClient() {
        assertRejected("iid(): clients must be at least 1, but was 0", Partitioner.iid(), 10, 0);
        assertRejected(
                "dirichlet(alpha=0.5): clients must be at least 1, but was -1", Partitioner.dirichlet(0.5), 10, -1);
    }

    @Test
    void rejectsFewerExamplesThanClients() {
        String rest = " over 8 clients needs at least 8 examples, 1 for each client, but was 7; take fewer"
                + " clients or more data";
        assertRejected("iid()" + rest, Partitioner.iid(), 7, 8);
        assertRejected("dirichlet(alpha=0.5)" + rest, Partitioner.dirichlet(0.5), 7, 8);
        assertRejected("shards(1)" + rest, Partitioner.shards(1), 7, 8);
        assertRejected("powerLaw(exponent=1.0)" + rest, Partitioner.powerLaw(1), 7, 8);
        assertRejected("logNormal(sigma=1.0)" + rest, Partitioner.logNormal(1), 7, 8);
    }

    @Test
    void rejectsFewerExamplesThanTheMinimaTakeTogether() {
        assertRejected(
                "iid().atLeast(5) over 4 clients needs at least 20 examples, 5 for each client, but was 19;"
                        + " take fewer clients or more data",
                Partitioner.iid().atLeast(5),
                19,
                4);
        assertRejected(
                "iid().atLeast(2000000000) over 4 clients needs at least 8000000000 examples, 2000000000 for each"
                        + " client, but was 19; take fewer clients or more data",
                Partitioner.iid().atLeast(2_000_000_000),
                19,
                4);
    }

    @Test
    void rejectsFewerExamplesThanShards() {
        assertRejected(
                "shards(3) over 4 clients cuts 12 shards of at least 1 example, but was 11 examples; take fewer"
                        + " clients or fewer shards",
                Partitioner.shards(3),
                11,
                4);
    }

    @Test
    void rejectsDenseTargetsWhereClassesAreNeeded() {
        Examples regression = LabelledRows.withTargets(10);
        for (Partitioner partitioner : new Partitioner[] {Partitioner.dirichlet(1), Partitioner.shards(2)}) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> partitioner.partition(regression, 2, 0));
            assertEquals(
                    partitioner
                            + " divides by class, but these examples have dense targets of shape [1]; build them with"
                            + " Examples.classified, or divide by iid(), powerLaw or logNormal",
                    e.getMessage());
        }
    }

    @Test
    void denseTargetsAreDividedWhereClassesAreNotNeeded() {
        Examples regression = LabelledRows.withTargets(10);
        for (Partitioner partitioner :
                new Partitioner[] {Partitioner.iid(), Partitioner.powerLaw(1), Partitioner.logNormal(1)}) {
            assertEquals(10, partitioner.partition(regression, 2, 0).examples());
        }
    }

    @Test
    void aForeignPartitionerMustDivideWhatItWasGiven() {
        Partitioner foreign = new Partitioner() {
            @Override
            public Partition partition(Examples examples, int clients, long seed) {
                return Partition.of(2, new int[][] {{0}, {1}});
            }

            @Override
            public String toString() {
                return "halves";
            }
        };
        Examples data = LabelledRows.balanced(10, 2);
        IllegalStateException e = assertThrows(
                IllegalStateException.class, () -> foreign.atLeast(1).partition(data, 2, 0));
        assertEquals(
                "halves was asked to divide 10 examples among 2 clients but returned"
                        + " Partition[examples=2, clients=2, sizes 1 to 1, median 1]",
                e.getMessage());
    }

    private static void assertRejected(String message, Partitioner partitioner, int examples, int clients) {
        Examples data = LabelledRows.balanced(examples, 2);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> partitioner.partition(data, clients, 0));
        assertEquals(message, e.getMessage());
    }
}
