package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Known answers of Mironov, Talwar, Zhang's moment: quadrature with mpmath at 40 digits, the definition's integral. A widely
 * used implementation drops the sign of the binomial at fractional orders and is up to 3.2 % too high there.
 */
class RenyiAccountantTest {

    /** 1 + x/10 for x in 1..99, 11..63, 128, 256, 512, 1024: those of the known epsilons. */
    private static final double[] ORDERS = DoubleStream.concat(
                    IntStream.rangeClosed(1, 99).mapToDouble(x -> 1 + x / 10.0),
                    DoubleStream.concat(
                            IntStream.rangeClosed(11, 63).asDoubleStream(), DoubleStream.of(128, 256, 512, 1024)))
            .toArray();

    @ParameterizedTest
    @CsvSource({
        "0.01, 1, 2, 1.718134220745479e-4",
        "0.01, 1, 8, 8.936439076060318e-4",
        "0.2, 2, 4.8, 0.03133567152680194",
        "0.1, 0.5, 1.7, 0.2189844503272607"
    })
    void knowsTheDivergenceOfOneRound(double q, double z, double order, double expected) {
        assertClose(expected, RenyiAccountant.rdp(event(z, q), order), 1e-13);
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, 6.5007089718804e-4",
        "2.5, 0.00108541805691812",
        "5, 0.00218075656230788",
        "50, 0.0238460375387062",
        "100, 167.416307548418"
    })
    void addsUpOverRounds(double order, double expected) {
        assertClose(expected, RenyiAccountant.rdp(Composition.of(event(2.5, 0.01), 50), order), 1e-13);
    }

    /** ln A of 1e-9 would lose seven digits as the logarithm of A. */
    @ParameterizedTest
    @CsvSource({
        "1e-6, 1, 27, 8.7695113048485e-10",
        "0.001, 1, 2, 1.71828035221452e-6",
        "0.01, 10, 20, 1.9129699912843e-4",
        "0.1, 100, 20.5, 1.99918184580683e-4"
    })
    void losesNoDigitsWhereTheMomentIsNearlyOne(double q, double z, double order, double expected) {
        assertClose(expected, (order - 1) * RenyiAccountant.rdp(event(z, q), order), 1e-13);
    }

    /** At integer orders A is a finite sum of positive terms; A - 1 = sum over k >= 2 of binomial q^k (1-q)^(n-k) (e^.. - 1). */
    @ParameterizedTest
    @CsvSource({
        "0.3, 0.2, 3",
        "0.05, 0.6, 2",
        "0.9, 0.1, 4",
        "1e-7, 0.2, 6",
        "0.5, 30, 40",
        "0.999, 1, 12",
        "1e-3, 3, 300"
    })
    void isTheBinomialSumAtIntegerOrders(double q, double z, int order) {
        double logTerm = 0;
        double sum = 0;
        double scale = order * (order - 1.0) / (2 * z * z) > 600 ? order * (order - 1.0) / (2 * z * z) - 600 : 0;
        for (int k = 1; k <= order; k++) {
            logTerm += Math.log((order - k + 1.0) / k);
            double exponent = k * (k - 1.0) / (2 * z * z);
            double weight = logTerm + k * Math.log(q) + (order - k) * Math.log1p(-q);
            sum += Math.exp(weight + exponent - scale) * -Math.expm1(-exponent);
        }
        double expected = scale == 0 ? Math.log1p(sum) : scale + Math.log(sum);

        assertClose(expected / (order - 1), RenyiAccountant.rdp(event(z, q), order), 1e-11);
    }

    /** The first two: 60,000 examples in batches of 150, 15 epochs; 100,000 in batches of 100, 30 epochs. */
    @ParameterizedTest
    @CsvSource({
        "0.0025, 1.3, 6000, 1e-5, 0.7242234026109595, 19",
        "0.001, 1, 30000, 1e-7, 1.4154988495444842, 13",
        "0.04, 1.5, 2250, 1e-5, 7.32911117143, 3.9",
        "1, 0.7, 2, 1e-5, 10.860203573969253, 3.3",
        "0.01, 0.7, 120, 1e-5, 3.2391921939131283, 4.4"
    })
    void findsEpsilonAndItsOrder(double q, double z, long rounds, double delta, double epsilon, double order) {
        Composition composition = Composition.of(event(z, q), rounds);

        RenyiAccountant.Epsilon onTheList = RenyiAccountant.withOrders(ORDERS).epsilon(composition, delta);
        RenyiAccountant.Epsilon onAll = RenyiAccountant.create().epsilon(composition, delta);

        assertClose(epsilon, onTheList.epsilon(), 1e-11);
        assertEquals(order, onTheList.order());
        assertTrue(onAll.epsilon() <= epsilon * (1 + 1e-6), onAll.toString());
        assertEquals(order, onAll.order(), 0.1 * order);
    }

    /** Two segments of one sample: one event, 6.09; charged as two samples, 3.25. */
    @Test
    void countsSegmentsOfOneSampleAsOneRelease() {
        RenyiAccountant accountant = RenyiAccountant.withOrders(ORDERS);
        Composition joint = Composition.of(PrivacyEvent.joint(1, 1).poisson(0.01), 1000);
        Composition wronglySeparate = Composition.of(event(1, 0.01), 2000);

        assertClose(6.092748698795745, accountant.epsilon(joint, 1e-6).epsilon(), 1e-12);
        assertEquals(3.8, accountant.epsilon(joint, 1e-6).order());
        assertClose(
                3.2464524898824982, accountant.epsilon(wronglySeparate, 1e-6).epsilon(), 1e-12);
    }

    @Test
    void findsTheDeltaOfItsOwnEpsilon() {
        for (double delta : new double[] {1e-3, 1e-6, 1e-12, 1e-200}) {
            Composition composition = Composition.of(event(1.1, 0.02), 500).plus(event(4, 1), 3);
            double epsilon =
                    RenyiAccountant.create().epsilon(composition, delta).epsilon();

            assertClose(delta, RenyiAccountant.create().privacyDelta(composition, epsilon), 1e-3);
        }
    }

    @Test
    void answersWithoutReleaseAndWithoutNoise() {
        RenyiAccountant accountant = RenyiAccountant.create();
        Composition nothing = Composition.of(event(0, 0), 7);
        Composition noiseless = nothing.plus(event(0, 0.01));
        Composition usual = nothing.plus(event(1, 0.01));

        assertEquals(new RenyiAccountant.Epsilon(0, Double.POSITIVE_INFINITY), accountant.epsilon(nothing, 0));
        assertEquals(
                new RenyiAccountant.Epsilon(0, Double.POSITIVE_INFINITY),
                accountant.epsilon(Composition.empty(), 1e-5));
        assertEquals(0, accountant.privacyDelta(nothing, 0));
        assertEquals(
                Double.POSITIVE_INFINITY, accountant.epsilon(noiseless, 1e-5).epsilon());
        assertEquals(1, accountant.privacyDelta(noiseless, 1));
        assertEquals(Double.POSITIVE_INFINITY, accountant.epsilon(usual, 0).epsilon());
        assertTrue(accountant.privacyDelta(usual, 1e6) > 0);
    }

    /** rdp rises with q, with the order and with less noise; q = 1 is where the sampled formula ends. */
    @Test
    void isMonotone() {
        double last = 0;
        for (double q : new double[] {1e-4, 0.01, 0.3, 0.9, Math.nextDown(1.0)}) {
            double now = RenyiAccountant.rdp(event(0.8, q), 3.5);
            assertTrue(now > last);
            last = now;
        }
        assertClose(last, RenyiAccountant.rdp(event(0.8, 1), 3.5), 1e-13);
        for (double z : new double[] {0.7, 0.3, 0.05, 0.002, 0.0009, 0}) {
            double now = RenyiAccountant.rdp(event(z, 0.9), 3.5);
            assertTrue(now > last);
            last = now;
        }
        last = 0;
        for (double order : new double[] {1.01, 1.5, 2, 2.000001, 17.3, 900}) {
            double now = RenyiAccountant.rdp(event(1.3, 0.05), order);
            assertTrue(now > last);
            last = now;
        }
    }

    @Test
    void addsUpOverEventsInAnyOrder() {
        Composition a = Composition.of(event(1, 0.1), 3).plus(event(2, 0.2), 4).plus(event(1, 0.1), 2);
        Composition b = Composition.of(event(2, 0.2), 4).plus(event(1, 0.1), 5);

        assertEquals(RenyiAccountant.rdp(a, 3), RenyiAccountant.rdp(b, 3));
        assertClose(
                5 * RenyiAccountant.rdp(event(1, 0.1), 3) + 4 * RenyiAccountant.rdp(event(2, 0.2), 3),
                RenyiAccountant.rdp(a, 3),
                1e-15);
    }

    private static SampledGaussian event(double z, double q) {
        return PrivacyEvent.unsampled(z).poisson(q);
    }

    private static void assertClose(double expected, double actual, double relative) {
        assertEquals(expected, actual, relative * Math.abs(expected));
    }
}
