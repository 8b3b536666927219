package org.fl4j.privacy.accounting;

/**
 * The privacy loss of a Laplace mechanism over a Poisson sample. Of noise of scale b around 0 (Q) or 1, with probability q (P), all outputs below 0
 * have one loss, and all above 1: they are v in [-1, 0) and [1, 2], of uniform density.
 *
 * <pre>
 *   loss(v) = ln(1 - q + q e^l),   l = (2v - 1) / b for v in [0, 1]
 *   REMOVE:  v, distributed as P, loss(v)
 *   ADD:     1 - v, distributed as Q, -loss(v)
 * </pre>
 */
final class LaplaceLoss implements EventLoss {

    private final double b;
    private final double q;
    private final boolean remove;
    private final double centre;

    LaplaceLoss(Laplace event, Direction direction) {
        b = event.noiseMultiplier();
        q = event.samplingProbability();
        remove = direction == Direction.REMOVE || q == 1;
        centre = remove ? ratio(q == 1 ? 2 : -1) : -ratio(-1);
    }

    private double ratio(double v) {
        double l = (2 * Math.max(0, Math.min(1, v)) - 1) / b;
        if (q == 1) {
            return l;
        }
        if (l > 30) {
            return l + Math.log(q + (1 - q) * Math.exp(-l));
        }
        double excess = q * Math.expm1(l);
        return excess < -0.5 ? Math.log(1 - q + q * Math.exp(l)) : Math.log1p(excess);
    }

    @Override
    public double centre() {
        return centre;
    }

    @Override
    public double loss(double v) {
        return (remove ? ratio(v) : -ratio(1 - v)) - centre;
    }

    @Override
    public double at(double wanted) {
        if (wanted <= loss(-1)) {
            return -1;
        }
        if (wanted > loss(2)) {
            return Double.POSITIVE_INFINITY;
        }
        double v = remove ? inverse(wanted + centre) : 1 - inverse(-wanted - centre);
        return Math.max(0, Math.min(1, v));
    }

    private double inverse(double loss) {
        double l = loss;
        if (q < 1) {
            double w = Math.expm1(loss) / q;
            l = loss > 30 ? loss - Math.log(q) + Math.log1p(-(1 - q) * Math.exp(-loss)) : Math.log1p(Math.max(-1, w));
        }
        return (l * b + 1) / 2;
    }

    /** Of Q. */
    private double base(double v) {
        if (v < 0) {
            return 0.5;
        }
        return v < 1 ? Math.exp(-v / b) / (2 * b) : 0.5 * Math.exp(-1 / b);
    }

    private double baseAbove(double v) {
        if (v < 0) {
            return 0.5 - 0.5 * v;
        }
        return v < 1 ? 0.5 * Math.exp(-v / b) : 0.5 * Math.exp(-1 / b) * (2 - v);
    }

    private double baseBelow(double v) {
        if (v < 0) {
            return 0.5 * (v + 1);
        }
        return v < 1 ? 0.5 - 0.5 * Math.expm1(-v / b) : 1 - 0.5 * Math.exp(-1 / b) * (2 - v);
    }

    @Override
    public double density(double v, double unused) {
        return remove ? (1 - q) * base(v) + q * base(1 - v) : base(1 - v);
    }

    @Override
    public double above(double v) {
        return remove ? (1 - q) * baseAbove(v) + q * baseBelow(1 - v) : baseBelow(1 - v);
    }

    @Override
    public double aboveUnderOther(double v) {
        return remove ? baseAbove(v) : (1 - q) * baseBelow(1 - v) + q * baseAbove(v);
    }

    @Override
    public double below(double v) {
        return remove ? (1 - q) * baseBelow(v) + q * baseAbove(1 - v) : baseAbove(1 - v);
    }

    @Override
    public double lowest() {
        return -1;
    }

    @Override
    public double highest() {
        return 2;
    }

    @Override
    public double step(double v) {
        return 0.002 * Math.min(1, b);
    }

    @Override
    public double nextBreak(double v) {
        if (v < 0) {
            return 0;
        }
        return v < 1 ? 1 : Double.POSITIVE_INFINITY;
    }

    /** So that the grid can be aligned with both outcomes of positive mass. */
    @Override
    public double lossError() {
        return 0x1p-41;
    }

    @Override
    public double spacing() {
        return ratio(2) - ratio(-1);
    }
}
