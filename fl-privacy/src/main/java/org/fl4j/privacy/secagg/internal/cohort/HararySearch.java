package org.fl4j.privacy.secagg.internal.cohort;

import java.math.BigDecimal;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;

/**
 * The smallest even degree k of a Harary graph, and its threshold t. With A = floor(gamma n) colluding clients and D =
 * floor(delta n) dropouts, B = A + D:
 *
 * <pre>
 *   n (n - k - 1) / 2  C(B, k) / C(n, k) &lt; 2^-41                  the surviving honest clients are connected
 *   t1 = min { t : P[Hypergeometric(n, A, k) &gt; t] &lt;= 2^-41 / n }       colluding neighbours of any client
 *   t2 = min { t : P[Hypergeometric(n, n - D, k) &lt;= t] &gt;= 2^-20 / n }  surviving neighbours of every client
 *   t1 := floor((t1 + k) / 2)    if the server may lie: it asks the neighbours for one secret or the other
 *   t = max(t1 + 1, 2),   t2 &gt;= t
 * </pre>
 *
 * <p>Each degree is tried in turn, for t2 - t1 is no monotone function of k. The gap that the limit of 0.9 leaves between
 * colluding and surviving neighbours keeps the search short: at a million clients degrees are about ten thousand at most.
 *
 * <p>Source: Bell, Bonawitz, Gascon, Lepoint, Raykova, "Secure Single-Server Aggregation with (Poly)Logarithmic
 * Overhead", CCS 2020, section 3.
 */
final class HararySearch {

    static final int SECURITY_BITS = 40;
    static final int CORRECTNESS_BITS = 20;

    private static final BigDecimal MOST = new BigDecimal("0.9");

    private final boolean lies;
    private final int n;
    private final int adversaries;
    private final int dropouts;

    private HararySearch(Adversary adversary, Rates rates, int n) {
        this.lies = adversary != Adversary.CURIOUS;
        this.n = n;
        this.adversaries = rates.adversaries(n);
        this.dropouts = rates.dropouts(n);
    }

    /** The parameters for any n, also where rates round to 0. */
    static GraphParameters smallest(Adversary adversary, Rates rates, int n) {
        requirePossible(adversary, rates);
        HararySearch search = new HararySearch(adversary, rates, n);
        int t1 = 0;
        int t2 = 0;
        for (int degree = 2; degree < n - 1; degree += 2) {
            if (search.connected(degree)) {
                t1 = search.colluding(degree, t1);
                t2 = search.surviving(degree, t2);
                int wrong = search.inWrongHands(degree, t1);
                int threshold = Math.max(wrong + 1, 2);
                // The table's rule is t2 > t1, content with t1 = 0, t2 = 1 and t = 2: kept for its rows, not for use.
                if (t2 >= (n < GraphParameters.HARARY_FROM ? wrong + 1 : threshold)) {
                    return new GraphParameters(n, degree, threshold, n - search.dropouts);
                }
            }
        }
        throw new CohortSizeException(search.noDegree(adversary, rates), GraphParameters.tooSmall(adversary, rates));
    }

    private static void requirePossible(Adversary adversary, Rates rates) {
        if (adversary == Adversary.MALICIOUS) {
            throw new IllegalArgumentException("a Harary graph does not withstand MALICIOUS adversaries, who may lie"
                    + " while keys are collected and so choose a client's neighbours; use the complete graph");
        }
        int times = adversary == Adversary.CURIOUS ? 1 : 2;
        BigDecimal sum = rates.adversariesPlusDropouts(times);
        if (sum.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("on a Harary graph against " + adversary + " adversaries"
                    + " adversarialRate + " + (times == 1 ? "" : "2 * ") + "dropoutRate must be at most 0.9, but was "
                    + sum.toPlainString() + " for " + rates);
        }
    }

    private boolean connected(int degree) {
        int gone = adversaries + dropouts;
        if (degree > gone) {
            return true;
        }
        double pairs = 0.5 * n * ((double) n - degree - 1);
        double log = Hypergeometric.logChoose(gone, degree) - Hypergeometric.logChoose(n, degree);
        return Math.log(pairs) + log < -(SECURITY_BITS + 1) * Math.log(2);
    }

    /** t1: at least that of a smaller degree, as more neighbours have no fewer that collude. */
    private int colluding(int degree, int smaller) {
        double bound = -(SECURITY_BITS + 1) * Math.log(2) - Math.log(n);
        return new Hypergeometric(n, adversaries, degree).upperQuantile(bound, smaller);
    }

    /** t2: at least that of a smaller degree. */
    private int surviving(int degree, int smaller) {
        double bound = -CORRECTNESS_BITS * Math.log(2) - Math.log(n);
        return new Hypergeometric(n, n - dropouts, degree).lowerQuantile(bound, smaller);
    }

    /** How many shares of both secrets of a client a lying server may obtain, or of the one that it must not have. */
    private int inWrongHands(int degree, int colluding) {
        return lies ? (colluding + degree) / 2 : colluding;
    }

    private String noDegree(Adversary adversary, Rates rates) {
        int last = (n - 2) / 2 * 2;
        return "no Harary graph withstands " + adversary + " adversaries among n = " + n + " clients with"
                + " adversarialRate gamma = " + rates.adversarialRate() + " and dropoutRate delta = "
                + rates.dropoutRate() + ": floor(gamma n) = " + adversaries + ", floor(delta n) = " + dropouts
                + "; even at degree " + last + " up to " + inWrongHands(last, colluding(last, 0))
                + " shares of a secret may be in wrong hands and only " + surviving(last, 0)
                + " neighbours may survive; use more clients, lower rates or the complete graph";
    }
}
