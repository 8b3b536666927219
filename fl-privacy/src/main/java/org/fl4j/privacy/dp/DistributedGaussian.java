package org.fl4j.privacy.dp;

import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.privacy.accounting.NearGaussian;
import org.fl4j.privacy.accounting.PrivacyEvent;

/**
 * The distributed discrete Gaussian: every client adds N_Z(0, sigma^2) to its integers before it masks them.
 *
 * <p><b>Guarantee.</b> Against whoever sees the sum and knows the noise of no more clients than the setting of the
 * {@code SecureSum} assumes to collude, a release is that of a Gaussian of noise multiplier z, up to a factor of e^(1e-10).
 * The server is trusted with nothing but what the setting says.
 *
 * <pre>{@code
 * DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(0.5), 1)
 *         .within(PrivacyTarget.pure(8).withPrivacyDelta(1e-6))
 *         .journal(Path.of("privacy.journal"));
 * FederatedServer.with(SecureSum.on(noise))
 * }</pre>
 *
 * <p>Source: Kairouz, Liu, Steinke, "The Distributed Discrete Gaussian Mechanism for Federated Learning with Secure Aggregation",
 * ICML 2021; the accountant's bound is proved in {@code docs/decisions/0039-noise-inside-the-masks.md}.
 */
public final class DistributedGaussian {

    /** A release is within a factor of e^(+-this) of one of a continuous Gaussian, at each point. */
    static final double LOG_RATIO = 1e-10;

    private DistributedGaussian() {}

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

    /**
     * tau: the sum of n discrete Gaussians of deviation s is within e^(+-tau) of the discrete Gaussian of its variance, at each integer.
     *
     * <p>Source: Kairouz, Liu, Steinke, ICML 2021, theorem 1.
     */
    static double tau(double s, int n) {
        double sum = 0;
        for (int k = 1; k < n; k++) {
            sum += Math.exp(-2 * Math.PI * Math.PI * s * s * k / (k + 1));
        }
        return 10 * sum;
    }

    /**
     * How far the discrete Gaussian of variance s^2 + t^2, at any integer, is at each point from a rounded normal of variance s^2,
     * as the logarithm of a ratio.
     */
    static double roundingRatio(double t) {
        double e = 0;
        for (int k = 1; k < 8; k++) {
            e += 2 * Math.exp(-2 * Math.PI * Math.PI * t * t * k * k);
        }
        return Math.log1p(e) - Math.log1p(-e);
    }

    static NoiseLaw law() {
        return Law.DISCRETE_GAUSSIAN;
    }

    /** The law of the noise. */
    private enum Law implements NoiseLaw {
        DISCRETE_GAUSSIAN;

        /** t, in steps. */
        private static final double ROUNDING = 2;

        @Override
        public Sampler sampler(double variance) {
            return DiscreteGaussian.ofFewSteps(Math.sqrt(variance))::fill;
        }

        @Override
        public double uncounted() {
            return ROUNDING * ROUNDING;
        }

        /** It is subgaussian (Canonne, Kamath, Steinke, NeurIPS 2020, lemma 8). */
        @Override
        public double beyondGaussian(double variance, double l) {
            return 0;
        }

        @Override
        public PrivacyEvent event(NoiseLattice lattice, double times) {
            return new NearGaussian(lattice.counted() * Math.sqrt(times), LOG_RATIO);
        }

        @Override
        public void requireCovered(NoiseLattice lattice, double clientVariance, int clients) {
            double ratio =
                    (double) lattice.length() * (tau(Math.sqrt(clientVariance), clients) + roundingRatio(ROUNDING));
            if (!(ratio <= LOG_RATIO)) {
                throw new IllegalArgumentException("a release of " + lattice.length() + " coordinates with noise of "
                        + Math.sqrt(clientVariance) + " steps a client of " + clients
                        + " must be within e^1e-10 of a Gaussian, but was within e^" + ratio + "; use Skellam");
            }
        }

        @Override
        public String toString() {
            return "DistributedGaussian";
        }
    }
}
