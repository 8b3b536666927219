package org.fl4j.privacy.dp;

import org.fl4j.aggregation.BoundedAggregator;

/** Mechanisms whose noise a test knows, for tests of other packages. */
public final class SeededNoise {

    private SeededNoise() {}

    /** The same noise in the first release of every mechanism made with one seed. */
    public static GaussianMechanism on(BoundedAggregator rule, double noiseMultiplier, long seed) {
        return GaussianMechanism.on(rule, noiseMultiplier).drawingFrom(Releases.seeded(seed));
    }

    /** Stated noise, in steps, which the test may change between releases. */
    public static GaussianMechanism on(BoundedAggregator rule, double noiseMultiplier, long[] steps) {
        return GaussianMechanism.on(rule, noiseMultiplier).drawingFrom((distribution, n) -> steps.clone());
    }
}
