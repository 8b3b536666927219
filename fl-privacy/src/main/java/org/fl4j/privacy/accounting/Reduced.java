package org.fl4j.privacy.accounting;

import java.util.Optional;

/** Compositions without what reveals nothing, and with one Gaussian for all events that are not sampled. */
final class Reduced {

    /** Below these, grids would become too large. */
    private static final double LEAST_SAMPLED = 0x1p-6;

    private static final double LEAST_UNSAMPLED = 0x1p-300;

    private Reduced() {}

    /** Reveals at least as much: a sampled event with too little noise counts as unsampled, too little as none. */
    static Composition pessimistic(Composition composition) {
        Composition sampled = Composition.empty();
        Composition unsampled = Composition.empty();
        for (var entry : composition.events().entrySet()) {
            PrivacyEvent event = entry.getKey();
            if (isSampled(event) && event.noiseMultiplier() >= LEAST_SAMPLED) {
                sampled = sampled.plus(event, entry.getValue());
            } else if (!event.revealsNothing()) {
                unsampled = unsampled.plus(event, entry.getValue());
            }
        }
        return withOneGaussian(sampled, unsampled, 0);
    }

    /** Reveals at most as much: too little noise counts as a little more. */
    static Composition optimistic(Composition composition) {
        Composition sampled = Composition.empty();
        Composition unsampled = Composition.empty();
        for (var entry : composition.events().entrySet()) {
            PrivacyEvent event = entry.getKey();
            if (isSampled(event)) {
                double z = Math.max(event.noiseMultiplier(), LEAST_SAMPLED);
                PrivacyEvent noisier = PrivacyEvent.unsampled(z).poisson(event.samplingProbability());
                sampled = sampled.plus(noisier, entry.getValue());
            } else if (!event.revealsNothing()) {
                unsampled = unsampled.plus(event, entry.getValue());
            }
        }
        boolean noiseless = unsampled.events().containsKey(PrivacyEvent.unsampled(0));
        return withOneGaussian(sampled, unsampled, noiseless ? 0 : LEAST_UNSAMPLED);
    }

    /** 1/z^2 adds up. Where hardly any noise is left, nothing else counts. */
    private static Composition withOneGaussian(Composition sampled, Composition unsampled, double least) {
        if (unsampled.events().isEmpty()) {
            return sampled;
        }
        double precision = unsampled.sum(event -> 1 / event.noiseMultiplier() / event.noiseMultiplier());
        double z = 1 / Math.sqrt(Math.max(Double.MIN_NORMAL, precision));
        return z < LEAST_UNSAMPLED
                ? Composition.of(PrivacyEvent.unsampled(least), 1)
                : sampled.plus(PrivacyEvent.unsampled(z), 1);
    }

    private static boolean isSampled(PrivacyEvent event) {
        return event.samplingProbability() > 0 && event.samplingProbability() < 1;
    }

    /** The one Gaussian that a reduced composition is, if it is. */
    static Optional<AnalyticGaussian> onlyUnsampled(Composition reduced) {
        var events = reduced.events();
        return events.size() == 1 && !isSampled(events.firstKey())
                ? Optional.of(AnalyticGaussian.ofSigma(events.firstKey().noiseMultiplier()))
                : Optional.empty();
    }
}
