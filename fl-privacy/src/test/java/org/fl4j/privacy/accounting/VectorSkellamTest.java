package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Known answers: the exact divergence of one coordinate in 40-digit arithmetic from {@code e^-mu I_k(mu)}, and the bound of Agarwal, Kairouz,
 * Liu by hand.
 */
class VectorSkellamTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();

    @ParameterizedTest
    @CsvSource({"10, 1, 2, 0.0996544384535425, 0.1225", "100, 5, 4, 0.496328388992148, 0.505125"})
    void knowsTheBoundAndWhatItBounds(double mu, int shift, double order, double exact, double bound) {
        assertEquals(bound, RenyiAccountant.rdp(new VectorSkellam(mu, shift, shift), order), 1e-15);
        assertEquals(exact, divergence(mu, shift, order), 1e-12);
    }

    /** Of one coordinate at whole orders and between them, where the bound is a chord of a convex function. */
    @ParameterizedTest
    @ValueSource(doubles = {1.001, 1.5, 2, 2.5, 3, 7.9, 16, 33})
    void isAtLeastTheDivergenceOfOneCoordinate(double order) {
        for (double mu : new double[] {0.5, 2, 10, 100, 400}) {
            for (int shift : new int[] {1, 2, 5, 12}) {
                double exact = divergence(mu, shift, order);
                double bound = RenyiAccountant.rdp(new VectorSkellam(mu, shift, shift), order);

                assertTrue(exact <= bound * (1 + 1e-12), () -> "mu " + mu + ": " + exact + " " + bound);
            }
        }
    }

    /** Divergences of independent coordinates add up: (3, 2, 2, 1, 1) has D1 = 9 and D2^2 = 19. */
    @ParameterizedTest
    @ValueSource(doubles = {2, 3, 11})
    void isAtLeastTheDivergenceOfAVector(double order) {
        for (double mu : new double[] {3, 20, 200}) {
            double exact = divergence(mu, 3, order) + 2 * divergence(mu, 2, order) + 2 * divergence(mu, 1, order);

            assertTrue(exact <= RenyiAccountant.rdp(new VectorSkellam(mu, 9, Math.sqrt(19)), order));
        }
    }

    /** With much noise it is the Gaussian of noise multiplier sqrt(mu) / D2. */
    @Test
    void nearsTheGaussian() {
        VectorSkellam fine = new VectorSkellam(0x1p40, 0x1p22, 0x1p20);
        for (double order : new double[] {2, 5, 32}) {
            assertEquals(RenyiAccountant.rdp(PrivacyEvent.unsampled(1), order), RenyiAccountant.rdp(fine, order), 1e-4);
        }
    }

    @Test
    void isCertifiedByRenyiAboveAndTheOthersBelow() {
        Composition skellam = Composition.of(new VectorSkellam(4e4, 200, 100), 5);
        Composition oneCoordinate = Composition.of(LatticeNoise.skellam(4e4, 100), 5);
        Composition gaussian = Composition.of(PrivacyEvent.unsampled(1).poisson(0.01), 500);
        Composition both = skellam.plus(gaussian);

        PrivacyLossAccountant.Interval alone = ACCOUNTANT.epsilon(skellam, 1e-6);
        PrivacyLossAccountant.Interval together = ACCOUNTANT.epsilon(both, 1e-6);

        assertEquals(ACCOUNTANT.epsilon(oneCoordinate, 1e-6).lower(), alone.lower());
        assertTrue(alone.width() < 0.1 * alone.upper(), alone::toString);
        assertEquals(RenyiAccountant.create().epsilon(skellam, 1e-6).epsilon(), alone.upper(), 1e-8 * alone.upper());
        assertEquals(ACCOUNTANT.epsilon(oneCoordinate.plus(gaussian), 1e-6).lower(), together.lower());
        assertEquals(RenyiAccountant.create().epsilon(both, 1e-6).epsilon(), together.upper(), 1e-8 * together.upper());
        assertEquals(1e-6, ACCOUNTANT.privacyDelta(both, together.upper()).upper(), 1e-9);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1",
        "1e-300, 1, 1",
        "1e300, 1e300, 1e300",
        "1e300, 1, 1",
        "1e-308, 1e308, 1e308",
        "1e-200, 1e-200, 1e-200"
    })
    void answersAtTheExtremes(double mu, double l1, double l2) {
        Composition skellam = Composition.of(new VectorSkellam(mu, l1, l2), 3);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(skellam, 1e-6);
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(skellam, 1);

        assertTrue(epsilons.lower() >= 0 && epsilons.upper() > 0, epsilons::toString);
        assertTrue(deltas.upper() > 0 && deltas.upper() <= 1, deltas::toString);
        assertTrue(mu > 0 || Double.isInfinite(epsilons.upper()));
        assertTrue(RenyiAccountant.rdp(skellam, 1.5) > 0);
    }

    @Test
    void revealsNothingWithoutContribution() {
        Composition nothing = Composition.of(new VectorSkellam(0, 0, 0), 3).plus(new VectorSkellam(1, 0, 2));

        assertEquals(new PrivacyLossAccountant.Interval(0, 0), ACCOUNTANT.epsilon(nothing, 0));
        assertEquals(0, RenyiAccountant.create().epsilon(nothing, 0).epsilon());
    }

    /** The sum over k of p(k - shift)^order p(k)^(1 - order), p(k) = e^-mu I_k(mu) by its series, all terms positive. */
    private static double divergence(double mu, int shift, double order) {
        int n = (int) Math.ceil(40 + 12 * Math.sqrt(mu) * Math.sqrt(order) + 2 * shift * order);
        double[] log = new double[n + shift + 1];
        for (int k = 0; k < log.length; k++) {
            log[k] = logMass(mu, k);
        }
        double[] terms = new double[2 * n + 1];
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = -n; k <= n; k++) {
            terms[n + k] = order * log[Math.abs(k - shift)] + (1 - order) * log[Math.abs(k)];
            largest = Math.max(largest, terms[n + k]);
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - largest);
        }
        return (largest + Math.log(sum)) / (order - 1);
    }

    private static double logMass(double mu, int k) {
        double first = k * Math.log(mu / 2) - mu;
        for (int j = 2; j <= k; j++) {
            first -= Math.log(j);
        }
        double term = 1;
        double sum = 1;
        double scale = 0;
        for (int j = 1; j < 4 * mu + 60; j++) {
            term *= mu * mu / 4 / j / (j + k);
            sum += term;
            if (sum > 1e200) {
                sum *= 1e-200;
                term *= 1e-200;
                scale += 200 * Math.log(10);
            }
        }
        return first + scale + Math.log(sum);
    }
}
