package org.fl4j.simulation;

import org.fl4j.internal.Check;

/**
 * What colluding clients all send in place of their updates, coordinate by coordinate, see {@link Trouble#colluding}: a
 * function of the mean and the deviation of the honest updates that they could have sent, from which they infer those of
 * the others.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface Collusion {

    /**
     * One coordinate of the common update.
     *
     * @param mean of this coordinate over the colluders' honest updates
     * @param deviation the standard deviation of the same, the root of the mean squared distance to the mean; 0 of one client
     * @return the coordinate that all of them send
     */
    double forge(double mean, double deviation);

    /**
     * "A Little Is Enough": {@code mean - z * deviation}, an update among honest ones, so that defences keep it.
     *
     * <p>Source: Baruch, Baruch, Goldberg, "A Little Is Enough: Circumventing Defenses For Distributed Learning", NeurIPS 2019,
     * Algorithm 3, <a href="https://arxiv.org/abs/1902.06156">arXiv:1902.06156</a>.
     *
     * @param z in standard deviations, finite; the paper has 1 to 1.5 in its experiments
     */
    static Collusion littleIsEnough(double z) {
        if (!Double.isFinite(z)) {
            throw new IllegalArgumentException("z must be finite, but was " + z);
        }
        return (mean, deviation) -> mean - z * deviation;
    }

    /**
     * The same with the largest z that is likely to be missed, by the paper's formula: with {@code s = floor(n / 2 + 1) - f}
     * the honest clients needed for a majority, z is where the standard normal distribution function is {@code (n - f - s) /
     * (n - f)}.
     *
     * @param clients n, of a round
     * @param colluders f, of them, at least 1 and fewer than half
     */
    static Collusion littleIsEnough(int clients, int colluders) {
        Check.atLeast("colluders", colluders, 1);
        if (colluders >= clients - colluders) {
            throw new IllegalArgumentException("colluders must be fewer than half of " + clients + " clients, but was "
                    + colluders + "; a majority decides by itself");
        }
        int honest = clients - colluders;
        int supporters = clients / 2 + 1 - colluders;
        return littleIsEnough(NormalQuantile.of((honest - supporters) / (double) honest));
    }

    /**
     * Inner-product manipulation: {@code -epsilon * mean}, which points away from the honest mean. A mean over all clients is
     * turned around by a large epsilon; a small one hides from defences by distance.
     *
     * <p>Source: Xie, Koyejo, Gupta, "Fall of Empires: Breaking Byzantine-tolerant SGD by Inner Product Manipulation", UAI 2019,
     * section 4, <a href="https://arxiv.org/abs/1903.03936">arXiv:1903.03936</a>.
     *
     * @param epsilon above 0
     */
    static Collusion innerProduct(double epsilon) {
        Check.positive("epsilon", epsilon);
        return (mean, deviation) -> -epsilon * mean;
    }
}
