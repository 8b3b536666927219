package org.fl4j.privacy.accounting;

/**
 * What of a composition has a privacy loss distribution.
 *
 * @param composition the events that have one, and the Gaussians that others are near: to compose them alone reveals at most as much
 *     as the worst of all mechanisms that the events stand for
 * @param logRatio R, the sum over releases by which probabilities may differ from those of the composition: by a factor of e^R
 * @param complete whether those are all events
 */
record KnownLosses(Composition composition, double logRatio, boolean complete) {

    private static final double OUTWARD = 1e-15;

    /** Above, masses under one of the two distributions are too small for a double. */
    private static final double LARGEST_LOSS = 600;

    static KnownLosses of(Composition all) {
        Composition known = Composition.empty();
        double logRatio = 0;
        boolean complete = true;
        for (var entry : all.events().entrySet()) {
            PrivacyEvent event = entry.getKey();
            if (event instanceof NearGaussian near) {
                known = known.plus(near.gaussian(), entry.getValue());
                logRatio += entry.getValue() * near.logRatio();
            } else if (!event.revealsNothing()) {
                PrivacyEvent least = leastOf(event);
                boolean isKnown = isOnGrid(least);
                known = isKnown ? known.plus(least, entry.getValue()) : known;
                complete &= isKnown && !(event instanceof VectorSkellam);
            }
        }
        return new KnownLosses(known, logRatio, complete);
    }

    /** The event, or a mechanism that it stands for: of a vector with Skellam noise the one that moves a single coordinate. */
    private static PrivacyEvent leastOf(PrivacyEvent event) {
        if (event instanceof VectorSkellam skellam) {
            double shift = Math.min(Integer.MAX_VALUE, Math.floor(Math.min(skellam.l1(), skellam.l2())));
            return LatticeNoise.skellam(skellam.variance(), (long) shift);
        }
        boolean isWhole =
                event instanceof GaussianWithoutReplacement sampled && sampled.batch() == sampled.population();
        return isWhole ? event.withoutSampling() : event;
    }

    /** Whether the loss distribution is neither so wide nor so long that a grid would be too large. */
    private static boolean isOnGrid(PrivacyEvent event) {
        if (event instanceof LatticeNoise noise) {
            return noise.isOnGrid();
        }
        if (event instanceof GaussianMixture mixture) {
            return mixture.noiseMultiplier() >= NormalizedComposition.LEAST * mixture.largest();
        }
        if (event instanceof GaussianWithoutReplacement sampled) {
            return sampled.noiseMultiplier() >= NormalizedComposition.LEAST;
        }
        return event instanceof SampledGaussian || event.pureEpsilon() <= LARGEST_LOSS;
    }

    /** Whether the composition is all there is. */
    boolean isExact() {
        return complete && logRatio == 0;
    }

    /** The privacyDelta of the known composition whose epsilon, less 2 R, is enough for this one of all. */
    double privacyDelta(double ofAll) {
        return ofAll * Math.exp(-logRatio) * (1 - OUTWARD);
    }

    /** The epsilon of all by that of the known composition. */
    double epsilon(double known) {
        return complete ? (2 * logRatio + known) * (1 + OUTWARD) : Double.POSITIVE_INFINITY;
    }

    /** By how much an epsilon of all exceeds that of the known composition; negative where the latter would be below 0. */
    double beyond(double epsilon) {
        return epsilon - 2 * logRatio;
    }

    /**
     * The privacyDelta of all at an epsilon, e^R delta(x) with x = epsilon - 2R; for x below 0 by
     * {@code delta(-y) = 1 - e^-y + e^-y delta'(y)}, the last with both laws exchanged.
     *
     * @param known at least the privacyDelta of the known composition at |x|, in both directions
     */
    double privacyDelta(double epsilon, double known) {
        double x = beyond(epsilon);
        double delta = x < 0 ? -Math.expm1(x) + Math.exp(x) * known : known;
        return complete ? Math.min(1, delta * Math.exp(logRatio) * (1 + OUTWARD)) : 1;
    }
}
