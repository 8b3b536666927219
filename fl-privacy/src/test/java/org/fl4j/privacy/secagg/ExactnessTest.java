package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.fl4j.aggregation.SecureRound;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;

class ExactnessTest {

    @Test
    void nobodyIsMissing() {
        int n = 5;
        int length = 7;
        IntFunction<double[]> values = client -> values(client, length);
        Drill drill = new Drill(
                SecureSum.of(new IntegerRule(1 << 21)).tolerating(Tolerance.ofDropouts(0.4)), n, length, values);
        SecureRound.Outcome outcome = drill.run(1);
        assertEquals(Map.of(), drill.failures());
        assertEquals(List.of(), drill.refusals());
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome, outcome::toString);
        for (int i = 0; i < length; i++) {
            double sum = 0;
            for (int c = 0; c < n; c++) {
                sum += values.apply(c)[i];
            }
            assertEquals(sum, recovered.result().aggregate().get(i));
        }
    }

    static double[] values(int client, int length) {
        DeterministicRandom random = new DeterministicRandom(client);
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextInt((1 << 22) + 1) - (double) (1 << 21);
        }
        return values;
    }
}
