package org.fl4j.privacy.accounting;

import java.util.Optional;

/**
 * Compositions without events that reveal nothing, and with one Gaussian in place of all unsampled events. Where that Gaussian
 * has so little noise that its grid would become too large, it replaces the whole composition, or the sampled events count as
 * unsampled.
 */
final class NormalizedComposition {

    /** Below this, grids would become too large. */
    static final double LEAST = 0x1p-6;

    private NormalizedComposition() {}

    /** Reveals at least as much: a sampled event with, or beside, too little noise counts as unsampled, other kinds beside it as without noise. */
    static Composition pessimistic(Composition composition) {
        Composition others = Composition.empty();
        Composition sampled = Composition.empty();
        boolean unsampled = false;
        double precision = 0;
        for (var entry : composition.events().entrySet()) {
            if (!(entry.getKey() instanceof SampledGaussian event)) {
                others = others.plus(entry.getKey(), entry.getValue());
            } else if (event.isSampled() && event.noiseMultiplier() >= LEAST) {
                sampled = sampled.plus(event, entry.getValue());
            } else if (!event.revealsNothing()) {
                unsampled = true;
                precision += precision(event, entry.getValue());
            }
        }
        if (isTooPrecise(precision)) {
            double all = precision + sampled.sum(event -> precision((SampledGaussian) event, 1));
            return Composition.of(others.events().isEmpty() ? gaussian(all) : PrivacyEvent.unsampled(0), 1);
        }
        Composition rest = others.plus(sampled);
        return unsampled ? rest.plus(gaussian(Math.max(Double.MIN_NORMAL, precision))) : rest;
    }

    /** Reveals at most as much: a sampled event with too little noise counts as one with a little more, beside it as none. */
    static Composition optimistic(Composition composition) {
        Composition rest = Composition.empty();
        boolean noiseless = false;
        double precision = 0;
        for (var entry : composition.events().entrySet()) {
            if (!(entry.getKey() instanceof SampledGaussian event)) {
                rest = rest.plus(entry.getKey(), entry.getValue());
            } else if (event.isSampled()) {
                double z = Math.max(event.noiseMultiplier(), LEAST);
                PrivacyEvent noisier = PrivacyEvent.unsampled(z).poisson(event.samplingProbability());
                rest = rest.plus(noisier, entry.getValue());
            } else if (!event.revealsNothing()) {
                noiseless |= event.noiseMultiplier() == 0;
                precision += precision(event, entry.getValue());
            }
        }
        if (isTooPrecise(precision)) {
            // An overflow is not yet infinity.
            return Composition.of(gaussian(noiseless ? precision : Math.min(Double.MAX_VALUE, precision)), 1);
        }
        return precision < Double.MIN_NORMAL ? rest : rest.plus(gaussian(precision));
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
