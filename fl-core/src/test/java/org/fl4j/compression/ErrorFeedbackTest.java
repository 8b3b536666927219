package org.fl4j.compression;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Gradient descent of four clients with quadratics of their own: f_c(x) = sum_i a_i (x_i - b_ci)^2/2. */
class ErrorFeedbackTest {

    private static final int CLIENTS = 4;
    private static final int N = 50;

    static final List<Codec> BIASED = List.of(Codec.topK(0.1), Codec.sign());

    @ParameterizedTest
    @FieldSource("BIASED")
    void reachesTheUncompressedOptimumWhereTheCodecAloneDoesNot(Codec codec) {
        double with = distance(codec, true);
        double without = distance(codec, false);
        assertTrue(with < 2e-3, "with error feedback " + with);
        assertTrue(without > 0.1, "without " + without);
    }

    /** How far the last point is from the optimum, the mean of the b_c, relative to how far the first was. */
    private static double distance(Codec codec, boolean feedback) {
        DeterministicRandom random = new DeterministicRandom(8);
        float[] a = new float[N];
        float[][] b = new float[CLIENTS][N];
        double[] optimum = new double[N];
        for (int i = 0; i < N; i++) {
            a[i] = (float) (0.5 + random.nextDouble());
            for (int c = 0; c < CLIENTS; c++) {
                b[c][i] = (float) (3 * random.nextGaussian());
                optimum[i] += b[c][i] / CLIENTS;
            }
        }
        float[] x = new float[N];
        float[][] residual = new float[CLIENTS][N];
        for (int round = 1; round <= 10_000; round++) {
            double step = 1 / (10 + 0.2 * round);
            float[] mean = new float[N];
            for (int c = 0; c < CLIENTS; c++) {
                float[] update = new float[N];
                for (int i = 0; i < N; i++) {
                    update[i] = (float) (-step * a[i] * (x[i] - b[c][i])) + residual[c][i];
                }
                float[] decoded = codec.decode(codec.encode(update, round), N, round);
                for (int i = 0; i < N; i++) {
                    residual[c][i] = feedback ? update[i] - decoded[i] : 0;
                    mean[i] += decoded[i] / CLIENTS;
                }
            }
            for (int i = 0; i < N; i++) {
                x[i] += mean[i];
            }
        }
        double square = 0;
        double first = 0;
        for (int i = 0; i < N; i++) {
            square += (x[i] - optimum[i]) * (x[i] - optimum[i]);
            first += optimum[i] * optimum[i];
        }
        return Math.sqrt(square / first);
    }
}
