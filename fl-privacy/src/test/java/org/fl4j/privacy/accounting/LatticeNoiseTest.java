package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Known answers in 40-digit arithmetic from the laws' formulas; sums over the lattice with 50 digits here. */
class LatticeNoiseTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();
    private static final MathContext DIGITS = new MathContext(50);

    @ParameterizedTest
    @CsvSource({"1, 0, 0.398942278266862", "1, 1, 0.241970723224461", "0.5, 0, 0.786570707041948"})
    void knowsTheMassesOfTheDiscreteGaussian(double sigma, int k, double mass) {
        assertEquals(mass, LatticeLaw.discreteGaussian(sigma).mass(k), 1e-15);
    }

    /** A Gaussian of the same size has 0.00153718536940095, which is outside. */
    @Test
    void knowsTheDeltaOfAFineLattice() {
        LatticeLaw law = LatticeLaw.discreteGaussian(4096);
        double sum = 0;
        for (int x = law.last(); x > 4096 - law.last(); x--) {
            sum += Math.max(0, law.mass(x - 4096) - Math.exp(3) * law.mass(x));
        }
        PrivacyLossAccountant.Interval deltas =
                ACCOUNTANT.privacyDelta(Composition.of(LatticeNoise.discreteGaussian(4096, 4096), 1), 3);

        assertEquals(0.00153718528233695, sum, 1e-15);
        assertTrue(deltas.contains(0.00153718528233695), deltas::toString);
    }

    @ParameterizedTest
    @CsvSource({"10, 1, 2, 0.0996544384535425", "100, 5, 4, 0.496328388992148"})
    void knowsTheDivergenceOfSkellamNoise(double mu, int shift, double order, double exact) {
        assertEquals(exact, divergence(LatticeLaw.skellam(mu), shift, order), 1e-13);
    }

    @ParameterizedTest
    @CsvSource({"0.7, 1, 0.5", "0.7, 1, 3", "2, 1, 0.3", "2, 3, 1", "5, 2, 0.1"})
    void enclosesTheSumOverTheLattice(double sigma, int shift, double epsilon) {
        BigDecimal scale = exp(new BigDecimal(epsilon));
        BigDecimal all = BigDecimal.ZERO;
        BigDecimal sum = BigDecimal.ZERO;
        for (int x = -200; x <= 200; x++) {
            BigDecimal p = weight(x - shift, sigma);
            all = all.add(p);
            sum = sum.add(p.subtract(scale.multiply(weight(x, sigma))).max(BigDecimal.ZERO));
        }
        double exact = sum.divide(all, DIGITS).doubleValue();
        Composition once = Composition.of(LatticeNoise.discreteGaussian(sigma, shift), 1);

        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(once, epsilon);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(once, exact);

        assertTrue(deltas.contains(exact), () -> deltas + " " + exact);
        assertTrue(epsilons.contains(epsilon), () -> epsilons + " " + epsilon);
        assertTrue(epsilons.width() < Math.max(1e-3 * epsilon, 5e-5), epsilons::toString);
    }

    /** What n releases of discrete Gaussian noise tell of the shift is their sum: they are one release of the sum, shifted n times as far. */
    @ParameterizedTest
    @CsvSource({"2, 1, 16", "8, 1, 100", "0.6, 1, 3", "30, 12, 40"})
    void nReleasesAreOneOfTheSum(double sigma, int shift, int n) {
        Composition releases = Composition.of(LatticeNoise.discreteGaussian(sigma, shift), n);
        LatticeLaw law = LatticeLaw.discreteGaussian(sigma).times(n);
        for (double epsilon : new double[] {0.1, 1, 3}) {
            double exact = delta(law, n * shift, epsilon);
            PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(releases, epsilon);
            PrivacyLossAccountant.Interval ofSum = ACCOUNTANT.privacyDelta(
                    Composition.of(new LatticeNoise(sigma, n, 0, (long) n * shift), 1), epsilon);

            assertTrue(deltas.contains(exact), () -> deltas + " " + exact);
            assertTrue(ofSum.contains(exact), () -> ofSum + " " + exact);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 10, 1", "0, 0.3, 1", "0, 400, 7", "1.5, 9, 2", "0.5, 0.25, 1"})
    void enclosesSkellamNoiseAndSums(double sigma, double mu, int shift) {
        LatticeNoise noise = new LatticeNoise(sigma, sigma == 0 ? 0 : 3, mu, shift);
        for (double epsilon : new double[] {0.05, 0.4, 2}) {
            double exact = delta(noise.law(), shift, epsilon);
            PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(Composition.of(noise, 1), epsilon);

            assertTrue(deltas.contains(exact), () -> deltas + " " + exact);
        }
    }

    /** Sums of laws have their variances, and Skellam noise of two parties is that of one with both variances. */
    @Test
    void lawsAddUp() {
        LatticeLaw skellam = LatticeLaw.skellam(3).plus(LatticeLaw.skellam(4.5));
        LatticeLaw direct = LatticeLaw.skellam(7.5);
        for (int k = 0; k < 60; k++) {
            assertEquals(direct.mass(k), skellam.mass(k), 1e-12 * direct.mass(k));
        }
        LatticeLaw sum = LatticeLaw.discreteGaussian(2).times(9);
        double variance = 0;
        for (int k = 1; k <= sum.last(); k++) {
            variance += 2.0 * k * k * sum.mass(k);
        }
        assertEquals(36, variance, 1e-10);
        assertEquals(direct.above(3), direct.mass(4) + direct.above(4), 1e-12);
        assertTrue(direct.above(direct.last()) < 1e-280 && direct.above(direct.last()) > 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.2, 2, 3.7, 12})
    void renyiBoundsTheDivergence(double order) {
        for (LatticeNoise noise : new LatticeNoise[] {
            LatticeNoise.discreteGaussian(0.8, 1),
            LatticeNoise.discreteGaussian(4, 7),
            LatticeNoise.discreteGaussian(2, 10).ofParties(4),
            LatticeNoise.discreteGaussian(2, 3).ofParties(4).plusSkellam(9),
            LatticeNoise.skellam(5, 2)
        }) {
            double exact = divergence(noise.law(), (int) noise.shift(), order);
            assertTrue(exact <= noise.rdp(order) * (1 + 1e-12), () -> noise + ": " + exact + " " + noise.rdp(order));
        }
    }

    @Test
    void fewerStepsAndMoreNoiseRevealLess() {
        double middle = upper(LatticeNoise.skellam(40, 3));

        assertTrue(upper(LatticeNoise.skellam(44, 3)) < middle);
        assertTrue(upper(LatticeNoise.skellam(40, 4)) > middle);
        assertTrue(upper(LatticeNoise.discreteGaussian(1, 3).plusSkellam(40)) < middle);
    }

    /** Where the law is too long the Renyi bound is above and 0 below. */
    @Test
    void staysCertainBeyondItsGrid() {
        for (LatticeNoise noise : new LatticeNoise[] {
            LatticeNoise.discreteGaussian(1e9, 1_000_000_000),
            LatticeNoise.discreteGaussian(400, 4000).ofParties(100),
            LatticeNoise.skellam(1, 1000),
            LatticeNoise.discreteGaussian(1e-9, 1),
            LatticeNoise.skellam(0, 1)
        }) {
            PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(Composition.of(noise, 1), 1e-6);
            double renyi = RenyiAccountant.create()
                    .epsilon(Composition.of(noise, 1), 1e-6)
                    .epsilon();

            assertEquals(0, epsilons.lower());
            assertTrue(epsilons.upper() == renyi || Math.abs(epsilons.upper() / renyi - 1) < 1e-8);
        }
    }

    private static double upper(LatticeNoise noise) {
        return ACCOUNTANT.epsilon(Composition.of(noise, 10), 1e-6).upper();
    }

    private static double delta(LatticeLaw law, int shift, double epsilon) {
        double sum = 0;
        for (int x = law.last(); x >= shift - law.last(); x--) {
            sum += Math.max(0, law.mass(x - shift) - Math.exp(epsilon) * law.mass(x));
        }
        return sum;
    }

    private static double divergence(LatticeLaw law, int shift, double order) {
        double sum = 0;
        for (int x = shift - law.last(); x <= law.last(); x++) {
            sum += law.mass(x) == 0
                    ? 0
                    : Math.exp(order * Math.log(law.mass(x - shift)) + (1 - order) * Math.log(law.mass(x)));
        }
        return Math.log(sum) / (order - 1);
    }

    private static BigDecimal weight(int k, double sigma) {
        BigDecimal s = new BigDecimal(sigma);
        return exp(new BigDecimal(-k * k).divide(s.multiply(s).multiply(BigDecimal.valueOf(2)), DIGITS));
    }

    /** By the series at x / 2^20. */
    private static BigDecimal exp(BigDecimal x) {
        MathContext more = new MathContext(70);
        BigDecimal small = x.divide(BigDecimal.valueOf(1 << 20), more);
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal term = BigDecimal.ONE;
        for (int i = 1; i < 30; i++) {
            term = term.multiply(small, more).divide(BigDecimal.valueOf(i), more);
            sum = sum.add(term, more);
        }
        for (int i = 0; i < 20; i++) {
            sum = sum.multiply(sum, more);
        }
        return sum;
    }
}
