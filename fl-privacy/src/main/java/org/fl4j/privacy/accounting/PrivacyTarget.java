package org.fl4j.privacy.accounting;

import org.fl4j.internal.Check;

/**
 * The (epsilon, privacyDelta) that is to hold.
 *
 * @param epsilon at least 0 and finite
 * @param privacyDelta in [0, 1)
 */
public record PrivacyTarget(double epsilon, double privacyDelta) {

    /**
     * Checks the ranges. {@link #pure} and {@link #withPrivacyDelta} say which number is which.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public PrivacyTarget {
        epsilon = Check.notNegative("epsilon", epsilon);
        privacyDelta = Check.belowOne("privacyDelta", privacyDelta);
    }

    /**
     * Pure differential privacy: privacyDelta is 0. No Gaussian reaches that; give it one.
     *
     * @param epsilon at least 0 and finite
     * @throws IllegalArgumentException if epsilon is out of its range
     */
    public static PrivacyTarget pure(double epsilon) {
        return new PrivacyTarget(epsilon, 0);
    }

    /**
     * The same epsilon at another privacyDelta.
     *
     * @param privacyDelta in [0, 1)
     * @throws IllegalArgumentException if privacyDelta is out of its range
     */
    public PrivacyTarget withPrivacyDelta(double privacyDelta) {
        return new PrivacyTarget(epsilon, privacyDelta);
    }

    void requireReachable() {
        if (privacyDelta == 0) {
            throw new IllegalArgumentException(
                    "privacyDelta must be > 0 and < 1 for a Gaussian, but was 0.0; set it by withPrivacyDelta");
        }
    }
}
