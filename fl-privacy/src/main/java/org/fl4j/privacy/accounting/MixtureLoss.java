package org.fl4j.privacy.accounting;

/**
 * The privacy loss of {@link GaussianMixture}, with Q = N(0, 1) and P the mixture of N(m_i, 1), m_i = c_i / z:
 *
 * <pre>
 *   loss(u) = ln sum over i of p_i e^(m_i u - m_i^2 / 2)
 *   REMOVE:  v = u,   distributed as P, loss(v)
 *   ADD:     v = -u,  distributed as Q, -loss(-v)
 * </pre>
 *
 * <p>It rises and is convex in u, so Newton's method finds the u of a loss from above.
 */
final class MixtureLoss implements EventLoss {

    private static final double FARTHEST = 40;

    private final double[] mean;
    private final double[] weight;
    private final boolean remove;
    private final double centre;

    MixtureLoss(GaussianMixture event, Direction direction) {
        mean = event.probabilities().keySet().stream()
                .mapToDouble(c -> c / event.noiseMultiplier())
                .toArray();
        weight = event.probabilities().values().stream().mapToDouble(p -> p).toArray();
        remove = direction == Direction.REMOVE;
        centre = remove ? ratio(0) : -ratio(0);
    }

    /** Near 0 by what the terms exceed 1 by, elsewhere by terms of one sign. */
    private double ratio(double u) {
        double largest = Double.NEGATIVE_INFINITY;
        double excess = 0;
        for (int i = 0; i < mean.length; i++) {
            double exponent = mean[i] * (u - mean[i] / 2);
            largest = Math.max(largest, exponent);
            excess += weight[i] * Math.expm1(exponent);
        }
        if (Math.abs(excess) < 0.5) {
            return Math.log1p(excess);
        }
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            sum += weight[i] * Math.exp(mean[i] * (u - mean[i] / 2) - largest);
        }
        return largest + Math.log(sum);
    }

    /** d loss / du: the mean of m under the weights of P at u. */
    private double slope(double u, double ratio) {
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            sum += weight[i] * mean[i] * Math.exp(mean[i] * (u - mean[i] / 2) - ratio);
        }
        return sum;
    }

    private double inverse(double loss) {
        double low = -FARTHEST - 1;
        double high = FARTHEST + 1 + mean[mean.length - 1];
        if (ratio(low) >= loss) {
            return Double.NEGATIVE_INFINITY;
        }
        if (ratio(high) <= loss) {
            return Double.POSITIVE_INFINITY;
        }
        double u = high;
        for (int i = 0; i < 100; i++) {
            double ratio = ratio(u);
            double next = u - (ratio - loss) / slope(u, ratio);
            if (!(next > low) || Math.abs(next - u) <= 1e-14 * (1 + Math.abs(u))) {
                break;
            }
            u = next;
        }
        return u;
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

    @Override
    public double density(double v, double unused) {
        if (!remove) {
            return NormalTail.density(v);
        }
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            sum += weight[i] * NormalTail.density(v - mean[i]);
        }
        return sum;
    }

    /** Of the mixture of N(sign m_i, 1). */
    private double upper(double v, double sign) {
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            sum += weight[i] * NormalTail.upper(v - sign * mean[i]);
        }
        return sum;
    }

    @Override
    public double above(double v) {
        return remove ? upper(v, 1) : NormalTail.upper(v);
    }

    @Override
    public double aboveUnderOther(double v) {
        return remove ? NormalTail.upper(v) : upper(v, -1);
    }

    @Override
    public double below(double v) {
        return remove ? upper(-v, -1) : NormalTail.upper(-v);
    }

    @Override
    public double lowest() {
        return -FARTHEST;
    }

    @Override
    public double highest() {
        return FARTHEST + mean[mean.length - 1];
    }

    @Override
    public double step(double v) {
        double nearest = Math.abs(v);
        for (double m : mean) {
            nearest = Math.min(nearest, Math.abs(v - m));
        }
        return 0.05 * Math.min(1, 1 / mean[mean.length - 1]) / Math.max(1, nearest / 10);
    }
}
