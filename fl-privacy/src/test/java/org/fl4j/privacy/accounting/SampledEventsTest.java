package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of fixed size and mixtures of sensitivities. */
class SampledEventsTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();

    /** gamma delta_z(ln(1 + (e^epsilon - 1)/gamma)), Balle, Barthe, Gaboardi. */
    @ParameterizedTest
    @CsvSource({"1, 1, 10, 0.5", "0.5, 3, 10, 1", "2, 1, 100, 0.02", "8, 1, 2, 0.1", "1, 9, 10, 2"})
    void knowsTheCurveOfFixedBatches(double z, int batch, int population, double epsilon) {
        double gamma = (double) batch / population;
        double exact = gamma * AnalyticGaussian.ofSigma(z).privacyDelta(Math.log1p(Math.expm1(epsilon) / gamma));
        Composition once = Composition.of(new GaussianWithoutReplacement(z, batch, population), 1);

        assertTrue(ACCOUNTANT.privacyDelta(once, epsilon).contains(exact));
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(once, exact);
        assertTrue(epsilons.contains(epsilon), () -> epsilons + " " + epsilon);
        assertTrue(epsilons.width() <= Math.max(1e-3 * epsilon, 5e-5), epsilons::toString);
    }

    /** Two releases, by a sum over pairs of small cells of each, whose merging lowers delta by little. */
    @ParameterizedTest
    @CsvSource({"1, 1, 10, 0.5", "0.7, 3, 10, 1.5"})
    void composesFixedBatches(double z, int batch, int population, double epsilon) {
        PrivacyEvent event = new GaussianWithoutReplacement(z, batch, population);
        double pairs = deltaOfTwo(EventLoss.of(event, EventLoss.Direction.REMOVE), epsilon);
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(Composition.of(event, 2), epsilon);

        assertEquals(pairs, deltas.upper(), 0.02 * pairs);
        assertTrue(pairs <= deltas.upper() * (1 + 1e-3), () -> deltas + " " + pairs);
        double poisson = ACCOUNTANT
                .privacyDelta(
                        Composition.of(PrivacyEvent.unsampled(z).poisson((double) batch / population), 2), epsilon)
                .lower();
        assertTrue(deltas.upper() >= poisson, "it has the losses above 0 of the Poisson sample");
    }

    @Test
    void theWholePopulationIsNoSample() {
        Composition whole = Composition.of(new GaussianWithoutReplacement(2, 10, 10), 7);
        Composition gaussian = Composition.of(PrivacyEvent.unsampled(2), 7);

        assertEquals(ACCOUNTANT.epsilon(gaussian, 1e-6), ACCOUNTANT.epsilon(whole, 1e-6));
        assertEquals(
                new PrivacyLossAccountant.Interval(0, 0),
                ACCOUNTANT.epsilon(Composition.of(new GaussianWithoutReplacement(0, 0, 10), 7), 0));
    }

    @Test
    void aMixtureOfNothingAndOneIsAPoissonSample() {
        Composition mixture = Composition.of(GaussianMixture.of(1.1, Map.of(0.0, 0.95, 1.0, 0.05)), 200);
        Composition poisson = Composition.of(PrivacyEvent.unsampled(1.1).poisson(0.05), 200);
        PrivacyLossAccountant.Interval ofMixture = ACCOUNTANT.epsilon(mixture, 1e-6);
        PrivacyLossAccountant.Interval ofPoisson = ACCOUNTANT.epsilon(poisson, 1e-6);

        assertTrue(ofMixture.lower() <= ofPoisson.upper() && ofPoisson.lower() <= ofMixture.upper());
        assertTrue(ofMixture.width() <= 1e-3 * ofMixture.upper(), ofMixture::toString);
    }

    /** In both directions, at the u where the loss is epsilon. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 2})
    void knowsTheCurveOfAMixture(double epsilon) {
        GaussianMixture mixture = GaussianMixture.of(0.8, Map.of(0.0, 0.5, 1.0, 0.3, 2.0, 0.2));
        EventLoss remove = EventLoss.of(mixture, EventLoss.Direction.REMOVE);
        EventLoss add = EventLoss.of(mixture, EventLoss.Direction.ADD);
        double exact = Math.max(delta(remove, epsilon), delta(add, epsilon));
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(Composition.of(mixture, 1), epsilon);

        assertTrue(deltas.contains(exact), () -> deltas + " " + exact);
    }

    private static double delta(EventLoss curve, double epsilon) {
        double v = curve.at(epsilon - curve.centre());
        return Double.isInfinite(v) ? 0 : curve.above(v) - Math.exp(epsilon) * curve.aboveUnderOther(v);
    }

    /** More mass on larger sensitivities reveals more. */
    @Test
    void mixturesAreMonotone() {
        double middle = upper(Map.of(0.0, 0.9, 1.0, 0.1));

        assertTrue(upper(Map.of(0.0, 0.89, 1.0, 0.11)) > middle);
        assertTrue(upper(Map.of(0.0, 0.9, 1.1, 0.1)) > middle);
        assertTrue(upper(Map.of(0.0, 0.9, 0.9, 0.1)) < middle);
        assertTrue(upper(Map.of(0.0, 0.9, 0.5, 0.05, 1.0, 0.05)) < middle);
    }

    private static double upper(Map<Double, Double> probabilities) {
        return ACCOUNTANT
                .epsilon(Composition.of(GaussianMixture.of(1, probabilities), 100), 1e-6)
                .upper();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.3, 2, 5, 12})
    void renyiBoundsTheDivergence(double order) {
        for (PrivacyEvent event : new PrivacyEvent[] {
            new GaussianWithoutReplacement(1, 1, 10),
            new GaussianWithoutReplacement(4, 1, 2),
            GaussianMixture.of(1, Map.of(0.0, 0.5, 1.0, 0.3, 2.0, 0.2)),
            GaussianMixture.of(3, Map.of(0.5, 0.4, 1.5, 0.6))
        }) {
            for (EventLoss.Direction direction : EventLoss.Direction.values()) {
                double exact = divergence(EventLoss.of(event, direction), order);
                assertTrue(exact <= event.rdp(order) * (1 + 1e-6), () -> event + ": " + exact + " " + event.rdp(order));
            }
        }
    }

    private static double divergence(EventLoss curve, double order) {
        int n = 200_000;
        double from = curve.lowest();
        double width = (curve.highest() + 40 - from) / n;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double v = from + (i + 0.5) * width;
            double log = Math.log(curve.density(v)) + (order - 1) * (curve.loss(v) + curve.centre());
            sum += Math.exp(log) * width;
        }
        return Math.log(sum) / (order - 1);
    }

    private static double deltaOfTwo(EventLoss curve, double epsilon) {
        int n = 3000;
        double width = 18.0 / n;
        double[] p = new double[n];
        double[] q = new double[n];
        for (int i = 0; i < n; i++) {
            p[i] = curve.above(-9 + i * width) - curve.above(-9 + (i + 1) * width);
            q[i] = curve.aboveUnderOther(-9 + i * width) - curve.aboveUnderOther(-9 + (i + 1) * width);
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                sum += Math.max(0, p[i] * p[j] - Math.exp(epsilon) * q[i] * q[j]);
            }
        }
        return sum;
    }

    @Test
    void differentNeighboursDoNotCompose() {
        Composition fixed = Composition.of(new GaussianWithoutReplacement(1, 1, 10), 3)
                .plus(PrivacyEvent.unsampled(2))
                .plus(new RandomizedResponse(2, 0.1));
        PrivacyEvent poisson = PrivacyEvent.unsampled(1).poisson(0.1);

        assertEquals(Adjacency.SUBSTITUTION, fixed.adjacency());
        assertEquals(
                "a composition must hold events of one adjacency: releases before are about SUBSTITUTION, but"
                        + " SampledGaussian[noiseMultiplier=1.0, samplingProbability=0.1] is about ZERO_OUT; sample without"
                        + " replacement in all of its sampled releases, or in none",
                assertThrows(IllegalArgumentException.class, () -> fixed.plus(poisson))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class, () -> Composition.of(poisson, 1).plus(fixed));
        assertEquals(
                Adjacency.ZERO_OUT,
                Composition.of(poisson, 1).plus(PrivacyEvent.unsampled(1)).adjacency());
        assertEquals(
                Adjacency.EITHER, Composition.of(PrivacyEvent.unsampled(1), 1).adjacency());
        assertTrue(ACCOUNTANT.epsilon(fixed, 1e-6).upper() < 10);
    }

    /** Every kind beside every other. */
    @Test
    void allKindsCompose() {
        Composition all = Composition.of(PrivacyEvent.unsampled(4).poisson(0.1), 20)
                .plus(PrivacyEvent.unsampled(5), 2)
                .plus(new NearGaussian(6, 0.001), 3)
                .plus(LatticeNoise.skellam(100, 2), 4)
                .plus(LatticeNoise.discreteGaussian(3, 1).ofParties(4), 2)
                .plus(Laplace.unsampled(4).poisson(0.2), 5)
                .plus(new RandomizedResponse(3, 0.2), 2)
                .plus(GaussianMixture.of(3, Map.of(0.0, 0.5, 1.0, 0.5)), 3);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(all, 1e-6);
        double renyi = RenyiAccountant.create().epsilon(all, 1e-6).epsilon();
        double part = ACCOUNTANT
                .epsilon(Composition.of(PrivacyEvent.unsampled(5), 2).plus(LatticeNoise.skellam(100, 2), 4), 1e-6)
                .lower();

        assertTrue(epsilons.upper() <= renyi * (1 + 1e-9) && epsilons.lower() > part, epsilons::toString);
        assertTrue(epsilons.width() <= 1e-2 * epsilons.upper(), epsilons::toString);
        assertTrue(
                ACCOUNTANT
                                .epsilon(all.plus(PrivacyEvent.unsampled(0.001)), 1e-6)
                                .upper()
                        > 1000,
                "too little noise for a grid");
    }
}
