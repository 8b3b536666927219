package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laplace noise and randomised response, whose losses are bounded, by their closed forms. */
class PureEventsTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();
    private static final MathContext DIGITS = new MathContext(60);

    /** 1 - e^((epsilon - 1/b) / 2). */
    @ParameterizedTest
    @CsvSource({"0.5, 0.1", "0.5, 1.5", "1, 0.5", "2, 0.3", "20, 0.01"})
    void knowsTheCurveOfLaplace(double b, double epsilon) {
        double exact = -Math.expm1((epsilon - 1 / b) / 2);
        Composition once = Composition.of(Laplace.unsampled(b), 1);

        assertEncloses(once, epsilon, exact);
    }

    /** REMOVE: q delta(ln(1 + (e^epsilon - 1)/q)); ADD: (1 - e^epsilon (1 - q)) delta(ln(e^epsilon q / (1 - e^epsilon (1 - q)))). */
    @ParameterizedTest
    @CsvSource({"0.5, 0.2, 0.1", "0.5, 0.2, 0.5", "1, 0.5, 0.2", "1, 0.9, 0.6", "3, 0.01, 0.001"})
    void knowsTheCurveOfSampledLaplace(double b, double q, double epsilon) {
        double e = Math.exp(epsilon);
        double removed = q * laplace(b, Math.log1p((e - 1) / q));
        double rest = 1 - e * (1 - q);
        double added = rest > 0 ? rest * laplace(b, Math.log(e * q / rest)) : 0;

        assertEncloses(Composition.of(Laplace.unsampled(b).poisson(q), 1), epsilon, Math.max(removed, added));
    }

    private static double laplace(double b, double epsilon) {
        return epsilon < 1 / b ? -Math.expm1((epsilon - 1 / b) / 2) : 0;
    }

    /** n answers among k: the sum of losses is epsilon times a whole number, whose law is convolved with 60 digits. */
    @ParameterizedTest
    @CsvSource({"2, 0.5, 1", "2, 0.5, 40", "2, 0.05, 300", "3, 1, 20", "10, 2, 12", "4, 0.01, 100"})
    void knowsTheCompositionOfRandomizedResponse(int answers, double epsilon, int n) {
        BigDecimal ratio = new BigDecimal(Math.exp(epsilon));
        BigDecimal lie = BigDecimal.ONE.divide(ratio.add(BigDecimal.valueOf(answers - 1L)), DIGITS);
        BigDecimal[] law = {BigDecimal.ONE};
        for (int i = 0; i < n; i++) {
            BigDecimal[] next = new BigDecimal[law.length + 2];
            Arrays.fill(next, BigDecimal.ZERO);
            for (int j = 0; j < law.length; j++) {
                next[j] = next[j].add(law[j].multiply(lie, DIGITS), DIGITS);
                next[j + 1] = next[j + 1].add(
                        law[j].multiply(lie.multiply(BigDecimal.valueOf(answers - 2L)), DIGITS), DIGITS);
                next[j + 2] = next[j + 2].add(law[j].multiply(lie.multiply(ratio), DIGITS), DIGITS);
            }
            law = next;
        }
        Composition composition = Composition.of(new RandomizedResponse(answers, epsilon), n);
        for (double share : new double[] {0.05, 0.3, 0.6}) {
            double at = share * n * epsilon;
            double exact = 0;
            for (int j = 0; j < law.length; j++) {
                exact += Math.max(0, law[j].doubleValue() * -Math.expm1(at - (j - n) * epsilon));
            }
            assertEncloses(composition, at, exact);
        }
    }

    @Test
    void withoutDeltaEpsilonIsTheSumOfTheLargestLosses() {
        Composition pure = Composition.of(Laplace.unsampled(2), 3)
                .plus(new RandomizedResponse(4, 0.25), 4)
                .plus(Laplace.unsampled(1).poisson(0.1), 2);
        double expected = 1.5 + 1 + 2 * Math.log1p(0.1 * Math.expm1(1));

        assertTrue(ACCOUNTANT.epsilon(pure, 0).contains(expected));
        assertEquals(expected, ACCOUNTANT.epsilon(pure, 0).upper(), 1e-8);
        assertEquals(expected, RenyiAccountant.create().epsilon(pure, 0).epsilon(), 1e-12);
        assertEquals(new PrivacyLossAccountant.Interval(0, 0), ACCOUNTANT.privacyDelta(pure, expected + 1e-6));
        assertTrue(ACCOUNTANT.epsilon(pure, 1e-12).upper() <= expected * (1 + 1e-9));
        assertEquals(
                Double.POSITIVE_INFINITY,
                ACCOUNTANT.epsilon(pure.plus(PrivacyEvent.unsampled(1)), 0).upper());
    }

    /** Divergences by sums over outcomes and small steps. */
    @ParameterizedTest
    @ValueSource(doubles = {1.3, 2, 2.5, 6, 40})
    void renyiBoundsTheDivergence(double order) {
        for (PrivacyEvent event : new PrivacyEvent[] {
            Laplace.unsampled(0.7),
            Laplace.unsampled(5),
            Laplace.unsampled(1).poisson(0.3),
            new RandomizedResponse(2, 0.4),
            new RandomizedResponse(7, 1.5)
        }) {
            double bound = event.rdp(order);
            for (EventLoss.Direction direction : EventLoss.Direction.values()) {
                double exact = divergence(EventLoss.of(event, direction), order);
                assertTrue(exact <= bound * (1 + 1e-6), () -> event + ": " + exact + " " + bound);
            }
            boolean isExact = !event.equals(Laplace.unsampled(1).poisson(0.3)) || order == Math.rint(order);
            double remove = divergence(EventLoss.of(event, EventLoss.Direction.REMOVE), order);
            assertTrue(!isExact || Math.abs(remove / bound - 1) < 1e-5, () -> event + ": " + remove + " " + bound);
        }
    }

    private static double divergence(EventLoss curve, double order) {
        int n = curve instanceof AtomLoss ? (int) curve.highest() : 300_000;
        double width = (curve.highest() - curve.lowest()) / n;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double v = curve.lowest() + (i + 0.5) * width;
            sum += curve.density(v) * width * Math.exp((order - 1) * (curve.loss(v) + curve.centre()));
        }
        return Math.log(sum) / (order - 1);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 0.5", "1e-300, 0.5", "1e300, 0.5", "1e300, 1", "0.001, 0.1", "1, 0", "1, 1e-300"})
    void answersAtTheExtremes(double b, double q) {
        Composition some = Composition.of(new Laplace(b, q), 3);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(some, 1e-6);
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(some, 1);

        assertTrue(epsilons.lower() >= 0 && epsilons.upper() >= epsilons.lower(), epsilons::toString);
        assertTrue(deltas.lower() >= 0 && deltas.upper() <= 1, deltas::toString);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 1e-9, 50, 900, 1e300})
    void randomizedResponseAnswersAtTheExtremes(double epsilon) {
        Composition some = Composition.of(new RandomizedResponse(3, epsilon), 3);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(some, 1e-6);

        assertTrue(epsilons.lower() >= 0 && epsilons.upper() <= 3 * epsilon * (1 + 1e-8), epsilons::toString);
        assertTrue(ACCOUNTANT.privacyDelta(some, 1).upper() <= 1);
    }

    private static void assertEncloses(Composition composition, double epsilon, double exact) {
        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(composition, epsilon);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(composition, exact);

        assertTrue(
                deltas.lower() <= exact * (1 + 1e-12) && deltas.upper() >= exact * (1 - 1e-12),
                () -> deltas + " " + exact);
        assertTrue(
                epsilons.lower() <= epsilon * (1 + 1e-12) && epsilons.upper() >= epsilon * (1 - 1e-12),
                () -> epsilons + " " + epsilon);
        assertTrue(epsilons.width() <= Math.max(1e-3 * epsilon, 5e-5), () -> epsilons + " " + epsilon);
    }
}
