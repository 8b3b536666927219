package org.fl4j.models.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.internal.NativeBlas;
import org.junit.jupiter.api.Test;

/** How products are cut is part of what bits depend on: another rule must have another version. */
class ChunksTest {

    private static final int[] SIZES = {1, 10, 16, 17, 32, 50, 64, 100, 101, 200, 256, 784, 1024, 3136};

    /** For each version of the rules what they say about a thousand shapes. */
    private static final Map<Integer, Integer> KNOWN = Map.of(2, 436175809);

    @Test
    void everyRuleHasItsVersion() {
        List<Object> cuts = new ArrayList<>();
        for (boolean small : new boolean[] {true, false}) {
            Chunks chunks = new Chunks(small);
            for (int n : SIZES) {
                cuts.add(chunks.isByRow(n));
                for (int inputs : SIZES) {
                    for (int outputs : SIZES) {
                        cuts.add(chunks.forward(n, inputs, outputs));
                        cuts.add(chunks.backward(n, inputs, outputs));
                        cuts.add(chunks.rowsAtOnce(inputs, outputs));
                        cuts.add(chunks.columnsAtOnce(inputs));
                    }
                }
            }
        }

        assertEquals(
                KNOWN.get(NativeBlas.PRODUCT_RULES),
                cuts.hashCode(),
                "rules have changed: raise NativeBlas.PRODUCT_RULES, and add its line here");
    }

    @Test
    void smallKernelsGetChunksWithinTheirLimits() {
        Chunks chunks = new Chunks(true);

        assertEquals(120, chunks.forward(10, 784, 200));
        assertEquals(112, chunks.backward(10, 784, 200));
    }

    @Test
    void withoutSmallKernelsFewRowsGoOneByOneThroughWeightsInTheCache() {
        Chunks chunks = new Chunks(false);

        assertEquals(true, chunks.isByRow(16));
        assertEquals(false, chunks.isByRow(17));
        assertEquals(392, chunks.columnsAtOnce(784));
        assertEquals(88, chunks.rowsAtOnce(784, 200));
        assertEquals(10, chunks.rowsAtOnce(784, 10));
        assertEquals(200, chunks.columnsAtOnce(200));
        assertEquals(200, chunks.rowsAtOnce(200, 200));
    }
}
