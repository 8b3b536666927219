package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearGaussianTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();

    @Test
    void withoutRatioIsTheGaussian() {
        Composition near = Composition.of(new NearGaussian(1.3, 0), 12)
                .plus(PrivacyEvent.unsampled(2).poisson(0.1), 20);
        Composition gaussian = Composition.of(PrivacyEvent.unsampled(1.3), 12)
                .plus(PrivacyEvent.unsampled(2).poisson(0.1), 20);

        assertEquals(ACCOUNTANT.epsilon(gaussian, 1e-6), ACCOUNTANT.epsilon(near, 1e-6));
        assertEquals(ACCOUNTANT.privacyDelta(gaussian, 3), ACCOUNTANT.privacyDelta(near, 3));
        assertEquals(RenyiAccountant.rdp(gaussian, 3.5), RenyiAccountant.rdp(near, 3.5));
    }

    /** 2R + epsilon(delta e^-R), R = 50 * 0.001 + 10 * 0.002. */
    @Test
    void addsRatiosOverReleases() {
        Composition near = Composition.of(new NearGaussian(8, 0.001), 50).plus(new NearGaussian(4, 0.002), 10);
        double ratio = 0.07;
        AnalyticGaussian together = AnalyticGaussian.ofSigma(1 / Math.sqrt(50 / 64.0 + 10 / 16.0));
        double expected = 2 * ratio + together.epsilon(1e-6 * Math.exp(-ratio));

        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(near, 1e-6);

        assertEquals(expected, epsilons.upper(), 1e-10);
        assertEquals(together.epsilon(1e-6), epsilons.lower(), 1e-10);
    }

    /**
     * A pair that makes use of its ratio: a Gaussian rounded to a lattice, P larger by e^r where the loss is high, P' smaller, and
     * both the other way round below. One release and two.
     */
    @ParameterizedTest
    @CsvSource({"0.5, 0.02", "1, 0.1", "3, 0.3"})
    void coversPairsThatUseTheirRatio(double z, double r) {
        TiltedPair pair = TiltedPair.of(z, r);
        for (double epsilon : new double[] {0, r, 2 * r, 0.5, 1, 2}) {
            double bound = ACCOUNTANT
                    .privacyDelta(Composition.of(new NearGaussian(z, r), 1), epsilon)
                    .upper();
            double twice = ACCOUNTANT
                    .privacyDelta(Composition.of(new NearGaussian(z, r), 2), epsilon)
                    .upper();

            assertTrue(pair.delta(epsilon) <= bound, () -> epsilon + ": " + pair.delta(epsilon) + " " + bound);
            assertTrue(
                    pair.deltaOfTwo(epsilon) <= twice, () -> epsilon + ": " + pair.deltaOfTwo(epsilon) + " " + twice);
        }
        double gaussian = AnalyticGaussian.ofSigma(z).privacyDelta(1);
        assertTrue(pair.delta(1) > gaussian, "the pair reveals more than its Gaussian");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.5, 2, 7, 60})
    void boundsTheDivergenceOfPairsThatUseTheirRatio(double order) {
        for (double r : new double[] {0.001, 0.1, 0.3}) {
            double exact = TiltedPair.of(1, r).divergence(order);
            double bound = RenyiAccountant.rdp(new NearGaussian(1, r), order);

            assertTrue(exact <= bound, () -> exact + " " + bound);
            assertTrue(
                    order > 10 || exact > RenyiAccountant.rdp(PrivacyEvent.unsampled(1), order),
                    "the lattice ends at 10 z");
        }
    }

    /** Below 2R, where delta is taken at a negative epsilon, as above it. */
    @Test
    void findsTheDeltaOfItsOwnEpsilon() {
        Composition near = Composition.of(new NearGaussian(4, 0.02), 10);
        double last = 1;
        for (double epsilon = 0; epsilon < 4; epsilon += 0.05) {
            double delta = ACCOUNTANT.privacyDelta(near, epsilon).upper();
            assertTrue(delta <= last && delta > 0, "delta falls: " + last + ", " + delta);
            last = delta;
        }
        for (double delta : new double[] {1e-2, 1e-6, 1e-12}) {
            double epsilon = ACCOUNTANT.epsilon(near, delta).upper();
            assertEquals(delta, ACCOUNTANT.privacyDelta(near, epsilon).upper(), 1e-9 * delta);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "1e-300, 1e300", "1e300, 1e300", "1, 1e-300", "1e300, 0", "2, 800"})
    void answersAtTheExtremes(double z, double r) {
        Composition near = Composition.of(new NearGaussian(z, r), 3);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(near, 1e-6);
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(near, 1);

        assertTrue(epsilons.lower() >= 0 && epsilons.upper() >= epsilons.lower(), epsilons::toString);
        assertTrue(deltas.lower() >= 0 && deltas.upper() <= 1, deltas::toString);
        assertEquals(z == 0, Double.isInfinite(epsilons.lower()));
        assertEquals(Double.POSITIVE_INFINITY, ACCOUNTANT.epsilon(near, 0).upper());
    }

    /** Two laws on the lattice of step z/32, each within e^r of that of a rounded Gaussian of noise multiplier z. */
    private static final class TiltedPair {

        private final double[] p;
        private final double[] other;

        private TiltedPair(double[] p, double[] other) {
            this.p = p;
            this.other = other;
        }

        static TiltedPair of(double z, double r) {
            double step = z / 32;
            int n = (int) Math.ceil((9 * z + 1) / step);
            double[] p = new double[2 * n];
            double[] other = new double[2 * n];
            for (int i = 0; i < 2 * n; i++) {
                double x = (i - n) * step;
                p[i] = NormalTail.upper((x - 1) / z) - NormalTail.upper((x + step - 1) / z);
                other[i] = NormalTail.upper(x / z) - NormalTail.upper((x + step) / z);
            }
            tilt(p, r);
            tilt(other, -r);
            return new TiltedPair(p, other);
        }

        /** Times e^r above a cut, and by what keeps the sum below it, which must be within the ratio. */
        private static void tilt(double[] law, double r) {
            int cut = law.length / 2;
            double above = 0;
            for (int i = cut; i < law.length; i++) {
                above += law[i];
            }
            while (above * Math.exp(Math.abs(r)) + (1 - above) * Math.exp(-Math.abs(r)) > 1) {
                above -= law[cut++];
            }
            double rest = (1 - above * Math.exp(r)) / (1 - above);
            assertTrue(Math.abs(Math.log(rest)) <= Math.abs(r), "within the ratio: " + rest);
            for (int i = 0; i < law.length; i++) {
                law[i] *= i >= cut ? Math.exp(r) : rest;
            }
        }

        double delta(double epsilon) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                sum += Math.max(0, p[i] - Math.exp(epsilon) * other[i]);
            }
            return sum;
        }

        double deltaOfTwo(double epsilon) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                for (int j = 0; j < p.length; j++) {
                    sum += Math.max(0, p[i] * p[j] - Math.exp(epsilon) * other[i] * other[j]);
                }
            }
            return sum;
        }

        double divergence(double order) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                sum += p[i] > 0 ? Math.exp(order * Math.log(p[i]) + (1 - order) * Math.log(other[i])) : 0;
            }
            return Math.log(sum) / (order - 1);
        }
    }
}
