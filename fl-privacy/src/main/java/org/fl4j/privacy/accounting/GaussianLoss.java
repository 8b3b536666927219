package org.fl4j.privacy.accounting;

/**
 * The privacy loss of a Poisson-subsampled Gaussian.
 *
 * <p>With Q = N(0, 1) and P = (1 - q) N(0, 1) + q N(1/z, 1) in units of the noise,
 *
 * <pre>
 *   loss(u) = ln P(u)/Q(u) = ln(1 - q + q e^t),   t = u/z - 1/(2 z^2)
 *   REMOVE:  v = u,   distributed as P, loss(v)
 *   ADD:     v = -u,  distributed as Q, -loss(-v)
 * </pre>
 *
 * <p>At q = 1 the two are the same.
 *
 * <p>A loss is off by a few unit roundoffs of the largest modulus of a loss: q (e^t - 1) by one of q (e^t + 1).
 */
final class GaussianLoss implements EventLoss {

    private static final double LEAST_DISTANCE = 0.02;
    private static final double SMOOTH = 50;
    private static final double LARGEST = 100;
    private static final double FARTHEST = 35;

    private final double z;
    private final double q;
    private final boolean remove;
    private final double centre;
    private final double logRest;

    GaussianLoss(SampledGaussian event, Direction direction) {
        z = event.noiseMultiplier();
        q = event.samplingProbability();
        remove = direction == Direction.REMOVE || q == 1;
        logRest = Math.log1p(-q);
        centre = remove ? ratio(q == 1 ? 1 / z : 0) : -ratio(0);
    }

    @Override
    public double centre() {
        return centre;
    }

    @Override
    public double loss(double v) {
        return (remove ? ratio(v) : -ratio(-v)) - centre;
    }

    @Override
    public double at(double loss) {
        return remove ? inverse(loss + centre) : -inverse(-loss - centre);
    }

    /** P is Q e^loss. */
    @Override
    public double density(double v, double loss) {
        if (!remove) {
            return NormalTail.density(v);
        }
        double ratio = loss + centre;
        return q < 1 && ratio < 1
                ? NormalTail.density(v) * Math.exp(ratio)
                : (1 - q) * NormalTail.density(v) + q * NormalTail.density(v - 1 / z);
    }

    @Override
    public double above(double v) {
        double base = NormalTail.upper(v);
        return remove ? (1 - q) * base + q * NormalTail.upper(v - 1 / z) : base;
    }

    @Override
    public double aboveUnderOther(double v) {
        double base = NormalTail.upper(v);
        return remove ? base : (1 - q) * base + q * NormalTail.upper(v + 1 / z);
    }

    @Override
    public double below(double v) {
        double base = NormalTail.upper(-v);
        return remove ? (1 - q) * base + q * NormalTail.upper(1 / z - v) : base;
    }

    @Override
    public double lowest() {
        return -40;
    }

    @Override
    public double highest() {
        return 40 + 1 / z;
    }

    @Override
    public double step(double v) {
        double scale = Math.min(1, q == 1 ? 1 : z);
        return 0.05 * scale / Math.max(1, Math.min(Math.abs(v), Math.abs(v - 1 / z)) / 10);
    }

    /** Far from the loss ln(1 - q), or -ln(1 - q), where v is infinite, and where a cell is a small part of a step in v. */
    @Override
    public boolean isSmooth(double loss, double expLoss, double width) {
        double x = remove ? loss : -loss;
        double distance = Math.abs(x - logRest);
        if (q == 1 || distance < Math.max(LEAST_DISTANCE, SMOOTH * width) || Math.abs(x) > LARGEST) {
            return false;
        }
        double e = remove ? expLoss : 1 / expLoss;
        double farthest = 0.5 / z + z * (Math.abs(x) + Math.abs(x - logRest) - Math.log(q * LEAST_DISTANCE / 2));
        return e > 1 - q
                && farthest < FARTHEST
                && width * z * e / (e - (1 - q)) < 0.1 * 0.05 * Math.min(1, z) / Math.max(1, farthest / 10);
    }

    /** With s = (e^ratio - (1 - q)) / q, u = 1/(2z) + z ln s and du = z e^ratio / (q s) dratio. */
    @Override
    public double densityOfLoss(double expLoss) {
        double e = remove ? expLoss : 1 / expLoss;
        double rest = e - (1 - q);
        double u = 0.5 / z + z * Math.log(rest / q);
        double density = NormalTail.density(u) * z * e / rest;
        return remove ? density * e : density;
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
