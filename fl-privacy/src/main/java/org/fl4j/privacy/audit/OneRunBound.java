package org.fl4j.privacy.audit;

/**
 * The lower bound on epsilon from one run: of m canaries, each in or out by a fair coin, r were guessed, v of them rightly. Under an
 * (epsilon, delta)-private mechanism, with V from Binomial(r, 1 / (1 + e^-epsilon)),
 *
 * <pre>  P[v or more right] &lt;= P[V &gt;= v] + 2 m delta max over i in 1..v of P[v &gt; V &gt;= v - i] / i.</pre>
 *
 * <p>Every epsilon for which that is at most 1 - confidence is refuted. The events "v or more" are nested, so the largest of those is
 * itself a bound of that confidence, also where the right side is not monotone in epsilon.
 *
 * <p>Source: Steinke, Nasr, Jagielski, "Privacy Auditing with One (1) Training Run", NeurIPS 2023, corollary 5.4 and appendix D
 * (arXiv 2305.08846).
 *
 * @param canaries m
 * @param guesses r
 * @param right v
 * @param privacyDelta delta
 */
record OneRunBound(int canaries, int guesses, int right, double privacyDelta) {

    private static final int BISECTIONS = 50;
    private static final double LARGEST = 512;

    /** The epsilon that is refuted; 0 if none is. */
    double epsilon(double confidence) {
        double wrong = 1 - confidence;
        double high = 1;
        while (high < LARGEST && probability(high) <= wrong) {
            high *= 2;
        }
        double low = 0;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (probability(middle) <= wrong) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The right side above, in the number of wrong guesses W = r - V. */
    double probability(double epsilon) {
        double[] wrong = binomial(guesses, 1 / (1 + Math.exp(epsilon)));
        int seen = guesses - right;
        double fewer = 0;
        for (int w = 0; w <= seen; w++) {
            fewer += wrong[w];
        }
        double more = 0;
        double steepest = 0;
        for (int i = 1; i <= right; i++) {
            more += wrong[seen + i];
            steepest = Math.max(steepest, more / i);
        }
        return Math.min(1, fewer + 2.0 * canaries * privacyDelta * steepest);
    }

    /** All n + 1 probabilities: ratios to the mode's, which underflow only where they do not count. */
    private static double[] binomial(int n, double p) {
        double[] ratios = new double[n + 1];
        int mode = (int) Math.min(n, (n + 1) * p);
        double odds = p / (1 - p);
        ratios[mode] = 1;
        double sum = 1;
        for (int k = mode + 1; k <= n; k++) {
            ratios[k] = ratios[k - 1] * odds * (n - k + 1) / k;
            sum += ratios[k];
        }
        for (int k = mode - 1; k >= 0; k--) {
            ratios[k] = ratios[k + 1] * (k + 1) / (odds * (n - k));
            sum += ratios[k];
        }
        for (int k = 0; k <= n; k++) {
            ratios[k] /= sum;
        }
        return ratios;
    }
}
