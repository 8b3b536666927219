package org.fl4j.privacy.secagg.internal.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same search in integers: no logarithm, no rounding, both tails from their definitions. */
class HararySearchExactTest {

    private static final int LARGEST = 300;
    private static final BigInteger[][] CHOOSE = pascal();

    private static BigInteger[][] pascal() {
        BigInteger[][] rows = new BigInteger[LARGEST + 1][];
        for (int n = 0; n <= LARGEST; n++) {
            rows[n] = new BigInteger[n + 1];
            for (int k = 0; k <= n; k++) {
                rows[n][k] = k == 0 || k == n ? BigInteger.ONE : rows[n - 1][k - 1].add(rows[n - 1][k]);
            }
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource({
        "CURIOUS, 5, 33, 1",
        "CURIOUS, 5, 5, 1",
        "SEMI_MALICIOUS, 5, 33, 4",
        "SEMI_MALICIOUS, 5, 5, 3",
        "CURIOUS, 33, 33, 4",
        "CURIOUS, 0, 3, 1",
        "CURIOUS, 0, 33, 3",
        "CURIOUS, 0, 90, 9",
        "SEMI_MALICIOUS, 0, 20, 3",
        "SEMI_MALICIOUS, 20, 10, 5",
        "CURIOUS, 20, 0, 5",
        "CURIOUS, 45, 45, 12"
    })
    void degreeAndThresholdFrom100To300(Adversary adversary, int gammaPercent, int deltaPercent, int step) {
        Rates tolerance = new Rates(gammaPercent / 100.0, deltaPercent / 100.0);
        for (int n = 100; n <= LARGEST; n += step) {
            int adversaries = gammaPercent * n / 100;
            int dropouts = deltaPercent * n / 100;
            GraphParameters expected = search(adversary != Adversary.CURIOUS, n, adversaries, dropouts);
            assertEquals(expected, GraphParameters.harary(adversary, tolerance, n), "n = " + n);
        }
    }

    private static GraphParameters search(boolean lies, int n, int adversaries, int dropouts) {
        for (int k = 2; k < n - 1; k += 2) {
            if (connected(n, adversaries + dropouts, k)) {
                int t1 = (int) (lies ? Math.ceil((t1(n, adversaries, k) + k - 1.25) / 2) : t1(n, adversaries, k));
                int t2 = t2(n, n - dropouts, k);
                int threshold = Math.max(t1 + 1, 2);
                if (t2 >= threshold) {
                    return new GraphParameters(n, k, threshold, n - dropouts);
                }
            }
        }
        throw new AssertionError("no degree for n = " + n);
    }

    /** n (n - k - 1) C(B, k) 2^40 < C(n, k). */
    private static boolean connected(int n, int gone, int k) {
        BigInteger pairs = BigInteger.valueOf((long) n * (n - k - 1));
        return pairs.multiply(choose(gone, k)).shiftLeft(40).compareTo(choose(n, k)) < 0;
    }

    /** The smallest t with n 2^41 sum over x > t of the ways <= C(n, k). */
    private static int t1(int n, int marked, int k) {
        BigInteger ways = BigInteger.ZERO;
        for (int t = k; t > 0; t--) {
            ways = ways.add(ways(n, marked, k, t));
            if (ways.multiply(BigInteger.valueOf(n)).shiftLeft(41).compareTo(choose(n, k)) > 0) {
                return t;
            }
        }
        return 0;
    }

    /** The smallest t with n 2^20 sum over x <= t of the ways >= C(n, k). */
    private static int t2(int n, int marked, int k) {
        BigInteger ways = BigInteger.ZERO;
        for (int t = 0; t < k; t++) {
            ways = ways.add(ways(n, marked, k, t));
            if (ways.multiply(BigInteger.valueOf(n)).shiftLeft(20).compareTo(choose(n, k)) >= 0) {
                return t;
            }
        }
        return k;
    }

    private static BigInteger ways(int n, int marked, int k, int x) {
        return choose(marked, x).multiply(choose(n - marked, k - x));
    }

    private static BigInteger choose(int n, int k) {
        return k < 0 || k > n ? BigInteger.ZERO : CHOOSE[n][k];
    }
}
