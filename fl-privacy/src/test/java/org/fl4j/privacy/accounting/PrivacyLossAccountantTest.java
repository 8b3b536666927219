package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Known answers, add/remove adjacency: a discretised distribution with self-composition by FFT, both directions, Richardson
 * over three grids, checked against the exact Gaussian to 4e-8. They are right to 1e-5, with 20,000 rounds and more to 2e-5.
 */
class PrivacyLossAccountantTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();

    @ParameterizedTest
    @CsvSource({
        "0.04, 1.5, 2250, 1e-5, 6.76878",
        "0.01, 1, 1000, 1e-6, 2.12452",
        "0.001, 0.8, 1000, 1e-8, 0.99752",
        "0.01, 0.7, 120, 1e-5, 2.461238",
        "0.0025, 1.3, 6000, 1e-5, 0.64",
        "0.001, 0.8, 100, 1e-6, 0.260337",
        "0.001, 2, 100, 1e-6, 0.018916",
        "0.05, 0.8, 100, 1e-6, 6.730629",
        "0.05, 2, 100, 1e-6, 1.273559",
        "0.2, 0.8, 100, 1e-6, 24.32262",
        "0.2, 2, 100, 1e-6, 5.661788",
        "0.001, 0.8, 1000, 1e-6, 0.467683",
        "0.001, 2, 1000, 1e-6, 0.061139",
        "0.05, 0.8, 1000, 1e-6, 19.515031",
        "0.05, 2, 1000, 1e-6, 4.162606",
        "0.001, 0.8, 20000, 1e-6, 1.285923",
        "0.001, 2, 20000, 1e-6, 0.295801",
        "0.05, 1.5, 20000, 1e-6, 38.295514",
        "0.05, 3, 20000, 1e-6, 13.95061",
        "0.001, 1.5, 50000, 1e-6, 0.694172",
        "0.001, 3, 50000, 1e-6, 0.299658"
    })
    void enclosesTheTrueEpsilonAndDelta(double q, double z, long rounds, double delta, double epsilon) {
        Composition composition = Composition.of(event(z, q), rounds);
        double known = rounds >= 20_000 ? 2e-5 : 1e-5;

        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(composition, delta);
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(composition, epsilon);

        assertTrue(epsilons.lower() <= epsilon + known && epsilons.upper() >= epsilon - known, epsilons.toString());
        assertTrue(epsilons.width() <= 1e-3 * Math.max(1, epsilons.lower()), epsilons.toString());
        assertTrue(deltas.contains(delta), deltas.toString());
        assertTrue(deltas.width() <= 0.02 * deltas.lower(), deltas.toString());
        assertTrue(epsilons.upper()
                <= RenyiAccountant.create().epsilon(composition, delta).epsilon());
    }

    /** Sampled with all but certainty, so that the transform is taken, is the exact Gaussian; down to where doubles end. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1e-5",
        "10, 100, 1e-5",
        "1, 1, 0.3",
        "50, 100, 1e-9",
        "10, 100, 1e-60",
        "5, 10, 1e-290",
        "0.1, 4, 1e-6"
    })
    void enclosesTheExactGaussian(double z, long rounds, double delta) {
        Composition composition = Composition.of(event(z, Math.nextDown(1.0)), rounds);
        double epsilon =
                AnalyticGaussian.ofSigma(z / Math.sqrt((double) rounds)).epsilon(delta);

        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(composition, delta);
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(composition, epsilon);

        assertTrue(epsilons.contains(epsilon), epsilons + " " + epsilon);
        assertTrue(epsilons.width() <= 1e-3 * epsilon, epsilons.toString());
        assertTrue(deltas.contains(delta), deltas.toString());
    }

    /** Releases to which everybody contributes are one Gaussian with 1/z^2 = sum 1/z_j^2. */
    @Test
    void answersByTheExactGaussianWhereItCan() {
        Composition composition = Composition.of(PrivacyEvent.unsampled(4), 16)
                .plus(event(2, 1), 4)
                .plus(event(1, 0), 9);

        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(composition, 1e-5);

        double exact = AnalyticGaussian.ofSigma(1 / Math.sqrt(2)).epsilon(1e-5);
        assertTrue(epsilons.contains(exact) && epsilons.width() < 1e-10, epsilons.toString());
        assertTrue(ACCOUNTANT
                .privacyDelta(composition, 2)
                .contains(AnalyticGaussian.ofSigma(1 / Math.sqrt(2)).privacyDelta(2)));
    }

    @Test
    void answersAtTheEnds() {
        PrivacyLossAccountant.Interval none = new PrivacyLossAccountant.Interval(0, 0);
        PrivacyLossAccountant.Interval infinite =
                new PrivacyLossAccountant.Interval(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        Composition some = Composition.of(event(1, 0.01), 10);

        assertEquals(none, ACCOUNTANT.epsilon(Composition.empty(), 0));
        assertEquals(none, ACCOUNTANT.epsilon(Composition.of(event(0, 0), 5), 1e-5));
        assertEquals(none, ACCOUNTANT.privacyDelta(Composition.empty(), 0));
        assertEquals(none, ACCOUNTANT.epsilon(some, 0.9));
        assertEquals(infinite, ACCOUNTANT.epsilon(some, 0));
        assertEquals(infinite, ACCOUNTANT.epsilon(some.plus(event(0, 1)), 1e-5));
        assertEquals(1, ACCOUNTANT.privacyDelta(some.plus(event(0, 1)), 5).upper());
        assertTrue(ACCOUNTANT.privacyDelta(some, 1e6).upper() > 0);
    }

    /** Without noise a sampled contributor is revealed with probability q: at 3 rounds 1 - .9^3 = .271. */
    @Test
    void staysRightWhereNoiseIsTooLittleForAGrid() {
        Composition bare = Composition.of(event(0, 0.1), 3);
        Composition little = Composition.of(event(0.01, 0.1), 3);

        assertTrue(ACCOUNTANT.privacyDelta(bare, 1).contains(0.271));
        assertEquals(Double.POSITIVE_INFINITY, ACCOUNTANT.epsilon(bare, 1e-5).upper());
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(little, 1e-5);
        assertTrue(
                epsilons.lower() > 6000 && epsilons.upper() < 16_000 && epsilons.width() > 1000, epsilons.toString());
    }

    private static SampledGaussian event(double z, double q) {
        return PrivacyEvent.unsampled(z).poisson(q);
    }
}
