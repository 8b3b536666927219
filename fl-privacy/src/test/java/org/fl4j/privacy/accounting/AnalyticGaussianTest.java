package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Known answers: theorem 8 of Balle and Wang with mpmath at 40 digits and more. */
class AnalyticGaussianTest {

    @ParameterizedTest
    @CsvSource({
        "0.01, 1e-6, 306.3503761538177",
        "0.5, 1e-5, 7.031826675582491",
        "1, 1e-5, 3.730631634815942",
        "2, 1e-6, 2.2304762711864172",
        "8, 1e-5, 0.6002290721989516",
        "50, 1e-12, 0.19071044240637713"
    })
    void findsSigma(double epsilon, double delta, double expected) {
        AnalyticGaussian least =
                AnalyticGaussian.reaching(PrivacyTarget.pure(epsilon).withPrivacyDelta(delta));

        assertClose(expected, least.sigma(), 1e-12);
        assertTrue(least.privacyDelta(epsilon) <= delta * (1 + 1e-13));
    }

    @ParameterizedTest
    @CsvSource({"0.5, 1e-5, 9.997256146434301", "1, 1e-5, 4.3771780956812245", "10, 1e-8, 0.49285036535516413"})
    void findsEpsilon(double sigma, double delta, double expected) {
        assertClose(expected, AnalyticGaussian.ofSigma(sigma).epsilon(delta), 1e-12);
    }

    /** One row for each way of computing, at both of its ends. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 0.12693673750664394",
        "0.5, 10, 9.940202816118153e-6",
        "1, 30, 4.709326318097522e-193",
        "0.02, 2500, 2.036354071334315e-138",
        "0.1, 10, 0.9999465977191498",
        "0.7, 0.001, 0.5247119401262920",
        "1.99, 0.3, 0.09729633958096552",
        "1.9, 15, 1.884649209839659e-177",
        "2, 0.3, 0.0963528240623431",
        "2, 0, 0.1974126513658475",
        "2.5, 14, 1.379725946659774e-267",
        "1e4, 0, 3.989422802352067e-5",
        "1e4, 0.003, 1.634406504023650e-203",
        "1e6, 3e-5, 1.631981213625768e-205",
        "30, 1.2, 7.044876583927880e-287"
    })
    void findsDelta(double sigma, double epsilon, double expected) {
        assertClose(expected, AnalyticGaussian.ofSigma(sigma).privacyDelta(epsilon), 1e-12);
    }

    /** sqrt(2 ln(1.25/delta))/epsilon is proven up to epsilon 1; at 20 it gives 1.53e-3, at 50 .586 instead of 1e-5. */
    @Test
    void showsThatTheClassicalFormulaIsWrongAboveOne() {
        double classical = Math.sqrt(2 * Math.log(1.25 / 1e-5));

        assertEquals(1.53e-3, AnalyticGaussian.ofSigma(classical / 20).privacyDelta(20), 5e-6);
        assertEquals(0.586, AnalyticGaussian.ofSigma(classical / 50).privacyDelta(50), 5e-4);
    }

    @Test
    void answersAtTheEnds() {
        assertEquals(1, AnalyticGaussian.ofSigma(0).privacyDelta(3));
        assertEquals(Double.POSITIVE_INFINITY, AnalyticGaussian.ofSigma(0).epsilon(0.5));
        assertEquals(Double.POSITIVE_INFINITY, AnalyticGaussian.ofSigma(1).epsilon(0));
        assertEquals(0, AnalyticGaussian.ofSigma(1e9).epsilon(1e-6));
        assertEquals(0, AnalyticGaussian.ofSigma(1).privacyDelta(1e300));
        assertEquals(1, AnalyticGaussian.ofSigma(Double.MIN_VALUE).privacyDelta(1));
        assertEquals(
                Double.POSITIVE_INFINITY,
                AnalyticGaussian.ofSigma(Double.MIN_VALUE).epsilon(0.1));
    }

    private static void assertClose(double expected, double actual, double relative) {
        assertEquals(expected, actual, relative * Math.abs(expected));
    }
}
