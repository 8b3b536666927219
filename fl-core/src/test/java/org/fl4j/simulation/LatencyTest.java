package org.fl4j.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LatencyTest {

    private static final ClientId CLIENT = new ClientId("client");
    private static final int DRAWS = 20_000;

    /** Each model beside its quantile function, in seconds. */
    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of("log-normal", Latency.logNormal(Duration.ofSeconds(20), 0.7), (DoubleUnaryOperator)
                        p -> 20 * Math.exp(0.7 * normalQuantile(p))),
                Arguments.of("half-normal", Latency.halfNormal(Duration.ofMillis(1500)), (DoubleUnaryOperator)
                        p -> 1.5 * normalQuantile((1 + p) / 2)),
                Arguments.of("Pareto", Latency.pareto(Duration.ofSeconds(10), 1.2), (DoubleUnaryOperator)
                        p -> 10 * Math.pow(1 - p, -1 / 1.2)));
    }

    /** A share of draws below a quantile is off by 4.5 standard errors with probability 7e-6, in one of 27 cases 2e-4. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void drawsHaveTheQuantilesOfTheirDistribution(String name, Latency latency, DoubleUnaryOperator quantile) {
        DeterministicRandom random = new DeterministicRandom(5);
        double[] seconds = new double[DRAWS];
        Arrays.setAll(seconds, i -> latency.draw(CLIENT, random).toNanos() / 1e9);

        for (int tenth = 1; tenth < 10; tenth++) {
            double p = tenth / 10.0;
            double bound = quantile.applyAsDouble(p);
            double share = Arrays.stream(seconds).filter(s -> s <= bound).count() / (double) DRAWS;
            assertEquals(p, share, 4.5 * Math.sqrt(p * (1 - p) / DRAWS), name + ", p = " + p);
        }
    }

    @Test
    void aConstantIsConstant() {
        Latency minute = Latency.constant(Duration.ofMinutes(1));

        assertEquals(Duration.ofMinutes(1), minute.draw(CLIENT, new DeterministicRandom(1)));
        assertFalse(minute.isPerClient());
        assertTrue(minute.perClient().isPerClient());
        assertEquals(Duration.ofMinutes(1), minute.perClient().draw(CLIENT, new DeterministicRandom(1)));
    }

    @Test
    void theHeaviestTailStaysFinite() {
        Latency heavy = Latency.pareto(Duration.ofDays(1), 1e-3);
        DeterministicRandom random = new DeterministicRandom(1);

        for (int i = 0; i < 100; i++) {
            assertTrue(heavy.draw(CLIENT, random).compareTo(Duration.ofDays(1)) >= 0);
        }
    }

    @Test
    void wrongParametersAreRejected() {
        assertThrows(IllegalArgumentException.class, () -> Latency.constant(Duration.ofSeconds(-1)));
        assertThrows(IllegalArgumentException.class, () -> Latency.logNormal(Duration.ofSeconds(1), -1));
        assertThrows(IllegalArgumentException.class, () -> Latency.logNormal(Duration.ofSeconds(1), Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Latency.pareto(Duration.ofSeconds(1), 0));
        assertThrows(IllegalArgumentException.class, () -> Latency.halfNormal(Duration.ofSeconds(-1)));
    }

    /** By bisection of the distribution function, which is integrated by Simpson's rule. */
    private static double normalQuantile(double p) {
        double low = -10;
        double high = 10;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (normal(middle) < p) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static double normal(double x) {
        int n = 400;
        double h = x / n;
        double sum = 0;
        for (int i = 0; i <= n; i++) {
            double factor = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
            sum += factor * Math.exp(-i * h * i * h / 2);
        }
        return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }
}
