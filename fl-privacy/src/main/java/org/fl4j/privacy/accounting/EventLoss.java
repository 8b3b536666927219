package org.fl4j.privacy.accounting;

import java.util.List;
import java.util.function.DoublePredicate;

/**
 * The privacy loss ln P/Q of one event in one direction, under P, as a function of a coordinate v in which it does not fall. Where
 * it is constant v is part of an outcome of positive mass, of uniform density.
 *
 * <p>Losses are counted from a centre where most of the mass lies, so that a multiple of any grid step falls there.
 */
interface EventLoss {

    /** Which of two neighbours holds the contributor: the first, or the second. */
    enum Direction {
        REMOVE,
        ADD
    }

    /** The loss of an event that {@link KnownLosses} keeps. */
    static EventLoss of(PrivacyEvent event, Direction direction) {
        if (event instanceof SampledGaussian gaussian) {
            return new GaussianLoss(gaussian, direction);
        }
        if (event instanceof Laplace laplace) {
            return new LaplaceLoss(laplace, direction);
        }
        if (event instanceof GaussianMixture mixture) {
            return new MixtureLoss(mixture, direction);
        }
        if (event instanceof GaussianWithoutReplacement sampled) {
            return new WithoutReplacementLoss(sampled);
        }
        if (event instanceof RandomizedResponse response) {
            return AtomLoss.of(response);
        }
        if (event instanceof LatticeNoise noise) {
            return AtomLoss.of(noise);
        }
        throw new IllegalStateException(event + " has no loss distribution");
    }

    /** Subtracted from every loss. */
    double centre();

    /** The loss less its centre. */
    double loss(double v);

    /** The least v with at least this loss; infinite where no v has it. */
    double at(double loss);

    /** The density of v, whose loss is known. */
    double density(double v, double loss);

    /** The density of v. */
    default double density(double v) {
        return density(v, loss(v));
    }

    /** The mass above v. */
    double above(double v);

    /** The mass above v under the other of the two distributions: that above v times the mean of e^-loss there. */
    double aboveUnderOther(double v);

    /** The mass below v. */
    double below(double v);

    /** Below it is no mass, or none that a double can hold. */
    double lowest();

    /** Above it is no mass, or none that a double can hold. */
    double highest();

    /** A step in v over which density and loss are smooth: 1/20 of the scale on which they change. */
    double step(double v);

    /** The first v above this one where density or loss is not smooth. */
    default double nextBreak(double v) {
        return Double.POSITIVE_INFINITY;
    }

    /** The distance of which those between outcomes of positive mass are multiples; 0 where there is none, or none is known. */
    default double spacing() {
        return 0;
    }

    /** By how much a loss may be off beside a few unit roundoffs of the largest. */
    default double lossError() {
        return 0;
    }

    /** At least the mass that neither {@link #above} nor {@link #below} counts, whose loss may be infinite. */
    default double tail() {
        return 0;
    }

    /**
     * Whether three nodes integrate {@link #densityOfLoss} over a cell to 1e-13.
     *
     * @param loss its lower end, with the centre
     * @param expLoss e^loss
     * @param width of the cell, in loss
     */
    default boolean isSmooth(double loss, double expLoss, double width) {
        return false;
    }

    /** The density of losses, with the centre, by e^loss; where cells are smooth. */
    default double densityOfLoss(double expLoss) {
        throw new IllegalStateException("densities are known by v only");
    }

    /** On how many points moments are estimated. */
    default int points(double from, double to) {
        return (int) Math.min(4000, 2 + Math.ceil((to - from) / (5 * step(from))));
    }

    /** A v with at most this mass above it. */
    default double withAbove(double mass) {
        return bisect(v -> above(v) > mass, lowest(), highest());
    }

    /** A v with at most this mass below it. */
    default double withBelow(double mass) {
        return -bisect(v -> below(-v) > mass, -highest(), -lowest());
    }

    /** Where what holds at the first and not at the second ends. */
    static double bisect(DoublePredicate tooLow, double from, double to) {
        double low = from;
        double high = to;
        for (int i = 0; i < 30; i++) {
            double middle = 0.5 * (low + high);
            if (tooLow.test(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** The loss of an event and how often it is added. */
    record Counted(EventLoss curve, long count) {

        /** Of all events, in their order. */
        static List<Counted> of(Composition composition, Direction direction) {
            return composition.events().entrySet().parallelStream()
                    .map(entry -> new Counted(EventLoss.of(entry.getKey(), direction), entry.getValue()))
                    .toList();
        }
    }
}
