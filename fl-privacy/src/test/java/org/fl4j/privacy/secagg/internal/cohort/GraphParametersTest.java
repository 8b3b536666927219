package org.fl4j.privacy.secagg.internal.cohort;

import static org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary.CURIOUS;
import static org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary.MALICIOUS;
import static org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary.SEMI_MALICIOUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GraphParametersTest {

    private static final Rates DEFAULT = new Rates(0.05, 0.33);
    private static final Rates NONE = new Rates(0, 0);

    /** t = n - ceil(delta n). */
    @ParameterizedTest
    @CsvSource({
        "CURIOUS, 0.05, 0.33, 500, 335",
        "CURIOUS, 0.05, 0.33, 10, 6",
        "MALICIOUS, 0.05, 0.33, 10, 6",
        "CURIOUS, 0, 0, 2, 2",
        "MALICIOUS, 0, 0, 2, 2",
        "CURIOUS, 0.05, 0.33, 3, 2",
        "CURIOUS, 0.3, 0.69, 100, 31",
        "CURIOUS, 0.07, 0.92, 100, 8",
        "MALICIOUS, 0.3, 0.34, 100, 66",
        "SEMI_MALICIOUS, 0.31, 0.34, 100, 66",
        "MALICIOUS, 0.05, 0.47, 100, 53",
    })
    void parametersOfTheCompleteGraph(Adversary adversary, double gamma, double delta, int n, int threshold) {
        GraphParameters parameters = GraphParameters.complete(adversary, new Rates(gamma, delta), n);

        assertEquals(new GraphParameters(n, n - 1, threshold, threshold), parameters);
    }

    /** One more adversary or dropout than the last three rows above have. */
    @ParameterizedTest
    @CsvSource({
        "CURIOUS, 0.31, 0.69, 100",
        "MALICIOUS, 0.32, 0.34, 100",
        "SEMI_MALICIOUS, 0.3, 0.35, 100",
        "MALICIOUS, 0.05, 0.48, 100",
        "CURIOUS, 0.05, 0.33, 2",
        "CURIOUS, 0, 0.99, 100"
    })
    void rejectsRatesThatLeaveNoThreshold(Adversary adversary, double gamma, double delta, int n) {
        Rates tolerance = new Rates(gamma, delta);
        assertThrows(IllegalArgumentException.class, () -> GraphParameters.complete(adversary, tolerance, n));
    }

    @Test
    void messagesOfTheCompleteGraphShowTheArithmetic() {
        assertRejected(
                "no threshold withstands CURIOUS adversaries among n = 2 clients with adversarialRate gamma = 0.05 and"
                        + " dropoutRate delta = 0.33: floor(gamma n) = 0, ceil(delta n) = 1, so it must be at least"
                        + " max(2, floor(gamma n) + 1) = 2 and at most n - ceil(delta n) = 1; use more clients or lower"
                        + " rates",
                () -> GraphParameters.complete(CURIOUS, DEFAULT, 2));
        assertRejected(
                "no threshold withstands MALICIOUS adversaries among n = 100 clients with adversarialRate gamma = 0.05"
                        + " and dropoutRate delta = 0.5: floor(gamma n) = 5, ceil(delta n) = 50, so it must be at least"
                        + " max(2, floor((n + floor(gamma n)) / 2) + 1) = 53 and at most n - ceil(delta n) = 50; use"
                        + " more clients or lower rates",
                () -> GraphParameters.complete(MALICIOUS, new Rates(0.05, 0.5), 100));
        assertRejected("clients must be at least 2, but was 1", () -> GraphParameters.complete(CURIOUS, NONE, 1));
    }

    @Test
    void rejectsAHararyGraphOfFewClients() {
        assertEquals(new GraphParameters(100, 28, 6, 67), GraphParameters.harary(CURIOUS, DEFAULT, 100));
        assertRejected(
                "clients of a Harary graph must be at least 100, but was 99; use the complete graph",
                () -> GraphParameters.harary(CURIOUS, DEFAULT, 99));
    }

    @Test
    void rejectsAHararyGraphAgainstMaliciousServers() {
        assertRejected(
                "a Harary graph does not withstand MALICIOUS adversaries, who may lie while keys are collected and so"
                        + " choose a client's neighbours; use the complete graph",
                () -> GraphParameters.harary(MALICIOUS, DEFAULT, 1000));
    }

    @Test
    void rejectsRatesThatLeaveNoGap() {
        assertEquals(
                1000, GraphParameters.harary(CURIOUS, new Rates(0.3, 0.6), 1000).clients());
        assertEquals(
                1000,
                GraphParameters.harary(SEMI_MALICIOUS, new Rates(0.1, 0.4), 1000)
                        .clients());
        assertRejected(
                "on a Harary graph against CURIOUS adversaries adversarialRate + dropoutRate must be at most 0.9,"
                        + " but was 0.91 for adversarialRate 0.31 and dropoutRate 0.6",
                () -> GraphParameters.harary(CURIOUS, new Rates(0.31, 0.6), 1000));
        assertRejected(
                "on a Harary graph against SEMI_MALICIOUS adversaries adversarialRate + 2 * dropoutRate must be at most"
                        + " 0.9, but was 0.92 for adversarialRate 0.1 and dropoutRate 0.41",
                () -> GraphParameters.harary(SEMI_MALICIOUS, new Rates(0.1, 0.41), 1000));
    }

    /** Of four clients one drops out: at k = 2 a client may have one neighbour left, and 1 may be in wrong hands. */
    @Test
    void messageWithoutADegreeShowsTheArithmetic() {
        assertRejected(
                "no Harary graph withstands SEMI_MALICIOUS adversaries among n = 4 clients with adversarialRate gamma ="
                        + " 0.05 and dropoutRate delta = 0.33: floor(gamma n) = 0, floor(delta n) = 1; even at degree 2"
                        + " up to 1 shares of a secret may be in wrong hands and only 1 neighbours may survive; use"
                        + " more clients, lower rates or the complete graph",
                () -> HararySearch.smallest(SEMI_MALICIOUS, DEFAULT, 4));
    }

    @ParameterizedTest
    @EnumSource(names = {"CURIOUS", "SEMI_MALICIOUS"})
    void withoutAdversariesAndDropoutsARingOfPairsIsEnough(Adversary adversary) {
        GraphParameters parameters = GraphParameters.harary(adversary, NONE, 1000);

        assertEquals(new GraphParameters(1000, 2, 2, 1000), parameters);
    }

    /** Rates that need thousands of neighbours, and a million clients: 10 and 2 ms, so the limit is loose. */
    @Test
    void theSearchDoesNotGrowWithTheClients() {
        assertTimeout(Duration.ofSeconds(5), () -> {
            GraphParameters.harary(SEMI_MALICIOUS, new Rates(0.1, 0.4), 10_000);
            GraphParameters.harary(SEMI_MALICIOUS, DEFAULT, 1_000_000);
        });
    }

    private static void assertRejected(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
