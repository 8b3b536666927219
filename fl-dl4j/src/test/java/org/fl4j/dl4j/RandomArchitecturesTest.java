package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** It is the same model: the first hundred architectures of {@link ArchitecturesLongRun}. */
class RandomArchitecturesTest {

    private static final int COUNT = 100;

    private static int threads;
    private static int masters;

    @BeforeAll
    static void oneThreadForSmallArrays() {
        threads = Nd4j.getEnvironment().maxThreads();
        masters = Nd4j.getEnvironment().maxMasterThreads();
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
    }

    @AfterAll
    static void asBefore() {
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(masters);
    }

    @Test
    void plansComputeWhatDl4jAndTheReferenceCompute() {
        List<String> differing = new ArrayList<>();
        int apart = 0;
        for (long seed = 0; seed < COUNT; seed++) {
            ArchitectureComparison.Outcome outcome = ArchitectureComparison.of(seed);
            apart += outcome.nearKink() ? 1 : 0;
            if (!outcome.differences().isEmpty()) {
                differing.add("seed " + seed + ", " + outcome.architecture() + ": " + outcome.differences());
            }
        }
        assertEquals(List.of(), differing);
        assertTrue(apart <= ArchitecturesLongRun.APART * COUNT, apart + " too near a kink");
    }
}
