package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiltedConvolutionTest {

    /** The kernel's norm over every place of the grid, summed: never above the bound, and not far below where the grid is fine. */
    @ParameterizedTest
    @CsvSource({"0.01, 0.1", "1, 0.001", "1, 3", "50, 1e-4", "50, 0.3", "1000, 1e-5", "1e6, 1e-5"})
    void boundsTheNormOfItsKernel(double theta, double step) {
        double bound = TiltedConvolution.normOfKernel(theta, step);
        double largest = 0;
        double peak = 0;
        for (double start = 0; start <= 1; start += 1 / 64.0) {
            double squares = 0;
            for (long i = 0; (i + start) * step * theta < 40 && i < 1_000_000; i++) {
                double x = (i + start) * step;
                double kernel = Math.exp(-theta * x) * -Math.expm1(-x);
                squares += kernel * kernel;
                peak = Math.max(peak, kernel);
            }
            largest = Math.max(largest, Math.sqrt(squares));
        }

        double norm = largest;
        assertTrue(norm <= bound, () -> norm + " " + bound);
        if (theta * step < 0.01) {
            assertEquals(norm, bound, 0.05 * norm);
            assertEquals(peak, TiltedConvolution.largestOfKernel(theta), 1e-3 * peak);
        }
    }
}
