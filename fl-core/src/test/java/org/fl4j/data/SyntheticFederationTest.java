package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SyntheticFederationTest {

    private static final SyntheticFederation ONE_ONE = SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 7);

    @Test
    void clientsHaveSixtyFeaturesTenClassesAndATenthForTheTest() {
        for (int k = 0; k < 30; k++) {
            TrainTest data = ONE_ONE.client(k);
            int n = ONE_ONE.size(k);
            assertEquals(n, data.training().size() + data.test().size());
            assertEquals(n * 9 / 10, data.training().size());
            assertTrue(n >= 50);
            assertEquals(List.of(60L), data.training().featureShape());
            assertEquals(OptionalInt.of(10), data.test().classes());
        }
    }

    @Test
    void aClientDependsOnSeedAndIndexAlone() {
        float[] alone = features(ONE_ONE.client(11));
        SyntheticFederation again = SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 7);
        again.client(3);
        assertArrayEquals(alone, features(again.client(11)));
        assertFalse(Arrays.equals(
                alone,
                features(SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 8)
                        .client(11))));
        assertFalse(Arrays.equals(alone, features(ONE_ONE.client(12))));
    }

    /** Recorded from the first release, alike with the interpreter and the compilers of JDK 17. */
    @Test
    void theBitsAreAFormat() {
        SyntheticFederation federation = SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 2024);
        assertEquals(1563502553L, Fingerprint.of(federation.client(0).training()));
        assertEquals(
                561520765L,
                Fingerprint.of(SyntheticFederation.iid(2024).client(1).test()));
    }

    @Test
    void theCapKeepsAClientsFirstExamples() {
        int giant = IntStream.range(0, 100)
                .filter(k -> ONE_ONE.size(k) > 1000)
                .findFirst()
                .orElseThrow();
        SyntheticFederation capped = ONE_ONE.withMaxExamples(200);
        assertEquals(200, capped.size(giant));
        TrainTest data = capped.client(giant);
        assertEquals(180, data.training().size());
        assertArrayEquals(Arrays.copyOf(features(ONE_ONE.client(giant)), 180 * 60), features(data));
    }

    /**
     * Sizes are 50 + floor(exp(4 + 2 z)): the logarithm of what exceeds 50 has mean 4 and standard deviation 2. False
     * rejection about 1e-6: five standard deviations; the floor matters below 10 only, hence the median.
     */
    @Test
    void sizesAreLogNormalAboveFifty() {
        int clients = 100_000;
        double[] logs = IntStream.range(0, clients)
                .mapToDouble(k -> Math.log(ONE_ONE.size(k) - 49.5))
                .sorted()
                .toArray();
        double perClient = 2 / Math.sqrt(clients);
        assertEquals(4, logs[clients / 2], 5 * 1.2533 * perClient);
        // The quantile at one standard deviation, 0.8413; its standard error is 1.5117 of a mean's.
        assertEquals(6, logs[84_134], 5 * 1.5117 * perClient);
    }

    /**
     * Within a client feature j has variance j^-1.2. False rejection about 4e-5 in all: five standard deviations,
     * sqrt(2 / n) of the variance, 60 features.
     */
    @Test
    void featuresHaveTheirVariances() {
        SyntheticFederation federation = SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 5);
        int giant = IntStream.range(0, 1000)
                .filter(k -> federation.size(k) > 5000)
                .findFirst()
                .orElseThrow();
        Examples examples = federation.client(giant).training();
        double[][] moments = moments(examples);
        for (int j = 0; j < 60; j++) {
            double expected = Math.pow(j + 1, -1.2);
            assertEquals(expected, moments[1][j], 5 * expected * Math.sqrt(2.0 / examples.size()));
        }
    }

    /**
     * A client's feature means are B_k + N(0, 1) with B_k ~ N(0, beta^2). Over 400 clients: the mean over the features
     * estimates B_k up to 1/60 of variance, so its variance is beta^2 + 1/60; beta = 3 tells a standard deviation from
     * a variance. False rejection 1e-6: five standard deviations, sqrt(2 / 400) of the variance; the sampling noise of
     * the means, at most 1/50 of the features' mean variance of 0.07, is far below the tolerance.
     */
    @Test
    void betaIsTheStandardDeviationOfTheCentres() {
        for (double beta : new double[] {0, 3}) {
            SyntheticFederation federation = SyntheticFederation.of(new SyntheticFederation.Spread(0, beta), 6)
                    .withMaxExamples(100);
            double[] centres = IntStream.range(0, 400)
                    .mapToDouble(k -> Arrays.stream(moments(federation.client(k).training())[0])
                            .average()
                            .orElseThrow())
                    .toArray();
            double variance = Arrays.stream(centres).map(c -> c * c).average().orElseThrow();
            double expected = beta * beta + 1 / 60.0;
            assertEquals(expected, variance, 5 * expected * Math.sqrt(2.0 / 400) + 1e-4);
        }
    }

    /**
     * W_k and b_k share the mean u_k ~ N(0, alpha^2). Over 400 clients the mean of the 610 parameters has variance
     * alpha^2 + 1/610. False rejection 1e-6: five standard deviations.
     */
    @Test
    void alphaIsTheStandardDeviationOfTheModels() {
        for (double alpha : new double[] {0, 3}) {
            SyntheticFederation federation = SyntheticFederation.of(new SyntheticFederation.Spread(alpha, 0), 9);
            double variance = IntStream.range(0, 400)
                    .mapToDouble(
                            k -> Arrays.stream(federation.model(k)).average().orElseThrow())
                    .map(mean -> mean * mean)
                    .average()
                    .orElseThrow();
            double expected = alpha * alpha + 1 / 610.0;
            assertEquals(expected, variance, 5 * expected * Math.sqrt(2.0 / 400));
        }
    }

    @Test
    void labelsAreTheLargestScoreOfTheClientsModel() {
        for (SyntheticFederation federation : List.of(ONE_ONE, SyntheticFederation.iid(3))) {
            double[] model = federation.model(4);
            Examples examples = federation.client(4).training();
            float[] x = new float[60];
            for (int i = 0; i < examples.size(); i++) {
                examples.copyFeatures(i, x, 0);
                double[] scores = new double[10];
                for (int c = 0; c < 10; c++) {
                    scores[c] = model[c * 61 + 60];
                    for (int j = 0; j < 60; j++) {
                        scores[c] += model[c * 61 + j] * x[j];
                    }
                }
                double best = Arrays.stream(scores).max().orElseThrow();
                assertEquals(best, scores[examples.label(i)]);
            }
        }
    }

    /** False rejection below 1e-5: each of 60 means within five standard deviations, one model for all. */
    @Test
    void inTheIidVariantClientsDifferInSizeOnly() {
        SyntheticFederation iid = SyntheticFederation.iid(3);
        assertArrayEquals(iid.model(0), iid.model(1));
        assertFalse(Arrays.equals(ONE_ONE.model(0), ONE_ONE.model(1)));
        Examples examples = iid.client(0).training();
        double[] means = moments(examples)[0];
        for (int j = 0; j < 60; j++) {
            assertEquals(0, means[j], 5 * Math.pow(j + 1, -0.6) / Math.sqrt(examples.size()));
        }
        assertFalse(Arrays.equals(features(iid.client(0)), features(iid.client(1))));
    }

    @Test
    void allClassesAppearInTheFederation() {
        boolean[] seen = new boolean[10];
        for (int k = 0; k < 30; k++) {
            Examples examples = ONE_ONE.client(k).training();
            for (int i = 0; i < examples.size(); i++) {
                seen[examples.label(i)] = true;
            }
        }
        assertArrayEquals(new boolean[] {true, true, true, true, true, true, true, true, true, true}, seen);
    }

    @Test
    void rejectsValuesOutOfRange() {
        assertRejected("alpha must be >= 0 and < infinity, but was -1.0", () -> new SyntheticFederation.Spread(-1, 0));
        assertRejected(
                "beta must be >= 0 and < infinity, but was NaN", () -> new SyntheticFederation.Spread(0, Double.NaN));
        assertRejected("client must be at least 0, but was -1", () -> ONE_ONE.client(-1));
        String cap = "maxExamples must be in [2, 35791393], what an array of features can hold, but was ";
        assertRejected(cap + "1", () -> ONE_ONE.withMaxExamples(1));
        assertRejected(cap + "35791394", () -> ONE_ONE.withMaxExamples(35_791_394));
    }

    @Test
    void namesItsParameters() {
        assertEquals("SyntheticFederation[alpha=1.0, beta=1.0, seed=7, maxExamples=100000]", ONE_ONE.toString());
        assertEquals(
                "SyntheticFederation[IID, seed=1, maxExamples=9]",
                SyntheticFederation.iid(1).withMaxExamples(9).toString());
    }

    private static float[] features(TrainTest data) {
        Examples examples = data.training();
        float[] all = new float[examples.size() * 60];
        for (int i = 0; i < examples.size(); i++) {
            examples.copyFeatures(i, all, i * 60);
        }
        return all;
    }

    /** The mean and variance of each feature. */
    private static double[][] moments(Examples examples) {
        double[][] moments = new double[2][60];
        float[] x = new float[60];
        int n = examples.size();
        for (int i = 0; i < n; i++) {
            examples.copyFeatures(i, x, 0);
            for (int j = 0; j < 60; j++) {
                moments[0][j] += (double) x[j] / n;
                moments[1][j] += (double) x[j] * x[j] / n;
            }
        }
        for (int j = 0; j < 60; j++) {
            moments[1][j] -= moments[0][j] * moments[0][j];
        }
        return moments;
    }

    private static void assertRejected(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
