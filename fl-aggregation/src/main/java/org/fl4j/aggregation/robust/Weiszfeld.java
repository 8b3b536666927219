package org.fl4j.aggregation.robust;

import org.fl4j.internal.Check;

/**
 * The smoothed Weiszfeld iteration of {@link GeometricMedian}.
 *
 * @param smoothing nu
 * @param maxIterations at least 1
 * @param tolerance the length of the gradient with which it ends
 */
record Weiszfeld(double smoothing, int maxIterations, double tolerance) {

    Weiszfeld {
        if (!(smoothing >= Double.MIN_NORMAL) || Double.isInfinite(smoothing)) {
            throw new IllegalArgumentException(
                    "smoothing must be >= " + Double.MIN_NORMAL + " and < infinity, but was " + smoothing);
        }
        Check.atLeast("maxIterations", maxIterations, 1);
        if (!(tolerance >= 0 && tolerance < 1)) {
            throw new IllegalArgumentException("tolerance must be >= 0 and < 1, but was " + tolerance);
        }
    }

    /**
     * Moves a centre to the median.
     *
     * @return how many iterations it took
     */
    int run(MovingCentre centre, double[] alpha) {
        for (int done = 0; done < maxIterations; done++) {
            double[] beta = new double[alpha.length];
            double sum = 0;
            for (int k = 0; k < beta.length; k++) {
                beta[k] = alpha[k] / Math.max(smoothing, centre.distances()[k]);
                sum += beta[k];
            }
            for (int k = 0; k < beta.length; k++) {
                beta[k] /= sum;
            }
            // a step is the gradient, the sum of the pulls, divided by the sum of the betas
            if (centre.move(beta) * sum <= tolerance) {
                return done + 1;
            }
        }
        return maxIterations;
    }

    @Override
    public String toString() {
        return "smoothing=" + smoothing + ", maxIterations=" + maxIterations + ", tolerance=" + tolerance;
    }
}
