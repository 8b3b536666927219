package org.fl4j.privacy.secagg;

import org.fl4j.internal.Check;
import org.fl4j.privacy.secagg.internal.cohort.Rates;

/**
 * How much of a cohort may collude with the server, and how much may drop out during a round. More adversaries than that cost
 * privacy, more dropouts the round.
 *
 * <p>A rate means the decimal number that it prints as: 0.07 of 100 clients are 7, although 0.07 * 100 in FP64 is more.
 *
 * @param adversarialRate gamma, the share of clients that collude with the server, in [0, 1)
 * @param dropoutRate delta, the share of clients that may drop out, in [0, 1)
 */
public record DropoutTolerance(double adversarialRate, double dropoutRate) {

    /** The share of clients that may collude with the server unless another is named: {@value}. */
    public static final double DEFAULT_ADVERSARIAL_RATE = 0.05;

    /** The share of clients that may drop out unless another is named: {@value}. */
    public static final double DEFAULT_DROPOUT_RATE = 0.33;

    /** {@value #DEFAULT_ADVERSARIAL_RATE} of the clients collude, {@value #DEFAULT_DROPOUT_RATE} drop out. */
    public static final DropoutTolerance DEFAULT = new DropoutTolerance(DEFAULT_ADVERSARIAL_RATE, DEFAULT_DROPOUT_RATE);

    /**
     * Checks the ranges. {@link #ofDropouts} and {@link #withAdversaries} say which number is which.
     *
     * @param adversarialRate in [0, 1)
     * @param dropoutRate in [0, 1)
     * @throws IllegalArgumentException if a rate is outside, or NaN
     */
    public DropoutTolerance {
        adversarialRate = Check.belowOne("adversarialRate", adversarialRate);
        dropoutRate = Check.belowOne("dropoutRate", dropoutRate);
    }

    /**
     * For a share of dropouts; {@value #DEFAULT_ADVERSARIAL_RATE} of the clients may collude.
     *
     * @param dropoutRate delta, in [0, 1)
     * @throws IllegalArgumentException if the rate is outside, or NaN
     */
    public static DropoutTolerance ofDropouts(double dropoutRate) {
        return new DropoutTolerance(DEFAULT_ADVERSARIAL_RATE, dropoutRate);
    }

    /**
     * The same dropouts with another share of colluding clients.
     *
     * @param rate gamma, in [0, 1)
     * @throws IllegalArgumentException if the rate is outside, or NaN
     */
    public DropoutTolerance withAdversaries(double rate) {
        return new DropoutTolerance(rate, dropoutRate);
    }

    Rates rates() {
        return new Rates(adversarialRate, dropoutRate);
    }
}
