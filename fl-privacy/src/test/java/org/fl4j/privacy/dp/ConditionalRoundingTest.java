package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guarantee rests on the norm of what comes out, whatever the coins are: so bounds here are such that every other rounding is too long. */
class ConditionalRoundingTest {

    private static final int LENGTH = 1000;

    @Test
    void whatIsTooLongIsRoundedAgain() {
        float[] halves = new float[LENGTH];
        Arrays.fill(halves, 0.5f);
        double[] integers = new double[LENGTH];
        int atTheBound = 0;
        for (int seed = 0; seed < 1000; seed++) {
            ConditionalRounding.round(halves, LENGTH / 2, new DeterministicRandom(seed), integers);
            double squares = Arrays.stream(integers).map(x -> x * x).sum();
            assertTrue(squares <= LENGTH / 2.0, "seed " + seed + ": " + squares);
            atTheBound += squares == LENGTH / 2.0 ? 1 : 0;
        }
        // One of twenty is at the bound.
        assertTrue(atTheBound > 20, atTheBound + " of 1000");
    }

    /** A norm beyond its bound, and what is no number, is an error and not a contribution. */
    @ParameterizedTest
    @ValueSource(floats = {3, Float.NaN, Float.POSITIVE_INFINITY})
    void whatCannotBeShortEnoughThrows(float value) {
        String refused = assertThrows(
                        IllegalStateException.class,
                        () -> ConditionalRounding.round(
                                new float[] {value}, 8, new DeterministicRandom(1), new double[1]))
                .getMessage();
        assertEquals(
                "no rounding of a contribution has a sum of squares of at most 8; its norm must be beyond its sensitivity",
                refused);
    }
}
