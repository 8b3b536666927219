package org.fl4j.compression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors against what the papers prove or compute. */
class CodecAccuracyTest {

    /**
     * 1/(1-D) - 1, where D = 0.3634, 0.1175, 0.03454, 0.009497 is the distortion of a Lloyd-Max quantizer of N(0, 1) with 2, 4,
     * 8, 16 values (Max 1960, table I) and the scale is the unbiased one (Vargaftik et al., ICML 2022).
     */
    @ParameterizedTest
    @CsvSource({"1, 0.5708", "2, 0.1331", "3, 0.0358", "4, 0.0096"})
    void edensErrorIsThatOfTheBestQuantizerOfANormalVariate(int bits, double expected) {
        int n = 1 << 16;
        double gaussian = 0;
        double logNormal = 0;
        for (int seed = 1; seed <= 10; seed++) {
            gaussian += Vectors.error(Codec.eden(bits), Vectors.gaussian(n, seed), seed) / 10;
            logNormal += Vectors.error(Codec.eden(bits), Vectors.logNormal(n, seed), seed) / 10;
        }
        assertEquals(expected, gaussian, 0.01 * expected);
        assertEquals(expected, logNormal, 0.01 * expected);
    }

    /** 4096 + 512 + 128 + padding: blocks of each way, each with 4 bytes of scale. */
    @Test
    void edensPayloadIsItsBitsAndAScaleABlock() {
        assertEquals(4 + 32, Codec.eden(1).payloadLength(1));
        assertEquals(3 * 4 + 2 * (4096 + 512 + 256) / 8, Codec.eden(2).payloadLength(4096 + 512 + 128));
        assertEquals(244 * (4 + 3 * 4096 / 8), Codec.eden(3).payloadLength(244 * 4096));
    }

    /** Theorem 3.2's lemma: E |x'-x|^2 <= min(d/s^2, sqrt(d)/s) |x|^2 in every bucket of d. */
    @ParameterizedTest
    @CsvSource({"1, 64", "4, 64", "7, 512", "127, 512", "3, 1000"})
    void qsgdsErrorIsBelowItsBound(int levels, int bucket) {
        double bound = Math.min(bucket / (double) (levels * levels), Math.sqrt(bucket) / levels);
        for (float[] x : new float[][] {
            Vectors.gaussian(4 * bucket, 1), Vectors.logNormal(4 * bucket, 2), Vectors.sparse(4 * bucket)
        }) {
            double mean = 0;
            for (int seed = 1; seed <= 100; seed++) {
                mean += Vectors.error(Codec.qsgd(levels, bucket), x, seed) / 100;
            }
            assertTrue(mean <= bound, mean + " above " + bound);
        }
        int n = 10 * bucket + 1;
        int bits = (int) Math.ceil(Math.log(2 * levels + 1) / Math.log(2));
        assertEquals(11 * 4 + (n * bits + 7) / 8, Codec.qsgd(levels, bucket).payloadLength(n));
    }

    /** Zeros and multiples of norm/s are exact, and every value is a whole number of levels. */
    @Test
    void qsgdDecodesWholeLevelsOfTheNorm() {
        float[] x = {3, 0, -4, 0};
        assertArrayEquals(x, Codec.qsgd(5, 4).decode(Codec.qsgd(5, 4).encode(x, 1), 4, 1), 1e-6f);
        float[] decoded = Codec.qsgd(2, 4).decode(Codec.qsgd(2, 4).encode(x, 1), 4, 1);
        for (float value : decoded) {
            assertEquals(Math.rint(value / 2.5), value / 2.5, 1e-6);
        }
    }

