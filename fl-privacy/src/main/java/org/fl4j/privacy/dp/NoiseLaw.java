package org.fl4j.privacy.dp;

import org.fl4j.privacy.accounting.PrivacyEvent;

/** What noise clients add, and what it is worth. Immutable and thread-safe. */
interface NoiseLaw {

    /** One client's noise of a variance, in steps^2. */
    Sampler sampler(double variance);

    /** The variance of a sum that its guarantee does not count, in steps^2. */
    double uncounted();

    /** ln E e^(l X) - l^2 v / 2 of noise X of variance v, at most. */
    double beyondGaussian(double variance, double l);

    /**
     * The release of a sum over noise of S^2 and {@link #uncounted} together.
     *
     * @param times how many times as much noise, at least 1
     */
    PrivacyEvent event(NoiseLattice lattice, double times);

    /**
     * Checks that the event covers noise of so many clients.
     *
     * @throws IllegalArgumentException if it does not
     */
    void requireCovered(NoiseLattice lattice, double clientVariance, int clients);

    /** Independent values. */
    @FunctionalInterface
    interface Sampler {

        void fill(long[] out, AesCtrBits bits);
    }
}
