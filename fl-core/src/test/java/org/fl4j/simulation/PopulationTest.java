package org.fl4j.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.data.Examples;
import org.fl4j.data.Partition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PopulationTest {

    private static final Examples SIX =
            Examples.classified(new float[] {0, 1, 2, 3, 4, 5}, new int[] {0, 1, 0, 1, 0, 1}, 2, 1);

    @Test
    void clientsOfAPartitionAreNumberedAndHoldItsExamples() {
        Population population = Population.of(SIX, Partition.of(6, new int[][] {{0, 5}, {1, 2, 3, 4}}));
        assertEquals(List.of(new ClientId("client-0"), new ClientId("client-1")), population.ids());
        assertEquals(2, population.data(new ClientId("client-0")).size());
        assertEquals(5, feature(population.data(new ClientId("client-0")), 1));
        assertEquals(4, population.data(new ClientId("client-1")).size());
    }

    @Test
    void clientsOfANaturalKeyAreNamedByIt() {
        Population population = Population.of(SIX, Partition.byKey(List.of("b", "a", "b", "b", "a", "c")));
        assertEquals(List.of(new ClientId("b"), new ClientId("a"), new ClientId("c")), population.ids());
        assertEquals(4, feature(population.data(new ClientId("a")), 1));
    }

    @Test
    void generatedDataAreMadeOnlyForTheClientAskedFor() {
        AtomicInteger made = new AtomicInteger();
        Population population = Population.generated(1_000_000, client -> {
            made.incrementAndGet();
            return SIX.select(new int[] {client % 6});
        });
        assertEquals(1_000_000, population.ids().size());
        assertEquals(3, feature(population.data(new ClientId("client-999999")), 0));
        assertEquals(1, made.get());
    }

    @Test
    void everyNumberOfClientsCanBeNumbered() {
        Population population = Population.generated(Integer.MAX_VALUE, client -> SIX.select(new int[] {client % 6}));
        ClientId last = population.ids().get(Integer.MAX_VALUE - 1);

        assertEquals(new ClientId("client-2147483646"), last);
        assertEquals(0, feature(population.data(last), 0));
        assertEquals(
                "there is no client 'client-2147483647' in this population",
                assertThrows(IllegalArgumentException.class, () -> population.data(new ClientId("client-2147483647")))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client-2",
                "client--1",
                "client-",
                "client-01x",
                "client-01",
                "writer-0",
                "client-9999999999",
                "client-99999999999"
            })
    void rejectsAClientOutsideThePopulationByName(String stranger) {
        Population population = Population.of(List.of(SIX, SIX));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> population.data(new ClientId(stranger)));
        assertEquals("there is no client '" + stranger + "' in this population", e.getMessage());
    }

    @Test
    void rejectsAnUnknownNaturalKeyByName() {
        Population population = Population.of(SIX, Partition.byKey(List.of("b", "a", "b", "b", "a", "c")));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> population.data(new ClientId("client-0")));
        assertEquals("there is no client 'client-0' in this population", e.getMessage());
    }

    private static float feature(Examples examples, int example) {
        float[] value = new float[1];
        examples.copyFeatures(example, value, 0);
        return value[0];
    }
}
