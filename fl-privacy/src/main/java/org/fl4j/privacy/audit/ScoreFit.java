package org.fl4j.privacy.audit;

import java.util.Optional;
import org.fl4j.privacy.accounting.NormalPair;
import org.fl4j.privacy.dp.AuditVerdict;

/**
 * Two normals fitted to the scores of canaries that were in and out, and their epsilon (Andrew, Kairouz, Oh, Oprea, McMahan, Suresh, "One-shot
 * Empirical Privacy Estimation for Federated Learning", ICLR 2024: cosines of canaries with what is released, the normal of those
 * observed against that of those unobserved). Here both normals are fitted, from canaries of the same run; a common factor of all scores, such as
 * the norm of the release, which makes inner products cosines, changes nothing.
 *
 * <p>Lower limit: with probability of at least {@code confidence} for large samples, the gap is not below its lower limit and both
 * deviations are within theirs, each of the three missed by a third of the error. The limit is the least epsilon of all pairs in that region. A normal that is
 * added to both is post-processing, so the least has one deviation at its upper end.
 *
 * @param with mean and deviation of the scores of canaries that were in
 * @param without of those that were out
 */
record ScoreFit(Moments with, Moments without) {

    /** With fewer on a side there is no estimate. */
    static final int FEWEST = 30;

    private static final int STEPS = 64;

    /** Empty if fewer than {@value #FEWEST} were in or out. */
    static Optional<ScoreFit> of(float[] scores, CanarySecrets secrets) {
        Moments in = Moments.of(scores, secrets, true);
        Moments out = Moments.of(scores, secrets, false);
        return in.count() < FEWEST || out.count() < FEWEST ? Optional.empty() : Optional.of(new ScoreFit(in, out));
    }

    AuditVerdict.Estimate estimate(double privacyDelta, double confidence) {
        double gap = with.mean() - without.mean();
        if (with.deviation() == 0 || without.deviation() == 0) {
            double epsilon = gap == 0 && with.deviation() == without.deviation() ? 0 : Double.POSITIVE_INFINITY;
            return new AuditVerdict.Estimate(epsilon, epsilon);
        }
        double epsilon = new NormalPair(gap, with.deviation(), without.deviation()).epsilon(privacyDelta);
        return new AuditVerdict.Estimate(epsilon, lowerLimit(gap, privacyDelta, (1 - confidence) / 3));
    }

    private double lowerLimit(double gap, double privacyDelta, double error) {
        double least = Math.max(0, gap - upperQuantile(error) * Math.hypot(with.meanError(), without.meanError()));
        double sides = upperQuantile(error / 2);
        double limit = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= STEPS; i++) {
            double at = sides * (2.0 * i / STEPS - 1);
            limit = Math.min(limit, new NormalPair(least, with.off(sides), without.off(at)).epsilon(privacyDelta));
            limit = Math.min(limit, new NormalPair(least, with.off(at), without.off(sides)).epsilon(privacyDelta));
        }
        return limit;
    }

    /** The z that a standard normal exceeds with a probability: two unit normals 2 z apart are 1 - 2 Q(z) apart in total variation. */
    private static double upperQuantile(double probability) {
        double low = 0;
        double high = 40;
        while (high - low > 1e-9) {
            double middle = (low + high) / 2;
            if (new NormalPair(2 * middle, 1, 1).privacyDelta(0) < 1 - 2 * probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** Of one side. */
    record Moments(int count, double mean, double deviation) {

        static Moments of(float[] scores, CanarySecrets secrets, boolean in) {
            int count = 0;
            double sum = 0;
            for (int i = 0; i < scores.length; i++) {
                if (secrets.isIn(i) == in) {
                    count++;
                    sum += scores[i];
                }
            }
            double mean = sum / Math.max(1, count);
            double squares = 0;
            for (int i = 0; i < scores.length; i++) {
                if (secrets.isIn(i) == in) {
                    squares += (scores[i] - mean) * (scores[i] - mean);
                }
            }
            return new Moments(count, mean, Math.sqrt(squares / Math.max(1, count - 1)));
        }

        double meanError() {
            return deviation / Math.sqrt(count);
        }

        /** The deviation, off by so many of its standard errors: its logarithm has 1 / sqrt(2 (n - 1)). */
        double off(double errors) {
            return deviation * Math.exp(errors / Math.sqrt(2.0 * (count - 1)));
        }
    }
}
