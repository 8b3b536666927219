package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;

/** A client rounds by the seed of its own task: errors that clients share would not average out. */
class InputEncoderTest {

    private static final int CLIENTS = 4;
    private static final int LENGTH = 64;

    /** TestMean weighs them 1 to 4. */
    private static final int WEIGHTS = 10;

    /** Steps of 4, up or down with equal probability for an odd contribution of 2. */
    private final SecureSum rule =
            SecureSum.on(new TestMean(), FixedPoint.within(8).resolution(1).weighingAtMost(4));

    @Test
    void clientsRoundIndependently() {
        double[] sum = sum(1);
        // Each client contributes 2 although it weighs its own: a sum of 4 times 0 to 4, the same for all with
        // probability 1/8.
        for (double coordinate : sum) {
            assertEquals(0, coordinate % 4);
            assertTrue(coordinate >= 0 && coordinate <= 4 * CLIENTS);
        }
        long shared = Arrays.stream(sum).filter(c -> c == 0 || c == 4 * CLIENTS).count();
        // Binomial(64, 1/8): above 32 with probability below 1e-12.
        assertTrue(shared <= 32, () -> shared + " of " + LENGTH + " coordinates are as if clients rounded alike");
    }

    @Test
    void roundingDiffersByRoundAndRepeatsByRun() {
        assertArrayEquals(sum(1), sum(1));
        assertNotEquals(Arrays.toString(sum(1)), Arrays.toString(sum(2)));
    }

    private double[] sum(int round) {
        Drill drill = new Drill(rule, CLIENTS, LENGTH, client -> {
            double[] two = new double[LENGTH];
            Arrays.fill(two, 2.0 / (1 + client));
            return two;
        });
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(round));
        assertEquals(Map.of(), drill.failures());
        ModelDelta mean = recovered.result().aggregate();
        double[] sum = new double[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            sum[i] = Math.rint(WEIGHTS * mean.get(i));
        }
        return sum;
    }
}
