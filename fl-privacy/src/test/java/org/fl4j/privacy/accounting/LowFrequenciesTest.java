package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowFrequenciesTest {

    /** Vectors of random masses; the fast transform of the same ring is off by its own bound. */
    @ParameterizedTest
    @CsvSource({
        "256, 1, 0, 7",
        "256, 31, 250, 129",
        "4096, 1000, -300, 200",
        "65536, 4085, 60000, 333",
        "65536, 130, -7, 1"
    })
    void areThoseOfTheFastTransform(int length, int elements, long first, int count) {
        Fft fft = new Fft(length);
        Random random = new Random(length + elements);
        double[] x = random.doubles(elements, 0, 2.0 / elements).toArray();
        double[] ring = new double[length];
        double sum = 0;
        for (int i = 0; i < elements; i++) {
            ring[(int) Math.floorMod(first + i, (long) length)] += x[i];
            sum += x[i];
        }
        Fft.Spectrum fast = fft.forward(ring);
        Fft.Spectrum low = new LowFrequencies(fft, length, count).of(x, first);
        double error = (fft.elementError() + LowFrequencies.elementError(elements)) * sum;

        for (int k = 0; k < count; k++) {
            assertEquals(fast.re[k], low.re[k], error);
            assertEquals(fast.im[k], low.im[k], error);
        }
        assertTrue(error < 1e-12, "too pessimistic: " + error);
    }

    @Test
    void rootsGoAroundTheRing() {
        Fft fft = new Fft(16);
        for (int m = 0; m < 64; m++) {
            assertEquals(Math.cos(2 * Math.PI * m / 16), fft.rootRe(m), 1e-14);
            assertEquals(-Math.sin(2 * Math.PI * m / 16), fft.rootIm(m), 1e-14);
        }
    }

    @Test
    void areTakenWhereTheyAreLessWork() {
        assertTrue(LowFrequencies.isQuick(1000, 500, 65536));
        assertFalse(LowFrequencies.isQuick(4085, 32769, 65536));
        assertFalse(LowFrequencies.isQuick(128, 8193, 16384));
    }
}
