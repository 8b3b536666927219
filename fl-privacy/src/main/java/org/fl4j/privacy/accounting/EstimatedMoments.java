package org.fl4j.privacy.accounting;

/**
 * Moments of one event's loss by the midpoint rule on a few points, and one for what is cut off at the top: they say where
 * to look for an answer and how finely.
 * No certified bound rests on them.
 */
final class EstimatedMoments {

    private final double[] loss;
    private final double[] logWeight;

    EstimatedMoments(EventLoss curve, double from, double to) {
        int n = curve.points(from, to);
        loss = new double[n + 1];
        logWeight = new double[n + 1];
        double width = (to - from) / n;
        for (int i = 0; i < n; i++) {
            double v = from + (i + 0.5) * width;
            loss[i] = curve.loss(v);
            logWeight[i] = Math.log(width * curve.density(v));
        }
        loss[n] = curve.loss(to);
        logWeight[n] = Math.log(curve.aboveUnderOther(to)) + loss[n] + curve.centre();
    }

    /** ln E e^(theta loss). */
    double logMoment(double theta) {
        double scale = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < loss.length; i++) {
            scale = Math.max(scale, theta * loss[i] + logWeight[i]);
        }
        double sum = 0;
        for (int i = 0; i < loss.length; i++) {
            sum += Math.exp(theta * loss[i] + logWeight[i] - scale);
        }
        return scale + Math.log(sum);
    }

    /** The variance of the loss under the weights times e^(theta loss). */
    double variance(double theta) {
        double log = logMoment(theta);
        double mean = 0;
        double square = 0;
        for (int i = 0; i < loss.length; i++) {
            double weight = Math.exp(theta * loss[i] + logWeight[i] - log);
            mean += weight * loss[i];
            square += weight * loss[i] * loss[i];
        }
        return Math.max(0, square - mean * mean);
    }
}
