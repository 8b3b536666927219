package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bound of rounding against binomial distributions, whose masses a recurrence gives to about 1e-13 relative. */
class SpectrumProductTest {

    private static final double STEP = 0.01;

    @ParameterizedTest
    @CsvSource({"1, 0.3, 256", "20, 0.5, 256", "2000, 0.01, 1024", "20000, 1e-5, 4096", "20000, 1e-3, 65536"})
    void isOffByNoMoreThanItSays(int n, double p, int length) {
        SpectrumProduct product = new SpectrumProduct(length);
        product.multiply(List.of(part(p, n)), 0);
        double[] mass = product.inverse();
        double squares = 0;
        double binomial = Math.exp(n * Math.log1p(-p));
        for (int k = 0; k < length; k++) {
            squares += (mass[k] - binomial) * (mass[k] - binomial);
            binomial *= k < n ? (double) (n - k) / (k + 1) * (p / (1 - p)) : 0;
        }
        double error = product.error(mass);

        assertTrue(Math.sqrt(squares) <= error + 1e-13, Math.sqrt(squares) + " " + error);
        assertTrue(error < 1e-8, () -> "too pessimistic: " + error);
    }

    /** Frequencies whose product is negligible are left out; two halves with 3,000 factors each come to one with 6,000. */
    @ParameterizedTest
    @CsvSource({"3000, 0.5, 8192", "40, 0.3, 512"})
    void leavesOutOnlyWhatDoesNotCount(int n, double p, int length) {
        SpectrumProduct halves = new SpectrumProduct(length);
        halves.multiply(List.of(part(p, n), part(p, n)), 0);
        SpectrumProduct whole = new SpectrumProduct(length);
        whole.multiply(List.of(part(p, 2 * n)), 0);
        double[] two = halves.inverse();
        double[] one = whole.inverse();
        double error = halves.error(two) + whole.error(one);
        double total = 0;
        for (int k = 0; k < length; k++) {
            assertEquals(one[k], two[k], error);
            total += two[k];
        }

        assertEquals(1, total, 1e-11);
        assertTrue(error < 1e-9, () -> "too pessimistic: " + error);
    }

    private static TiltedConvolution.Part part(double p, int n) {
        DiscretizedLoss coin =
                new DiscretizedLoss(STEP, 0, 0, new double[] {1 - p, p}, new DiscretizedLoss.Beyond(0, 0), 0);
        return new TiltedConvolution.Part(coin, n, 0);
    }
}
