package org.fl4j.privacy.dp;

import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.VectorSkellam;

/**
 * Distributed Skellam noise: every client adds the difference of two Poisson variables to its integers before it masks them. A sum of
 * them has the same law, so that the guarantee has no term for the number of clients; it is by Renyi divergence, and a little larger
 * than that of {@link DistributedGaussian}.
 *
 * <p>Source: Agarwal, Kairouz, Liu, "The Skellam Mechanism for Differentially Private Federated Learning", NeurIPS 2021.
 */
public final class Skellam {

    private Skellam() {}

    /**
     * Noise for a bounded rule, without a budget and without a journal.
     *
     * @param rule whose contributions are summed, such as a {@link ClippedMean}
     * @param noiseMultiplier z above 0: the deviation of the noise of those honest clients that a round is certain to have, over the
     *     sensitivity
     * @return for {@code SecureSum.on}
     * @throws IllegalArgumentException if z is not positive and finite, or the rule is private already
     */
    public static DistributedNoise on(BoundedAggregator rule, double noiseMultiplier) {
        return DistributedNoise.of(rule, noiseMultiplier, law());
    }

    static NoiseLaw law() {
        return Law.SKELLAM;
    }

    /** The law of the noise. */
    private enum Law implements NoiseLaw {
        SKELLAM;

        @Override
        public Sampler sampler(double variance) {
            return new SkellamDistribution(variance)::fill;
        }

        @Override
        public double uncounted() {
            return 0;
        }

        /** The moment generating function is exp(v (cosh l - 1)). */
        @Override
        public double beyondGaussian(double variance, double l) {
            double half = Math.sinh(0.5 * l);
            return variance * Math.max(0, 2 * half * half - 0.5 * l * l) + 1e-9;
        }

        /**
         * By the norms that are S/z and no more on every lattice: over S^2 none of the bound's terms grows with S then, so a finer
         * lattice costs no more. Its own norms, which are whole numbers squared, do not shrink as evenly.
         */
        @Override
        public PrivacyEvent event(NoiseLattice lattice, double times) {
            double deviation = lattice.deviation();
            double l2 = deviation / lattice.counted();
            double l1 = Math.min(l2 * l2, Math.sqrt((double) lattice.length()) * l2);
            return new VectorSkellam(times * deviation * deviation, l1, l2);
        }

        /** A sum of Skellam variables is one, of which nothing is left to show but that there is a table of a client's. */
        @Override
        public void requireCovered(NoiseLattice lattice, double clientVariance, int clients) {
            SkellamDistribution.requireInRange(clientVariance);
        }

        @Override
        public String toString() {
            return "Skellam";
        }
    }
}
