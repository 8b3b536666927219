package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptimizedBandsTest {

    /**
     * Least errors by SciPy 1's L-BFGS-B with numerical gradients over coefficients in [0, 1] (rows 1 and 2), where no
     * constraint of order binds; the third by the same descent written in NumPy.
     */
    @ParameterizedTest
    @CsvSource({"100,10,10,9.317657", "1000,100,16,19.853291", "1000,100,100,11.572671"})
    void reachesTheLeastError(int rounds, int separation, int bands, double least) {
        MatrixPlan plan = MatrixPlan.over(rounds).separatedBy(separation).bands(bands);

        assertEquals(least, plan.optimized().rootMeanSquareError(), 1e-4 * least);
        assertTrue(plan.rootMeanSquareError() > 1.02 * least, "the square root has more");
    }

    /** More bands than rounds between two participations cost sensitivity; the descent finds that they should be zero. */
    @Test
    void leavesOutBandsThatDoNotPay() {
        ToeplitzStrategy more = OptimizedBands.of(100, 10, 30);

        assertEquals(
                MatrixPlan.over(100).separatedBy(10).optimized().rootMeanSquareError(),
                more.sensitivity(10) * more.rootMeanSquareRow(),
                1e-3);
        assertEquals(0, more.coefficients()[29], 1e-3);
    }

    /** No neighbour that is allowed is better: each coefficient a little more or less. */
    @Test
    void isAMinimum() {
        int rounds = 40;
        ToeplitzStrategy found = OptimizedBands.of(rounds, 8, 6);
        double least = error(found);
        for (int k = 1; k < 6; k++) {
            for (double step : new double[] {-1e-3, 1e-3}) {
                double[] other = found.coefficients();
                other[k] += step;
                assertTrue(error(new ToeplitzStrategy(other, rounds)) > least, "coefficient " + k + " by " + step);
            }
        }
    }

    private static double error(ToeplitzStrategy strategy) {
        return strategy.sensitivity(8) * strategy.rootMeanSquareRow();
    }

    @Test
    void oneBandIsOneBand() {
        assertEquals(1, OptimizedBands.of(7, 2, 1).coefficients().length);
        assertEquals(
                MatrixPlan.over(7).sensitivity(), MatrixPlan.over(7).optimized().sensitivity());
    }
}