    @Test
    void topKKeepsTheLargestAndOfEqualOnesTheFirst() {
        for (int n = 1; n <= 200; n++) {
            float[] x = Vectors.gaussian(n, n);
            for (int i = 0; i < n; i++) {
                x[i] = n % 2 == 0 ? x[i] : Math.round(x[i]);
            }
            for (double fraction : new double[] {1e-9, 0.01, 0.1, 0.25, 0.5, 0.77, 1}) {
                int k = (int) Math.max(1, Math.ceil(fraction * n));
                float[] expected = new float[n];
                IntStream.range(0, n)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -Math.abs(x[i])))
                        .limit(k)
                        .forEach(i -> expected[i] = x[i]);
                Codec codec = Codec.topK(fraction);
                byte[] payload = codec.encode(x, 1);
                assertArrayEquals(expected, codec.decode(payload, n, 1), "n = " + n + ", k = " + k);
                float[] lost = Vectors.difference(expected, x);
                assertTrue(Vectors.inner(lost, lost) <= (1 - (double) k / n) * Vectors.inner(x, x) * (1 + 1e-12));
                int low = (int) Math.floor(Math.log((double) n / k) / Math.log(2) + 1e-9);
                assertTrue(payload.length <= 4 * k + (k * (3 + low) + 7) / 8, "n = " + n + ", k = " + k);
            }
        }
    }

    @Test
    void randomKSendsCoordinatesOfTheSeedAndScalesThem() {
        float[] x = new float[1000];
        Arrays.fill(x, 3);
        int[] often = new int[1000];
        Codec codec = Codec.randomK(0.25);
        for (int seed = 0; seed < 4_000; seed++) {
            float[] decoded = codec.decode(codec.encode(x, seed), 1000, seed);
            int sent = 0;
            for (int i = 0; i < 1000; i++) {
                assertTrue(decoded[i] == 0 || decoded[i] == 12);
                sent += decoded[i] == 0 ? 0 : 1;
                often[i] += decoded[i] == 0 ? 0 : 1;
            }
            assertEquals(250, sent);
        }
        assertEquals(1000, codec.payloadLength(1000));
        double chi = 0;
        for (int count : often) {
            chi += (count - 1000.0) * (count - 1000.0) / 750;
        }
        // Mean about 999, deviation about 45; false rejection below 1e-6.
        assertEquals(999, chi, 250);
    }

    @Test
    void signHasTheErrorOfItsPaper() {
        float[] x = {1, -2, 3, 0, -0.5f, 0, 0, 0, -1};
        byte[] payload = Codec.sign().encode(x, 1);
        assertArrayEquals(new byte[] {0x3F, 0x55, 0x55, 0x55, 0x48, (byte) 0x80}, payload);
        float scale = 7.5f / 9;
        assertArrayEquals(
                new float[] {scale, -scale, scale, scale, -scale, scale, scale, scale, -scale},
                Codec.sign().decode(payload, 9, 1));
        float[] gaussian = Vectors.gaussian(1001, 1);
        double sum = 0;
        for (float value : gaussian) {
            sum += Math.abs(value);
        }
        assertEquals(
                1 - sum * sum / 1001 / Vectors.inner(gaussian, gaussian),
                Vectors.error(Codec.sign(), gaussian, 1),
                1e-6);
    }

    /** Each of the 63,488 finite numbers is itself; between neighbours the nearer one, at half way the even one. */
    @Test
    void fp16RoundsToNearestEven() {
        for (int half = 0; half < 0x7BFF; half++) {
            float low = half(half);
            float high = half(half + 1);
            float middle = (low + high) / 2;
            float even = half % 2 == 0 ? low : high;
            float[] x = {low, middle, Math.nextDown(middle), Math.nextUp(middle), -low, -middle};
            assertArrayEquals(
                    new float[] {low, even, low, high, -low, -even},
                    Codec.fp16().decode(Codec.fp16().encode(x, 0), x.length, 0));
        }
        float[] large = {65504, 65520, Float.MAX_VALUE, -1e6f, Float.MIN_VALUE, 0x1p-25f, 0x1.000002p-25f};
        assertArrayEquals(
                new float[] {65504, 65504, 65504, -65504, 0, 0, 0x1p-24f},
                Codec.fp16().decode(Codec.fp16().encode(large, 0), large.length, 0));
        assertArrayEquals(
                new byte[] {0x3C, 0x00, (byte) 0xC0, 0x00}, Codec.fp16().encode(new float[] {1, -2}, 0));
    }

    /** IEEE 754: below exponent 1 multiples of 2^-24, above them (1 + mantissa/1024) 2^(exponent - 15). */
    private static float half(int bits) {
        int exponent = bits >> 10;
        int mantissa = bits & 0x3FF;
        return exponent == 0 ? Math.scalb(mantissa, -24) : Math.scalb(1024f + mantissa, exponent - 25);
    }
}
