package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.fl4j.privacy.dp.ExactAcceptance.Interval;
import org.fl4j.privacy.dp.ExactAcceptance.Proposal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the proof of exactness takes from the table, checked in integers. */
class StaircaseTest {

    private static final int PRECISION = 256;

    @ParameterizedTest
    @ValueSource(doubles = {0.0625, 0.5, 1, 31.9, 63.9, 4_096, 5_000.3, 8_191.999, 0x1p20, 1e9, 0x1p30})
    void columnsCoverTheCurveAndInnerCellsAreUnderIt(double sigma) {
        Staircase staircase = new Staircase(sigma);
        ExactAcceptance exact = new ExactAcceptance(sigma, 1);
        int cell = 0;
        for (int j = 0; j < Staircase.COLUMNS; j++) {
            int start = cell;
            int inside = 0;
            assertEquals(start, staircase.first[j]);
            for (; staircase.columnOf[cell] == j; cell++) {
                inside++;
            }
            for (; staircase.columnOf[cell] == ~j; cell++) {}
            Interval least = exact.exponential((j + 1L) << staircase.shift, PRECISION);
            Interval most = exact.exponential((long) j << staircase.shift, PRECISION);
            assertTrue(fixed(inside).compareTo(times(least.low(), staircase.levels)) <= 0, "inside of column " + j);
            assertTrue(fixed(cell - start).compareTo(times(most.high(), staircase.levels)) >= 0, "top of column " + j);
        }
        assertEquals(1 << staircase.tailBits, countFrom(staircase, cell, Staircase.TAIL));
        assertEquals(
                Staircase.CELLS - cell - (1 << staircase.tailBits),
                countFrom(staircase, cell + (1 << staircase.tailBits), Staircase.NOTHING));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0625, 63.9, 4_096, 5_000.3, 8_191.999, 0x1p30})
    void blocksOfTheTailCoverTheCurve(double sigma) {
        // Block t has 2^tailBits cells with probability 2^-(t+1), spread over COLUMNS columns.
        Staircase staircase = new Staircase(sigma);
        ExactAcceptance exact = new ExactAcceptance(sigma, 1);
        for (int t = 0; t < 12; t++) {
            long start = ((t + 1L) * Staircase.COLUMNS) << staircase.shift;
            BigInteger curve = times(exact.exponential(start, PRECISION).high(), staircase.levels)
                    .shiftLeft(t + 1)
                    .multiply(BigInteger.valueOf(Staircase.COLUMNS));
            assertTrue(fixed(1 << staircase.tailBits).compareTo(curve) >= 0, "block " + t);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {63.9, 4_096, 5_000.3, 8_191.999, 0x1p20, 1e9, 0x1p30})
    void floatingPointIsWithinItsBound(double sigma) {
        // Every crossing cell at both ends of its column and on both sides, and blocks 0 to 3 of the tail. The proof
        // says
        // 2^-36, the sampler allows 2^-32.
        Staircase staircase = new Staircase(sigma);
        DiscreteGaussian gaussian = DiscreteGaussian.ofFewSteps(sigma);
        ExactAcceptance exact = new ExactAcceptance(sigma, 1);
        for (int cell = 0; cell < Staircase.CELLS; cell++) {
            int column = ~staircase.columnOf[cell];
            if (column >= 0 && column < Staircase.COLUMNS) {
                int level = cell - staircase.first[column];
                long from = (long) column << staircase.shift;
                long to = (column + 1L) << staircase.shift;
                assertWithinBound(gaussian, exact, staircase.levels, new Proposal(from, level, 0));
                assertWithinBound(gaussian, exact, staircase.levels, new Proposal(-to, level, 0));
            }
        }
        for (int t = 0; t < 4; t++) {
            assertWithinBound(gaussian, exact, staircase.levels, gaussian.inBlock(t, 0));
            assertWithinBound(gaussian, exact, staircase.levels, gaussian.inBlock(t, -1));
        }
    }

    private static void assertWithinBound(DiscreteGaussian gaussian, ExactAcceptance exact, int levels, Proposal p) {
        BigInteger height =
                times(exact.exponential(p.x(), PRECISION).low(), levels).shiftLeft(p.doublings());
        BigInteger share = height.subtract(fixed(p.level()));
        BigInteger computed = new BigDecimal(gaussian.share(p))
                .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(PRECISION)))
                .toBigInteger();
        int bits = share.subtract(computed).abs().bitLength();
        assertTrue(DiscreteGaussian.ERROR_BOUND >= 0x1p-32);
        assertTrue(bits <= PRECISION - 36, p + " is off by 2^" + (bits - PRECISION));
    }

    private static int countFrom(Staircase staircase, int cell, int column) {
        int end = cell;
        while (end < Staircase.CELLS && staircase.columnOf[end] == ~column) {
            end++;
        }
        return end - cell;
    }

    private static BigInteger fixed(int value) {
        return BigInteger.valueOf(value).shiftLeft(PRECISION);
    }

    private static BigInteger times(BigInteger exponential, int levels) {
        return exponential.multiply(BigInteger.valueOf(levels));
    }
}
