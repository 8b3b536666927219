package org.fl4j.privacy.accounting;

import java.util.Optional;

/**
 * Compositions without events that reveal nothing, and with one Gaussian in place of all unsampled events. Where that Gaussian
 * has so little noise that its grid would become too large, it replaces the whole composition, or the sampled events count as
 * unsampled.
 */
final class NormalizedComposition {

    /** Below this, grids would become too large. */
    private static final double LEAST = 0x1p-6;

    private NormalizedComposition() {}

    /** Reveals at least as much: a sampled event with, or beside, too little noise counts as unsampled. */
    static Composition pessimistic(Composition composition) {
        Composition sampled = Composition.empty();
        boolean unsampled = false;
        double precision = 0;
        for (var entry : composition.events().entrySet()) {
            SampledGaussian event = (SampledGaussian) entry.getKey();
            if (event.isSampled() && event.noiseMultiplier() >= LEAST) {
                sampled = sampled.plus(event, entry.getValue());
            } else if (!event.revealsNothing()) {
                unsampled = true;
                precision += precision(event, entry.getValue());
            }
        }
        if (isTooPrecise(precision)) {
            double all = composition.sum(event -> event.revealsNothing() ? 0 : precision((SampledGaussian) event, 1));
            return Composition.of(gaussian(all), 1);
        }
        return unsampled ? sampled.plus(gaussian(Math.max(Double.MIN_NORMAL, precision))) : sampled;
    }

    /** Reveals at most as much: a sampled event with too little noise counts as one with a little more, beside it as none. */
    static Composition optimistic(Composition composition) {
        Composition sampled = Composition.empty();
        boolean noiseless = false;
        double precision = 0;
        for (var entry : composition.events().entrySet()) {
            SampledGaussian event = (SampledGaussian) entry.getKey();
            if (event.isSampled()) {
                double z = Math.max(event.noiseMultiplier(), LEAST);
                PrivacyEvent noisier = PrivacyEvent.unsampled(z).poisson(event.samplingProbability());
                sampled = sampled.plus(noisier, entry.getValue());
            } else if (!event.revealsNothing()) {
                noiseless |= event.noiseMultiplier() == 0;
                precision += precision(event, entry.getValue());
            }
        }
        if (isTooPrecise(precision)) {
            // An overflow is not yet infinity.
            return Composition.of(gaussian(noiseless ? precision : Math.min(Double.MAX_VALUE, precision)), 1);
        }
        return precision < Double.MIN_NORMAL ? sampled : sampled.plus(gaussian(precision));
    }

    /** 1/z^2, which adds up over unsampled events. */
    private static double precision(SampledGaussian event, long times) {
        return times / event.noiseMultiplier() / event.noiseMultiplier();
    }

    private static boolean isTooPrecise(double precision) {
        return precision > 1 / LEAST / LEAST;
    }

    private static SampledGaussian gaussian(double precision) {
        return PrivacyEvent.unsampled(1 / Math.sqrt(precision));
    }

    /** The Gaussian of a normalized composition that has no other event. */
    static Optional<AnalyticGaussian> onlyUnsampled(Composition normalized) {
        var events = normalized.events();
        return events.size() == 1 && events.firstKey() instanceof SampledGaussian gaussian && !gaussian.isSampled()
                ? Optional.of(AnalyticGaussian.ofSigma(gaussian.noiseMultiplier()))
                : Optional.empty();
    }
}
