package org.fl4j.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The mean over 10,000 seeds, along the vector itself and 64 fixed random directions. All cases together reject a codec
 * without bias with a probability of 1e-4 (Bonferroni: 65 directions, 19 cases, two-sided).
 */
class UnbiasednessTest {

    /** Means of so many seeds are projected, which is quicker than every error by itself. */
    private static final int BATCH = 10;

    private static final int BATCHES = 1_000;
    private static final int DIRECTIONS = 64;

    /** The normal quantile of 1 - 1e-4/(2 * 65 * 19). */
    private static final double LIMIT = 5.36;

    record Case(String vector, int n, Codec codec) {

        float[] x() {
            return switch (vector) {
                case "Gaussian" -> Vectors.gaussian(n, 1);
                case "log-normal" -> Vectors.logNormal(n, 1);
                default -> Vectors.sparse(n);
            };
        }

        @Override
        public String toString() {
            return codec.spec() + " on " + vector + " of " + n;
        }
    }

    static final List<Case> CASES = List.of(
            gaussian(300, Codec.randomK(0.2)),
            sparse(300, Codec.randomK(0.2)),
            gaussian(300, Codec.qsgd(1, 128)),
            logNormal(300, Codec.qsgd(7, 128)),
            sparse(300, Codec.qsgd(1, 300)),
            gaussian(256, Codec.eden(1)),
            logNormal(256, Codec.eden(1)),
            sparse(256, Codec.eden(1)),
            gaussian(256, Codec.eden(2)),
            logNormal(256, Codec.eden(2)),
            sparse(256, Codec.eden(2)),
            gaussian(256, Codec.eden(3)),
            logNormal(256, Codec.eden(3)),
            sparse(256, Codec.eden(3)),
            gaussian(256, Codec.eden(4)),
            logNormal(256, Codec.eden(4)),
            sparse(256, Codec.eden(4)),
            sparse(20, Codec.eden(1)),
            sparse(4096, Codec.eden(1)));

    @ParameterizedTest
    @FieldSource("CASES")
    void theMeanIsTheVector(Case given) {
        float[] x = given.x();
        Codec codec = given.codec();
        float[][] directions = new float[DIRECTIONS + 1][];
        for (int i = 0; i < DIRECTIONS; i++) {
            directions[i] = Vectors.gaussian(x.length, 1_000 + i);
        }
        directions[DIRECTIONS] = x;
        double[] sums = new double[DIRECTIONS + 1];
        double[] squares = new double[DIRECTIONS + 1];
        for (int seed = 0; seed < BATCHES * BATCH; seed += BATCH) {
            float[] off = sumOfErrors(codec, x, seed);
            for (int i = 0; i < directions.length; i++) {
                double along = Vectors.inner(off, directions[i]) / BATCH;
                sums[i] += along;
                squares[i] += along * along;
            }
        }
        double rounding = 1e-6 * Vectors.inner(x, x);
        for (int i = 0; i < directions.length; i++) {
            double mean = sums[i] / BATCHES;
            double deviation = Math.sqrt((squares[i] / BATCHES - mean * mean) / BATCHES);
            assertTrue(Math.abs(mean) <= LIMIT * deviation + rounding, "direction " + i + ": " + mean / deviation);
        }
        if (codec.spec().name().equals("eden")) {
            assertEquals(1, 1 + sums[DIRECTIONS] / BATCHES / Vectors.inner(x, x), 1e-6);
        }
        assertTrue(codec.isUnbiased());
    }

    private static float[] sumOfErrors(Codec codec, float[] x, int firstSeed) {
        float[] sum = new float[x.length];
        for (int seed = firstSeed; seed < firstSeed + BATCH; seed++) {
            float[] decoded = codec.decode(codec.encode(x, seed), x.length, seed);
            for (int i = 0; i < x.length; i++) {
                sum[i] += decoded[i] - x[i];
            }
        }
        return sum;
    }

    private static Case gaussian(int n, Codec codec) {
        return new Case("Gaussian", n, codec);
    }

    private static Case logNormal(int n, Codec codec) {
        return new Case("log-normal", n, codec);
    }

    private static Case sparse(int n, Codec codec) {
        return new Case("two coordinates", n, codec);
    }
}
