package org.fl4j.privacy.accounting;

import java.util.function.DoublePredicate;

/**
 * The privacy loss of one event in one direction, as a function of a coordinate v in which it does not fall.
 *
 * <p>With Q = N(0, 1) and P = (1 - q) N(0, 1) + q N(1/z, 1) in units of the noise,
 *
 * <pre>
 *   loss(u) = ln P(u)/Q(u) = ln(1 - q + q e^t),   t = u/z - 1/(2 z^2)
 *   REMOVE:  v = u,   distributed as P, loss(v)
 *   ADD:     v = -u,  distributed as Q, -loss(-v)
 * </pre>
 *
 * <p>At q = 1 the two are the same. Losses are counted from a centre where most of the mass lies, so that a multiple of any
 * grid step falls there.
 *
 * <p>A loss is off by a few unit roundoffs of the largest modulus of a loss: q (e^t - 1) by one of q (e^t + 1).
 */
final class EventLoss {

    /** Which of two neighbours holds the contributor: the first, or the second. */
    enum Direction {
        REMOVE,
        ADD
    }

    private final double z;
    private final double q;
    private final boolean remove;
    private final double centre;

    EventLoss(SampledGaussian event, Direction direction) {
        z = event.noiseMultiplier();
        q = event.samplingProbability();
        remove = direction == Direction.REMOVE || q == 1;
        centre = remove ? ratio(q == 1 ? 1 / z : 0) : -ratio(0);
    }

    /** Subtracted from every loss. */
    double centre() {
        return centre;
    }

    /** The loss less its centre. */
    double loss(double v) {
        return (remove ? ratio(v) : -ratio(-v)) - centre;
    }

    /** The v with this loss; infinite where no v has it. */
    double at(double loss) {
        return remove ? inverse(loss + centre) : -inverse(-loss - centre);
    }

    /** The density of v. */
    double density(double v) {
        return density(v, loss(v));
    }

    /** The density of v, whose loss is known: P is Q e^loss. */
    double density(double v, double loss) {
        if (!remove) {
            return NormalTail.density(v);
        }
        double ratio = loss + centre;
        return q < 1 && ratio < 1
                ? NormalTail.density(v) * Math.exp(ratio)
                : (1 - q) * NormalTail.density(v) + q * NormalTail.density(v - 1 / z);
    }

    /** The mass above v. */
    double above(double v) {
        double base = NormalTail.upper(v);
        return remove ? (1 - q) * base + q * NormalTail.upper(v - 1 / z) : base;
    }

    /** The mass above v under the other of the two distributions: that above v times the mean of e^-loss there. */
    double aboveUnderOther(double v) {
        double base = NormalTail.upper(v);
        return remove ? base : (1 - q) * base + q * NormalTail.upper(v + 1 / z);
    }

    /** The mass below v. */
    double below(double v) {
        double base = NormalTail.upper(-v);
        return remove ? (1 - q) * base + q * NormalTail.upper(1 / z - v) : base;
    }

    /** A v with at most this mass above it. */
    double withAbove(double mass) {
        return bisect(v -> above(v) > mass, -40, 40 + 1 / z);
    }

    /** A v with at most this mass below it. */
    double withBelow(double mass) {
        return -bisect(v -> below(-v) > mass, -40 - 1 / z, 40);
    }

    /** A step in v over which density and loss are smooth: 1/20 of the scale on which they change. */
    double step(double v) {
        double scale = Math.min(1, q == 1 ? 1 : z);
        return 0.05 * scale / Math.max(1, Math.min(Math.abs(v), Math.abs(v - 1 / z)) / 10);
    }

    private static double bisect(DoublePredicate tooLow, double from, double to) {
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

    private double ratio(double u) {
        double t = (u - 0.5 / z) / z;
        if (q == 1) {
            return t;
        }
        return t > 30 ? t + Math.log(q + (1 - q) * Math.exp(-t)) : logOnePlus(q * (Math.exp(t) - 1));
    }

    /** ln(1 + x) by Kahan's correction for the rounding of 1 + x; faster here than the library's. */
    private static double logOnePlus(double x) {
        double sum = 1 + x;
        return sum == 1 ? x : Math.log(sum) * (x / (sum - 1));
    }

    private double inverse(double loss) {
        return 0.5 / z + z * t(loss);
    }

    private double t(double loss) {
        if (q == 1) {
            return loss;
        }
        if (loss > 30) {
            return loss - Math.log(q) + Math.log1p(-(1 - q) * Math.exp(-loss));
        }
        double w = Math.expm1(loss) / q;
        return w <= -1 ? Double.NEGATIVE_INFINITY : Math.log1p(w);
    }
}
