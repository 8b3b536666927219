package org.fl4j.compression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearCodecTest {

    private static final int TRIALS = 10_000;

    static Stream<LinearCodec> codecs() {
        return Stream.of(
                LinearCodec.rotation(),
                LinearCodec.randomK(0.3),
                LinearCodec.randomK(1),
                LinearCodec.rotation().keeping(0.4),
                LinearCodec.rotation().keeping(0.5).keeping(0.5));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 100, 4096, 5000, 199_210})
    void aRotationIsExactWithinFp32(int length) {
        double[] x = gaussian(length);
        Sketch map = LinearCodec.rotation().at(3, length);

        double[] sketch = map.of(x);
        double[] decoded = map.adjoint(sketch);

        assertEquals(length, sketch.length);
        assertEquals(1, norm(sketch) / norm(x), 1e-6);
        double rounding = 4e-7 * norm(x) / Math.sqrt(length) * Math.max(4, Math.log(length));
        assertArrayEquals(x, decoded, rounding);
    }

    /** What was sent is exact for a share of 1/4, whose scale is 2; what was not is zero. */
    @Test
    void randomCoordinatesAreScaledToBeUnbiased() {
        double[] x = gaussian(1000);
        Sketch map = LinearCodec.randomK(0.25).at(8, 1000);

        double[] decoded = map.adjoint(map.of(x));

        assertEquals(250, map.sketchLength());
        int sent = 0;
        for (int i = 0; i < x.length; i++) {
            assertTrue(decoded[i] == 0 || decoded[i] == 4 * x[i]);
            sent += decoded[i] == 0 ? 0 : 1;
        }
        assertEquals(250, sent);
    }

    /** The decoder is the adjoint of the encoder: (A x, y) = (x, A^T y), for every x and y. */
    @ParameterizedTest
    @MethodSource("codecs")
    void decodingIsTheAdjoint(LinearCodec codec) {
        for (int length : new int[] {1, 2, 5, 77, 1000}) {
            Sketch map = codec.at(length, length);
            double[] x = gaussian(length);
            double[] y = Arrays.copyOf(gaussian(length + 1), map.sketchLength());
            double bound = 2e-6 * norm(x) * norm(y) * Math.sqrt(1 / codec.share());

            assertEquals(product(map.of(x), y), product(x, map.adjoint(y)), bound);
        }
    }

    /**
     * Over 10,000 seeds, of a vector with one large coordinate: the mean of each of 7 decoded coordinates and of the norm's square
     * is within 4.9 of its standard errors. False alarm below 1e-6 for each of 40 statements, were they Gaussian; the seeds are
     * fixed.
     */
    @ParameterizedTest
    @MethodSource("codecs")
    void decodingIsUnbiasedAndNormsAreKeptInTheMean(LinearCodec codec) {
        double[] x = {1, -2, 0, 0.5, 30, 0, -1};
        double[] sums = new double[x.length + 1];
        double[] squares = new double[x.length + 1];
        for (int trial = 0; trial < TRIALS; trial++) {
            Sketch map = codec.at(1_000 + trial, x.length);
            double[] sketch = map.of(x);
            double[] decoded = Arrays.copyOf(map.adjoint(sketch), x.length + 1);
            decoded[x.length] = product(sketch, sketch);
            for (int i = 0; i < decoded.length; i++) {
                sums[i] += decoded[i];
                squares[i] += decoded[i] * decoded[i];
            }
        }
        for (int i = 0; i < sums.length; i++) {
            double mean = sums[i] / TRIALS;
            double error = Math.sqrt(Math.max(0, squares[i] / TRIALS - mean * mean) / TRIALS);
            double expected = i < x.length ? x[i] : product(x, x);
            assertEquals(expected, mean, 4.9 * error + 1e-6 * Math.max(30, Math.abs(expected)), "statement " + i);
        }
    }

    /** (d / k - 1) |x|^2, with the finite population's factor: coordinates are drawn without repetition. */
    @Test
    void theVarianceIsWhatIsLeftOut() {
        double[] x = gaussian(64);
        double errors = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Sketch map = LinearCodec.rotation().keeping(0.25).at(trial, 64);
            double[] decoded = map.adjoint(map.of(x));
            for (int i = 0; i < x.length; i++) {
                errors += (decoded[i] - x[i]) * (decoded[i] - x[i]);
            }
        }
        assertEquals(3 * product(x, x), errors / TRIALS, 0.02 * 3 * product(x, x));
    }

    /** Also what is worst for a transform: one coordinate, a constant, a row of the Hadamard matrix. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 60, 64, 65, 1000, 5000})
    void noCoordinateOfASketchIsBeyondTheRange(int length) {
        double[] spike = new double[length];
        spike[length - 1] = 5;
        double[] row = new double[length];
        Arrays.setAll(row, i -> Integer.bitCount(i & 37) % 2 == 0 ? 1 : -1);
        double[] constant = new double[length];
        Arrays.fill(constant, 0.1);
        for (LinearCodec codec : codecs().toList()) {
            for (double[] x : new double[][] {spike, row, constant, gaussian(length)}) {
                double range = codec.largest(norm(x), length) * (1 + 1e-6);
                for (int seed = 0; seed < 20; seed++) {
                    for (double y : codec.at(seed, length).of(x)) {
                        assertTrue(Math.abs(y) <= range, () -> codec + ": " + y + " beyond " + range);
                    }
                }
            }
        }
        assertEquals(7.29 / Math.sqrt(131_072), LinearCodec.rotation().largest(1, 199_210), 0.03 / Math.sqrt(131_072));
        assertEquals(2, LinearCodec.randomK(0.25).largest(1, 1000));
    }

    /** Its bits are a format: a recorded run must not change with a release. */
    @Test
    void theMapIsFixed() {
        double[] x = {1, 2, 3, 4, 5, 6, 7};

        assertArrayEquals(
                new double[] {3, 1, -4, 8, -4, -5, -3},
                LinearCodec.rotation().at(5, 7).of(x));
        double scale = Math.sqrt(7.0 / 4);
        assertArrayEquals(
                new double[] {1 * scale, 2 * scale, 3 * scale, 4 * scale},
                LinearCodec.randomK(0.57).at(5, 7).of(x));
    }

    @Test
    void errorsSayWhatIsWrong() {
        assertMessage("share must be in (0, 1], but was 0.0", () -> LinearCodec.randomK(0));
        assertMessage(
                "share must be in (0, 1], but was 1.5",
                () -> LinearCodec.rotation().keeping(1.5));
        assertMessage(
                "the vector must have 7 coordinates, but was 8",
                () -> LinearCodec.randomK(0.5).at(1, 7).of(new double[8]));
        assertMessage(
                "the sketch must have 4 coordinates, but was 7",
                () -> LinearCodec.randomK(0.5).at(1, 7).adjoint(new double[7]));
        assertEquals(
                "rotation, random-k(0.25)", LinearCodec.rotation().keeping(0.25).toString());
    }

    private static void assertMessage(String expected, Runnable code) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, code::run).getMessage());
    }

    private static double[] gaussian(int length) {
        DeterministicRandom random = new DeterministicRandom(length);
        double[] values = new double[length];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }

    private static double norm(double[] x) {
        return Math.sqrt(product(x, x));
    }

    private static double product(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
