package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.function.LongSupplier;
import org.fl4j.privacy.dp.ExactAcceptance.Interval;
import org.fl4j.privacy.dp.ExactAcceptance.Proposal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExactAcceptanceTest {

    private static final int LEVELS = 196;
    private static final Proposal PROPOSAL = new Proposal(-1_000, 190, 0);

    /** No further bits may be asked for. */
    private static long noMore() {
        throw new AssertionError("read bits that the answer does not need");
    }

    private final ExactAcceptance acceptance = new ExactAcceptance(4_096, LEVELS);

    // Python's decimal with 90 digits: s = Decimal(sigma), which is the double; (-(Decimal(x) ** 2) / (2 * s *
    // s)).exp().
    @ParameterizedTest
    @CsvSource({
        "1, 1, 0.606530659712633423603799534991180453441918135487186955682892",
        "1, 2, 0.135335283236612691893999494972484403407631545909575881468159",
        "0.5, 1, 0.135335283236612691893999494972484403407631545909575881468159",
        "4096, 4096, 0.606530659712633423603799534991180453441918135487186955682892",
        "1073741824, -1073741824, 0.606530659712633423603799534991180453441918135487186955682892",
        "4096.7, -12345, 0.010670280940236571246076371358472655832781709932208271385290",
        "63.1, 200, 0.006584126035064216224372301618493918373053464868441066946903",
        "8191.9, 60000, 0.000000000002244036198629440976341042115739373598105405815042"
    })
    void encloseTheExponentialClosely(double sigma, long x, BigDecimal expected) {
        Interval interval = new ExactAcceptance(sigma, 1).exponential(x, 256);
        BigDecimal one = new BigDecimal(BigInteger.ONE.shiftLeft(256));
        BigDecimal low = new BigDecimal(interval.low()).divide(one, 59, RoundingMode.DOWN);
        BigDecimal high = new BigDecimal(interval.high()).divide(one, 59, RoundingMode.UP);
        BigDecimal ulp = BigDecimal.ONE.movePointLeft(59);
        assertTrue(low.compareTo(expected.add(ulp)) <= 0 && low.compareTo(expected.subtract(ulp)) >= 0, "low " + low);
        assertTrue(high.compareTo(expected.add(ulp)) <= 0 && high.compareTo(expected.subtract(ulp.add(ulp))) >= 0);
        assertTrue(interval.low().compareTo(interval.high()) < 0);
    }

    @Test
    void encloseMoreNarrowlyWithMorePrecision() {
        // x = 9 sigma: exp(-40.5) of 60 bits less than 1.
        Interval coarse = acceptance.exponential(36_864, 192);
        Interval fine = acceptance.exponential(36_864, 448);
        assertTrue(coarse.low().shiftLeft(256).compareTo(fine.low()) <= 0);
        assertTrue(coarse.high().shiftLeft(256).compareTo(fine.high()) >= 0);
        assertTrue(fine.high().subtract(fine.low()).bitLength() < 16);
    }

    @Test
    void oneWordDecidesUnlessItIsTheVeryOne() {
        long decisive = digit(0);
        assertTrue(acceptance.accepts(PROPOSAL, decisive - 1, ExactAcceptanceTest::noMore));
        assertFalse(acceptance.accepts(PROPOSAL, decisive + 1, ExactAcceptanceTest::noMore));
    }

    @Test
    void theVeryWordAsksForTheNext() {
        assertTrue(acceptance.accepts(PROPOSAL, digit(0), words(digit(1) - 1)));
        assertFalse(acceptance.accepts(PROPOSAL, digit(0), words(digit(1) + 1)));
        assertTrue(acceptance.accepts(PROPOSAL, digit(0), words(digit(1), digit(2), digit(3), digit(4) - 1)));
        assertFalse(acceptance.accepts(PROPOSAL, digit(0), words(digit(1), digit(2), digit(3), digit(4) + 1)));
    }

    @Test
    void doublingsDoubleTheAcceptedShare() {
        // Level 0 of a tail: 196 * 8 * rho = 0.8 of the unit interval at the x where rho = 0.00051.
        Proposal tail = new Proposal(15_956, 0, 3);
        double share = 196 * 8 * Math.exp(-0.5 * Math.pow(15_956 / 4_096.0, 2));
        assertEquals(0.79, share, 0.01);
        assertTrue(acceptance.accepts(tail, (long) (share * 0x1p63 - 0x1p20) << 1, ExactAcceptanceTest::noMore));
        assertFalse(acceptance.accepts(tail, (long) (share * 0x1p63 + 0x1p20) << 1, ExactAcceptanceTest::noMore));
    }

    @Test
    void zeroIsUnderTheCurveOnEveryLevel() {
        assertTrue(acceptance.accepts(new Proposal(0, LEVELS - 1, 0), -1, ExactAcceptanceTest::noMore));
        assertFalse(acceptance.accepts(new Proposal(0, LEVELS, 0), 0, ExactAcceptanceTest::noMore));
    }

    /** The i-th 64 bits of LEVELS exp(-x^2 / (2 sigma^2)) - level behind the point. */
    private long digit(int i) {
        Interval interval = acceptance.exponential(PROPOSAL.x(), 1_024);
        BigInteger low = scaled(interval.low(), i);
        assertEquals(low, scaled(interval.high(), i));
        return low.longValue();
    }

    private static BigInteger scaled(BigInteger exponential, int i) {
        BigInteger level = BigInteger.valueOf(PROPOSAL.level()).shiftLeft(1_024);
        return exponential.multiply(BigInteger.valueOf(LEVELS)).subtract(level).shiftRight(1_024 - 64 * (i + 1));
    }

    private static LongSupplier words(long... words) {
        int[] next = {0};
        return () -> words[next[0]++];
    }
}
