package org.fl4j.privacy.secagg.internal.cohort;

import org.fl4j.internal.Check;

/**
 * How many neighbours a client has, how many shares reconstruct a secret, and how many clients a round needs.
 *
 * @param clients n, the size of the cohort
 * @param degree k, the neighbours of each client
 * @param threshold t, the shares that reconstruct a secret
 * @param minimumSurvivors the clients that must be left at the end of a round
 */
public record GraphParameters(int clients, int degree, int threshold, int minimumSurvivors) {

    /**
     * What the server, together with the clients it controls, may do to learn more than the sum.
     *
     * <p>Source: Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine Learning", CCS 2017; Bell,
     * Bonawitz, Gascon, Lepoint, Raykova, "Secure Single-Server Aggregation with (Poly)Logarithmic Overhead", CCS 2020.
     */
    public enum Adversary {
        /** Server and colluding clients follow the protocol, and put together all that they see. */
        CURIOUS,
        /** The server is honest while keys are collected, and may lie afterwards; colluding clients may always lie. */
        SEMI_MALICIOUS,
        /** Server and colluding clients may lie always. */
        MALICIOUS
    }

    /** Below this many clients the complete graph is cheap, and rates of a few clients round to 0. */
    public static final int HARARY_FROM = 100;

    /**
     * For the complete graph: the largest threshold t = n - ceil(delta n). Colluding clients must not reach it, so t &gt;
     * floor(gamma n). A lying server asks some clients for shares of one secret of a client and the others for the
     * other one; with f = floor(gamma n) colluding clients that answer both, it obtains both only if 2 t &lt;= n + f.
     *
     * @param adversary whom to withstand
     * @param rates gamma and delta
     * @param n clients, at least 2
     * @return the parameters
     * @throws IllegalArgumentException if no threshold fits
     */
    public static GraphParameters complete(Adversary adversary, Rates rates, int n) {
        Check.atLeast("clients", n, 2);
        int adversaries = rates.adversaries(n);
        int least = adversary == Adversary.CURIOUS ? adversaries + 1 : (n + adversaries) / 2 + 1;
        least = Math.max(2, least);
        int threshold = n - rates.dropoutsRoundedUp(n);
        if (threshold < least) {
            throw new CohortSizeException(noThreshold(adversary, rates, n, least), tooSmall(adversary, rates));
        }
        return new GraphParameters(n, n - 1, threshold, threshold);
    }

    public boolean isComplete() {
        return degree == clients - 1;
    }

    /** Without figures of the cohort. */
    static String tooSmall(Adversary adversary, Rates rates) {
        return "the cohort is too small to withstand " + adversary + " adversaries at " + rates
                + "; use more clients or lower rates";
    }

    private static String noThreshold(Adversary adversary, Rates rates, int n, int least) {
        int adversaries = rates.adversaries(n);
        int dropouts = rates.dropoutsRoundedUp(n);
        String bound = adversary == Adversary.CURIOUS
                ? "max(2, floor(gamma n) + 1)"
                : "max(2, floor((n + floor(gamma n)) / 2) + 1)";
        return "no threshold withstands " + adversary + " adversaries among n = " + n + " clients with adversarialRate"
                + " gamma = " + rates.adversarialRate() + " and dropoutRate delta = " + rates.dropoutRate()
                + ": floor(gamma n) = " + adversaries + ", ceil(delta n) = " + dropouts + ", so it must be at least "
                + bound + " = " + least + " and at most n - ceil(delta n) = " + (n - dropouts)
                + "; use more clients or lower rates";
    }

    /**
     * For the Harary graph: the smallest even degree at which the surviving honest clients are connected, no client's
     * colluding neighbours have a threshold of shares, both up to 2^-40, and enough of each client's neighbours survive,
     * up to 2^-20.
     *
     * @param adversary whom to withstand, not {@link Adversary#MALICIOUS}
     * @param rates gamma and delta
     * @param n clients, at least {@value #HARARY_FROM}
     * @return the parameters
     * @throws IllegalArgumentException if n is too small, the adversary too strong or no degree fits
     */
    public static GraphParameters harary(Adversary adversary, Rates rates, int n) {
        if (n < HARARY_FROM) {
            throw new IllegalArgumentException(
                    "clients of a Harary graph must be at least 100, but was " + n + "; use the complete graph");
        }
        return HararySearch.smallest(adversary, rates, n);
    }
}
