package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.fl4j.privacy.accounting.ConvolutionWindow.TiltedSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivacyLossLawsTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();

    /** Several events of random z in [.37, 7.4] and q in [.001, 1], up to 300 times each. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void ofAMixtureLiesBelowRenyiAndAboveEachPart(long seed) {
        Random random = new Random(seed);
        Composition composition = Composition.empty();
        double largest = 0;
        double delta = Math.pow(10, -1 - random.nextInt(9));
        for (int i = 0; i < 3; i++) {
            double q = random.nextInt(5) == 0 ? 1 : Math.exp(-7 * random.nextDouble());
            PrivacyEvent event = event(Math.exp(3 * random.nextDouble() - 1), q);
            int times = 1 + random.nextInt(300);
            composition = composition.plus(event, times);
            largest = Math.max(
                    largest,
                    ACCOUNTANT.epsilon(Composition.of(event, times), delta).lower());
        }

        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(composition, delta);

        assertTrue(epsilons.upper() >= largest);
        assertTrue(epsilons.lower()
                <= RenyiAccountant.create().epsilon(composition, delta).epsilon());
        assertTrue(epsilons.upper()
                <= RenyiAccountant.create().epsilon(composition, delta).epsilon() * (1 + 1e-9));
        assertTrue(epsilons.width() <= 1e-3 * Math.max(1, epsilons.upper()), epsilons.toString());
        assertTrue(ACCOUNTANT.privacyDelta(composition, epsilons.upper()).lower() <= delta);
        assertTrue(ACCOUNTANT.privacyDelta(composition, epsilons.lower()).upper() >= delta * (1 - 1e-9));
    }

    /** A sampled and an unsampled Gaussian beside each other: with q all but 1 the sum law gives the exact answer. */
    @Test
    void ofGaussiansIsThatOfOne() {
        Composition mixed = Composition.of(event(20, Math.nextDown(1.0)), 100)
                .plus(event(10, Math.nextDown(1.0)), 25)
                .plus(PrivacyEvent.unsampled(2), 1);
        double exact = AnalyticGaussian.ofSigma(1 / Math.sqrt(0.75)).epsilon(1e-6);

        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(mixed, 1e-6);

        assertTrue(epsilons.contains(exact), epsilons + " " + exact);
    }

    @Test
    void doesNotDependOnHowEventsAreCharged() {
        Composition atOnce = Composition.of(event(1, 0.05), 64).plus(event(2, 0.1), 10);
        Composition oneByOne = Composition.of(event(2, 0.1), 10);
        for (int i = 0; i < 64; i++) {
            oneByOne = oneByOne.plus(event(1, 0.05));
        }

        assertEquals(ACCOUNTANT.epsilon(atOnce, 1e-6), ACCOUNTANT.epsilon(oneByOne, 1e-6));
    }

    @Test
    void growsWithRoundsAndSamplingAndShrinksWithNoiseAndDelta() {
        double middle = upper(1, 0.02, 300, 1e-6);

        assertTrue(upper(1, 0.02, 330, 1e-6) > middle && upper(1, 0.02, 270, 1e-6) < middle);
        assertTrue(upper(1, 0.022, 300, 1e-6) > middle && upper(1, 0.018, 300, 1e-6) < middle);
        assertTrue(upper(1.1, 0.02, 300, 1e-6) < middle && upper(0.9, 0.02, 300, 1e-6) > middle);
        assertTrue(upper(1, 0.02, 300, 1e-5) < middle && upper(1, 0.02, 300, 1e-7) > middle);
    }

    /**
     * One round, by hand: without the contributor x is N(0, 1) in units of the noise, with it the mixture; the loss is ln(1 - q +
     * q e^t), t = x/z - 1/(2 z^2), so it exceeds epsilon above (removed) or below (added) some x. At q = .3, z = .9.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.2, 0.3})
    void knowsBothDirectionsOfOneRound(double epsilon) {
        double q = 0.3;
        double z = 0.9;
        double up = z * Math.log1p(Math.expm1(epsilon) / q) + 0.5 / z;
        double down = z * Math.log1p(Math.expm1(-epsilon) / q) + 0.5 / z;
        double removed = (1 - q - Math.exp(epsilon)) * NormalTail.upper(up) + q * NormalTail.upper(up - 1 / z);
        double added = (1 - Math.exp(epsilon) * (1 - q)) * NormalTail.upper(-down)
                - Math.exp(epsilon) * q * NormalTail.upper(1 / z - down);
        Composition once = Composition.of(event(z, q), 1);

        PrivacyLossAccountant.Interval whenRemoved = deltas(
                new CompositionLoss(EventLoss.Counted.of(once, EventLoss.Direction.REMOVE), 1e-12, epsilon), epsilon);
        PrivacyLossAccountant.Interval whenAdded = deltas(
                new CompositionLoss(EventLoss.Counted.of(once, EventLoss.Direction.ADD), 1e-12, epsilon), epsilon);

        assertTrue(whenRemoved.contains(removed) && whenRemoved.width() < 1e-3, whenRemoved + " " + removed);
        assertTrue(whenAdded.contains(added) && whenAdded.width() < 1e-3, whenAdded + " " + added);
    }

    /** On finer grids both ends close in; every interval holds the true value, so each two overlap. */
    @Test
    void narrowsAsTheGridIsRefined() {
        for (EventLoss.Direction direction : EventLoss.Direction.values()) {
            Composition composition = Composition.of(event(0.9, 0.03), 200);
            CompositionLoss loss = new CompositionLoss(EventLoss.Counted.of(composition, direction), 1e-13, 10);
            TiltedSupport support = loss.support(loss.tiltFor(1e-6));
            PrivacyLossAccountant.Interval coarse = epsilons(loss, support.window(loss.step(support.theta(), 8)));
            PrivacyLossAccountant.Interval fine = epsilons(loss, support.window(loss.step(support.theta(), 64)));

            assertTrue(coarse.lower() <= fine.lower() && fine.upper() <= coarse.upper(), coarse + " " + fine);
            assertTrue(fine.width() < coarse.width() / 16, coarse + " " + fine);
        }
    }

    /** Connecting the dots keeps both masses, merging keeps what it does not drop. */
    @Test
    void discretisesWithoutLosingMass() {
        EventLoss curve = EventLoss.of(event(0.7, 0.05), EventLoss.Direction.REMOVE);
        BinnedLoss cells = BinnedLoss.of(curve, 0.005, curve.withBelow(1e-12), curve.withAbove(1e-12));
        DiscretizedLoss above = DiscretizedLoss.pessimistic(cells, 0.01);
        DiscretizedLoss below = DiscretizedLoss.optimistic(cells, 0.01, 2);

        assertEquals(1, Math.exp(above.logMoment(0)), 1e-11);
        assertEquals(1, Math.exp(below.logMoment(0)), 1e-11);
        assertEquals(1, Math.exp(above.logMoment(-1) - above.offset()), 1e-11);
        double exact = 2 * RenyiAccountant.rdp(event(0.7, 0.05), 3);
        double fromAbove = above.logMoment(2) + 2 * above.offset();
        double fromBelow = below.logMoment(2) + 2 * below.offset();
        assertTrue(fromBelow < exact && exact < fromAbove);
        assertEquals(fromBelow, fromAbove, 1e-3);
    }

    private static PrivacyLossAccountant.Interval deltas(CompositionLoss loss, double epsilon) {
        TiltedSupport support = loss.support(loss.tiltAt(epsilon));
        ConvolutionWindow window = support.window(loss.step(support.theta(), 64));
        return new PrivacyLossAccountant.Interval(
                loss.binned(window).optimistic().deltaAtLeast(epsilon),
                loss.binned(window).pessimistic().deltaAtMost(epsilon));
    }

    private static PrivacyLossAccountant.Interval epsilons(CompositionLoss loss, ConvolutionWindow window) {
        return new PrivacyLossAccountant.Interval(
                loss.binned(window).optimistic().epsilonAtLeast(1e-6),
                loss.binned(window).pessimistic().epsilonAtMost(1e-6));
    }

    private static double upper(double z, double q, long rounds, double delta) {
        return ACCOUNTANT.epsilon(Composition.of(event(z, q), rounds), delta).upper();
    }

    private static SampledGaussian event(double z, double q) {
        return PrivacyEvent.unsampled(z).poisson(q);
    }

    /** Where cells are smooth, masses by losses are those by v; both are compared with differences of tails. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 0.01, 0.3, 0.97})
    void cellsHoldTheMassBetweenTheirEnds(double q) {
        int smooth = 0;
        for (EventLoss.Direction direction : EventLoss.Direction.values()) {
            EventLoss curve = EventLoss.of(event(0.8, q), direction);
            double width = 1e-3;
            BinnedLoss cells = BinnedLoss.of(curve, width, curve.withBelow(1e-12), curve.withAbove(1e-12));
            for (int i = 1; i < cells.count() - 1; i++) {
                double low = curve.at((cells.first() + i) * width);
                double high = curve.at((cells.first() + i + 1) * width);
                double loss = (cells.first() + i) * width + curve.centre();
                boolean isSmooth = curve.isSmooth(loss, Math.exp(loss), width);
                smooth += isSmooth ? 1 : 0;
                double mass = curve.above(low) - curve.above(high);
                double other = curve.aboveUnderOther(low) - curve.aboveUnderOther(high);
                double lost = 1e-15 * (1 + Math.exp(loss));
                assertEquals(mass, cells.mass(i), 1e-11 * mass + 1e-15);
                assertEquals(mass - Math.exp(loss) * other, cells.rise(i), 1e-11 * mass + lost);
            }
        }
        assertTrue(smooth > 100, "smooth cells: " + smooth);
    }
}
