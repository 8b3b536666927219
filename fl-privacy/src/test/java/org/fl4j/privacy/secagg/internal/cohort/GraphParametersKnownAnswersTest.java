package org.fl4j.privacy.secagg.internal.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** Degrees and thresholds that others computed; the file names them. */
class GraphParametersKnownAnswersTest {

    @ParameterizedTest(name = "{0}, gamma {1}, delta {2}, n = {3}: k = {4}, t = {5}")
    @CsvFileSource(resources = "/org/fl4j/privacy/secagg/harary-graph.csv")
    void degreeAndThreshold(Adversary adversary, double gamma, double delta, int n, int degree, int threshold) {
        Rates tolerance = new Rates(gamma, delta);

        GraphParameters found = HararySearch.smallest(adversary, tolerance, n);

        assertEquals(new GraphParameters(n, degree, threshold, n - tolerance.dropouts(n)), found);
    }
}
