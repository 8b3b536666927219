package org.fl4j.privacy.dp;

/** Where noise comes from: fresh cryptographic bits, or a test's. */
@FunctionalInterface
interface NoiseSource {

    NoiseSource FRESH = DiscreteGaussian::draw;

    /** n values of a distribution, in grid steps. */
    long[] draw(DiscreteGaussian distribution, int n);
}
