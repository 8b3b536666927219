package org.fl4j.privacy.accounting;

import java.util.Locale;
import org.fl4j.internal.Check;

/**
 * The smallest noise multiplier z with which a number of equal releases stays within a target.
 *
 * <pre>  z = NoiseCalibration.reaching(PrivacyTarget.pure(2).withPrivacyDelta(1e-6)).sampling(0.01).rounds(1000).noiseMultiplier()</pre>
 *
 * <p>By bisection on the accountant's upper bound: what is returned was checked and is never above the target; it exceeds
 * the smallest z by no more than the precision, {@value #DEFAULT_PRECISION} relative unless told otherwise, and by what the
 * accountant's bound is worth. Not below 2^-7.
 *
 * <p>Immutable and thread-safe.
 */
public final class NoiseCalibration {

    private static final double DEFAULT_PRECISION = 1e-3;
    private static final double LEAST = 0x1p-6;
    private static final double MOST = 0x1p40;

    private enum Accountant {
        LOSS_DISTRIBUTION,
        RENYI
    }

    private final PrivacyTarget target;
    private final double samplingProbability;
    private final long rounds;
    private final double precision;
    private final Accountant accountant;

    private NoiseCalibration(
            PrivacyTarget target, double samplingProbability, long rounds, double precision, Accountant accountant) {
        this.target = target;
        this.samplingProbability = samplingProbability;
        this.rounds = rounds;
        this.precision = precision;
        this.accountant = accountant;
    }

    /**
     * For one release to which every client contributes, by {@link PrivacyLossAccountant}.
     *
     * @param target what is to hold; its privacyDelta above 0
     * @throws IllegalArgumentException if privacyDelta is 0, which no Gaussian reaches
     */
    public static NoiseCalibration reaching(PrivacyTarget target) {
        target.requireReachable();
        return new NoiseCalibration(target, 1, 1, DEFAULT_PRECISION, Accountant.LOSS_DISTRIBUTION);
    }

    /**
     * Over Poisson samples of which the observer knows neither members nor size. {@code GaussianMechanism.calibration} says
     * for which selectors and rules that is so.
     *
     * @param newProbability q, in [0, 1]
     * @throws IllegalArgumentException if q is out of its range
     */
    public NoiseCalibration sampling(double newProbability) {
        double q = Check.probability("samplingProbability", newProbability);
        return new NoiseCalibration(target, q, rounds, precision, accountant);
    }

    /**
     * For several releases.
     *
     * @param newRounds how many, at least 0
     * @throws IllegalArgumentException if negative
     */
    public NoiseCalibration rounds(long newRounds) {
        long n = Check.atLeast("rounds", newRounds, 0);
        return new NoiseCalibration(target, samplingProbability, n, precision, accountant);
    }

    /**
     * With another precision.
     *
     * @param newPrecision relative, in [1e-9, 1]
     * @throws IllegalArgumentException if out of its range
     */
    public NoiseCalibration precision(double newPrecision) {
        if (!(newPrecision >= 1e-9 && newPrecision <= 1)) {
            throw new IllegalArgumentException("precision must be in [1e-9, 1], but was " + newPrecision);
        }
        return new NoiseCalibration(target, samplingProbability, rounds, newPrecision, accountant);
    }

    /** By {@link RenyiAccountant}: quicker, and more noise than needed. */
    public NoiseCalibration byRenyi() {
        return new NoiseCalibration(target, samplingProbability, rounds, precision, Accountant.RENYI);
    }

    /**
     * Searches.
     *
     * @return z; 0 where nothing is released
     * @throws IllegalArgumentException if no z up to 2^40 reaches the target
     */
    public double noiseMultiplier() {
        if (within(0)) {
            return 0;
        }
        double high = 1;
        while (!within(high)) {
            high *= 2;
            if (high > MOST) {
                throw new IllegalArgumentException(unreachable());
            }
        }
        double low = high / 2;
        while (low >= LEAST && within(low)) {
            high = low;
            low /= 2;
        }
        while (high - low > precision * low) {
            double middle = low + (high - low) / 2;
            if (within(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private boolean within(double z) {
        return epsilon(z) <= target.epsilon();
    }

    private double epsilon(double z) {
        PrivacyEvent event = PrivacyEvent.unsampled(z).poisson(samplingProbability);
        Composition composition = Composition.of(event, rounds);
        return accountant == Accountant.RENYI
                ? RenyiAccountant.create()
                        .epsilon(composition, target.privacyDelta())
                        .epsilon()
                : PrivacyLossAccountant.create()
                        .epsilon(composition, target.privacyDelta())
                        .upper();
    }

    private String unreachable() {
        return String.format(
                Locale.ROOT,
                "no noise multiplier up to 2^40 reaches epsilon %s at privacyDelta %s with samplingProbability %s and %d"
                        + " rounds; epsilon there is %.3e",
                target.epsilon(),
                target.privacyDelta(),
                samplingProbability,
                rounds,
                epsilon(MOST));
    }
}
