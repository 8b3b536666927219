package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FftTest {

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 64, 512})
    void isTheSumOfTheDefinition(int n) {
        double[] x = new Random(n).doubles(n).toArray();
        Fft.Spectrum spectrum = new Fft(n).forward(x);
        for (int k = 0; k <= n / 2; k++) {
            double re = 0;
            double im = 0;
            for (int j = 0; j < n; j++) {
                double angle = -2 * Math.PI * (j * k % n) / n;
                re += x[j] * Math.cos(angle);
                im += x[j] * Math.sin(angle);
            }
            assertEquals(re, spectrum.re[k], 1e-13 * n);
            assertEquals(im, spectrum.im[k], 1e-13 * n);
        }
    }

    /** Masses of one outcome that is all but certain: each element to the stated bound, the 1-norm, where the 2-norm is as large. */
    @ParameterizedTest
    @ValueSource(ints = {16, 512, 4096})
    void transformsEachElementWithinTheStatedError(int n) {
        double[] x = new Random(n).doubles(n).map(v -> 1e-3 * v / n).toArray();
        x[n / 3] = 1;
        double sum = Arrays.stream(x).sum();
        Fft fft = new Fft(n);
        Fft.Spectrum spectrum = fft.forward(x);
        for (int k = 0; k <= n / 2; k += 1 + n / 64) {
            double re = 0;
            double im = 0;
            for (int j = 0; j < n; j++) {
                double angle = -2 * Math.PI * ((long) j * k % n) / n;
                re += x[j] * Math.cos(angle);
                im += x[j] * Math.sin(angle);
            }
            double off = Math.hypot(re - spectrum.re[k], im - spectrum.im[k]);
            // The sum of the definition itself is off by about 1e-15.
            assertTrue(off <= fft.elementError() * sum + 2e-15, k + ": " + off);
        }
        assertTrue(fft.elementError() < 5e-14);
    }

    /** There and back costs twice the stated error at most, in the 2-norm. */
    @ParameterizedTest
    @ValueSource(ints = {4, 256, 1 << 16})
    void invertsWithinTheStatedError(int n) {
        double[] x = new Random(n).doubles(n).toArray();
        Fft fft = new Fft(n);
        double[] back = fft.inverse(fft.forward(x));

        double off = 0;
        double norm = 0;
        for (int i = 0; i < n; i++) {
            off += (x[i] - back[i]) * (x[i] - back[i]);
            norm += x[i] * x[i];
        }
        assertTrue(Math.sqrt(off) <= 2 * fft.error() * Math.sqrt(norm));
        assertArrayEquals(x, back, 1e-13);
    }
}
