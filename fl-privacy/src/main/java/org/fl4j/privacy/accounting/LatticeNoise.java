package org.fl4j.privacy.accounting;

import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One release of one whole number with noise on the whole numbers: the sum of n independent discrete Gaussians of parameter sigma and a
 * Skellam variable of variance mu. A contributor moves the number by at most D steps.
 *
 * <pre>  sum over j of X_j + Y,   P(X_j = k) ~ e^(-k^2 / (2 sigma^2)),   P(Y = k) = e^-mu I_k(mu)</pre>
 *
 * <p>All are exact: no accountant takes the sum for a Gaussian. The logarithm of the law is concave, so losses rise with the number that is seen, and D is the
 * worst shift. It says nothing about vectors: those are {@link VectorSkellam} and {@link NearGaussian}.
 *
 * <p>The Renyi bound splits the shift into whole parts, one for each of the noises, whose sum is computed from them:
 * {@code alpha d^2 / (2 sigma^2)} for a part of d steps under a discrete Gaussian (Canonne, Kamath, Steinke, NeurIPS 2020, theorem 4), and the bound of
 * {@link VectorSkellam}, best over what Y takes.
 *
 * <ul>
 *   <li>D = 0: nothing is revealed.
 *   <li>No noise: every accountant answers infinity.
 *   <li>D above 16 standard deviations, one below 1/1000 of a step, a law of more than 2^20 masses on a side, of a sum more than 2^13, or a
 *       sum of Gaussians of sigma below 1/2: the Renyi bound above, 0 below.
 * </ul>
 *
 * @param sigma of each discrete Gaussian, in steps; at least 0 and finite
 * @param parties n, from 0 to 2^53
 * @param skellamVariance mu, in squared steps; at least 0 and finite
 * @param shift D, in steps; from 0 to 2^31 - 1
 */
public record LatticeNoise(double sigma, long parties, double skellamVariance, long shift) implements PrivacyEvent {

    private static final double LARGEST_SHIFT = 16;
    private static final double LEAST_DEVIATION = 1e-3;

    /** Of each Gaussian in a sum; smaller ones are next to nothing but a rare step, and their sum is far from as wide as sigma says. */
    private static final double LEAST_OF_SUM = 0.5;

    private static final double LARGEST = 1 << 20;
    private static final double LARGEST_OF_SUM = 1 << 13;

    /** A law has as many masses on each side of 0 as this many standard deviations have steps. */
    private static final double DEVIATIONS = 40;

    /**
     * Checks the ranges. {@link #discreteGaussian} and {@link #skellam} say which number is which.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public LatticeNoise {
        sigma = Check.notNegative("sigma", sigma);
        parties = atMost("parties", parties, 1L << 53);
        skellamVariance = Check.notNegative("skellamVariance", skellamVariance);
        shift = atMost("shift", shift, Integer.MAX_VALUE);
    }

    private static long atMost(String name, long value, long most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(name + " must be from 0 to " + most + ", but was " + value);
        }
        return value;
    }

    /**
     * One discrete Gaussian.
     *
     * @param sigma in steps, at least 0 and finite
     * @param shift D, in steps, at least 0
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static LatticeNoise discreteGaussian(double sigma, long shift) {
        return new LatticeNoise(sigma, 1, 0, shift);
    }

    /**
     * Skellam noise.
     *
     * @param variance mu, in squared steps, at least 0 and finite
     * @param shift D, in steps, at least 0
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static LatticeNoise skellam(double variance, long shift) {
        return new LatticeNoise(0, 0, variance, shift);
    }

    /**
     * The sum of the noises of several parties that draw this noise each.
     *
     * @param n how many, at least 0
     * @throws IllegalArgumentException if there are too many
     */
    public LatticeNoise ofParties(long n) {
        return new LatticeNoise(
                sigma, Math.multiplyExact(parties, Check.atLeast("n", n, 0)), skellamVariance * (double) n, shift);
    }

