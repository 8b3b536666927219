package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in a composition, an accountant answers with numbers that hold: never NaN, never a lower end above the upper. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExtremeCompositionsTest {

    private static final PrivacyLossAccountant LOSS = PrivacyLossAccountant.create();
    private static final RenyiAccountant RENYI = RenyiAccountant.create();

    /** The fault: an unsampled release with hardly any noise beside sampled ones made both ends NaN. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 1e-160, 1e-20, 1e-8, 1e-5, 1e-3, 0.01})
    void hardlyAnyNoiseBesideSampledReleases(double z) {
        PrivacyEvent noisy = PrivacyEvent.unsampled(1).poisson(0.01);
        Composition both = Composition.of(noisy, 10).plus(PrivacyEvent.unsampled(z));
        PrivacyLossAccountant.Interval epsilon = LOSS.epsilon(both, 1e-5);
        PrivacyLossAccountant.Interval delta = LOSS.privacyDelta(both, 10);
        double alone = Math.min(1e307, AnalyticGaussian.ofSigma(z).epsilon(1e-5));
        // If all ten counted in full: 1/z^2 adds up.
        double inFull = AnalyticGaussian.ofSigma(1 / Math.sqrt(1 / z / z + 10)).epsilon(1e-5);

        assertTrue(epsilon.lower() >= alone * (1 - 1e-9) && epsilon.upper() <= inFull * (1 + 1e-9), epsilon::toString);
        assertTrue(epsilon.lower() < Double.POSITIVE_INFINITY, "too large for a double is not infinite");
        assertEquals(1, delta.upper(), 1e-9);
        assertEquals(1, delta.lower(), 1e-9);
    }

    /** Overflow between the steps of the sum: these were NaN, at orders and noise that anyone might ask for. */
    @ParameterizedTest
    @CsvSource({"1, 0.5, 64", "0.1, 0.001, 64"})
    void momentsDoNotOverflow(double z, double q, double order) {
        PrivacyEvent event = PrivacyEvent.unsampled(z).poisson(q);
        double rdp = RenyiAccountant.rdp(event, order);
        double below = RenyiAccountant.rdp(event, order - 1);
        double above = RenyiAccountant.rdp(event, order + 1);

        // So far out rdp is all but linear in the order: alpha / (2 z^2) and ln q.
        assertEquals((below + above) / 2, rdp, 1e-3 * rdp);
    }

    /** Above the orders that are integrated, an upper bound, close where the divergence is large; once it ran for ever. */
    @ParameterizedTest
    @ValueSource(doubles = {65537, 1e6, 1e12, 1e300, Double.MAX_VALUE})
    void ordersWithoutEnd(double order) {
        PrivacyEvent event = PrivacyEvent.unsampled(0.001).poisson(1e-3);
        double rdp = RenyiAccountant.rdp(event, order);
        double last = RenyiAccountant.rdp(event, 65536);

        assertTrue(rdp >= last && rdp <= order / 2 / 1e-6, () -> rdp + " and " + last);
        assertTrue(rdp >= (order / 2 / 1e-6 + Math.log(1e-3)) * (1 - 1e-4), () -> "not far above: " + rdp);
        assertEquals(
                RenyiAccountant.rdp(PrivacyEvent.unsampled(2).poisson(0.1), 65536),
                RenyiAccountant.rdp(PrivacyEvent.unsampled(2).poisson(0.1), 65537),
                0.2);
    }

    /** No sampling probability is so small that a divergence comes out negative. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.MIN_VALUE, 1e-300, 1e-200, 1e-100})
    void hardlyAnySampling(double q) {
        for (double z : new double[] {0.01, 0.1, 1, 100}) {
            for (double order : new double[] {1.0001, 1.5, 2, 64}) {
                double rdp = RenyiAccountant.rdp(PrivacyEvent.unsampled(z).poisson(q), order);
                assertTrue(rdp >= 0, () -> "z " + z + ", order " + order + ": " + rdp);
            }
        }
    }

    @Test
    void rejectsASigmaThatNoDoubleHolds() {
        PrivacyTarget target = PrivacyTarget.pure(0).withPrivacyDelta(Double.MIN_VALUE);

        assertEquals(
                "the sigma that reaches the target must be a finite double, but the target was " + target,
                assertThrows(IllegalArgumentException.class, () -> AnalyticGaussian.reaching(target))
                        .getMessage());
    }

    static LongStream seeds() {
        return LongStream.range(0, 12);
    }

    /** Random compositions over many orders of magnitude: both accountants answer, and Renyi's bound is not below the lower end. */
    @ParameterizedTest
    @MethodSource("seeds")
    void compositionsOfAllKinds(long seed) {
        Random random = new Random(seed);
        Composition composition = Composition.empty();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            boolean sampled = random.nextInt(3) > 0;
            double z = Math.pow(10, sampled ? 3 * random.nextDouble() - 0.5 : 8 * random.nextDouble() - 5);
            double q = sampled ? Math.pow(10, -4 * random.nextDouble()) : 1;
            composition = composition.plus(
                    PrivacyEvent.unsampled(z).poisson(q), 1 + (long) Math.pow(10, 4 * random.nextDouble()));
        }
        Composition all = composition;
        double delta = 0.5 * Math.pow(10, -12 * random.nextDouble());
        double epsilon = Math.pow(10, 6 * random.nextDouble() - 3);
        PrivacyLossAccountant.Interval byDelta = LOSS.epsilon(all, delta);
        PrivacyLossAccountant.Interval byEpsilon = LOSS.privacyDelta(all, epsilon);

        assertTrue(byDelta.lower() >= 0 && byEpsilon.lower() >= 0 && byEpsilon.upper() <= 1, all::toString);
        assertTrue(RENYI.epsilon(all, delta).epsilon() * (1 + 1e-9) >= byDelta.lower(), all::toString);
        assertTrue(RENYI.privacyDelta(all, epsilon) * (1 + 1e-9) >= byEpsilon.lower(), all::toString);
    }
}
