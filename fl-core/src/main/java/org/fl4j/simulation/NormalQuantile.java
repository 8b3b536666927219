package org.fl4j.simulation;

/** Where the standard normal distribution function has a value. */
final class NormalQuantile {

    /** Beyond it, no probability differs from 1 in double precision. */
    private static final double FARTHEST = 9;

    private static final int HALVINGS = 60;
    /** From there on terms fall by more than half each. */
    private static final int TERMS = 400;

    private NormalQuantile() {}

    /** By bisection, for a probability in (0, 1). */
    static double of(double probability) {
        double low = -FARTHEST;
        double high = FARTHEST;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (distribution(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** By the series of Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4), 2004. */
    private static double distribution(double x) {
        double term = x;
        double sum = x;
        for (int odd = 3; odd < TERMS; odd += 2) {
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
}