    /**
     * With independent Skellam noise beside what there is.
     *
     * @param variance in squared steps, at least 0 and finite
     * @throws IllegalArgumentException if it is out of its range
     */
    public LatticeNoise plusSkellam(double variance) {
        return new LatticeNoise(sigma, parties, skellamVariance + Check.notNegative("variance", variance), shift);
    }

    private boolean hasGaussians() {
        return sigma > 0 && parties > 0;
    }

    /** Whether its law is short enough to be summed. */
    boolean isOnGrid() {
        double gaussians = hasGaussians() ? sigma * Math.sqrt((double) parties) : 0;
        double deviation = Math.hypot(gaussians, Math.sqrt(skellamVariance));
        boolean isSum = hasGaussians() && (parties > 1 || skellamVariance > 0);
        return deviation >= LEAST_DEVIATION
                && (double) shift <= LARGEST_SHIFT * deviation
                && (!isSum || sigma >= LEAST_OF_SUM)
                && DEVIATIONS * deviation <= (isSum ? LARGEST_OF_SUM : LARGEST);
    }

    /** The law of the noise. */
    LatticeLaw law() {
        if (!hasGaussians()) {
            return LatticeLaw.skellam(skellamVariance);
        }
        LatticeLaw gaussians = LatticeLaw.discreteGaussian(sigma).times(parties);
        return skellamVariance == 0 ? gaussians : gaussians.plus(LatticeLaw.skellam(skellamVariance));
    }

    private boolean isOneGaussian() {
        return hasGaussians() && parties == 1 && skellamVariance == 0;
    }

    /** ln of the mass of x - D over that of x. */
    double loss(LatticeLaw law, int x) {
        return isOneGaussian()
                ? (x - 0.5 * (double) shift) / sigma * ((double) shift / sigma)
                : Math.log(law.mass((int) (x - shift)) / law.mass(x));
    }

    /** How far losses are apart, if they all are as far. */
    double spacing() {
        return isOneGaussian() ? (double) shift / sigma / sigma : 0;
    }

    /** Returns this event: nothing is claimed of its amplification. */
    @Override
    public LatticeNoise poisson(double samplingProbability) {
        Check.probability("samplingProbability", samplingProbability);
        return this;
    }

    @Override
    public LatticeNoise withoutSampling() {
        return this;
    }

    @Override
    public boolean revealsNothing() {
        return shift == 0;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        if (revealsNothing()) {
            return 0;
        }
        double gaussians = hasGaussians() ? sigma * sigma * (double) parties : 0;
        double share = gaussians == 0 ? 1 : skellamVariance / (gaussians + skellamVariance);
        double nearest = Math.floor((double) shift * share);
        return Math.min(
                Math.min(rdp(alpha, 0), rdp(alpha, (double) shift)),
                Math.min(rdp(alpha, nearest), rdp(alpha, Math.min((double) shift, nearest + 1))));
    }

    /** With so many steps of the shift left to Skellam noise, and the others spread evenly over the Gaussians. */
    private double rdp(double alpha, double skellamSteps) {
        double steps = (double) shift - skellamSteps;
        if (steps > 0 && !hasGaussians()) {
            return Double.POSITIVE_INFINITY;
        }
        double bySkellam =
                skellamSteps == 0 ? 0 : new VectorSkellam(skellamVariance, skellamSteps, skellamSteps).rdp(alpha);
        if (steps == 0) {
            return bySkellam;
        }
        double n = (double) parties;
        double each = Math.floor(steps / n);
        double more = steps - each * n;
        double squares = more * (each + 1) * (each + 1) + (n - more) * each * each;
        return bySkellam + alpha / 2 * squares / sigma / sigma;
    }

    @Override
    public String kind() {
        return "latticeNoise";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("sigma", sigma)
                .and("parties", (double) parties)
                .and("skellamVariance", skellamVariance)
                .and("shift", (double) shift)
                .inOrder();
    }

    @Override
    public String text() {
        return "the sum of " + parties + " discrete Gaussians of sigma " + sigma + " and Skellam noise of variance "
                + skellamVariance + " on one number, contributions of at most " + shift + " steps, "
                + EventFigures.NO_AMPLIFICATION;
    }
}
