package org.fl4j.privacy.accounting;

/**
 * Answers a query in one direction on finer and finer grids. First the losses are cut at lower and lower epsilons, which makes the
 * window small and the tilt sharp, until the answer no longer falls; then the grid is refined until the interval is narrow enough.
 */
final class GridRefinement {

    private static final double COARSEST = 20;
    private static final double UNLIKELY = 1e-7;
    private static final int MOST_CUTS = 6;
    private static final double CUT_AGAIN = 0.8;
    private static final int MOST_REFINEMENTS = 6;

    private final Composition composition;
    private final EventLoss.Direction direction;
    private final PrivacyCurveQuery query;
    private final double exceeded;
    private CompositionLoss loss;
    private ConvolutionWindow.TiltedSupport support;
    private CompositionLoss.Binned binned;
    private double upper;

    /** Answers below {@code exceeded}, which is known, need not be narrow. */
    GridRefinement(
            Composition composition, EventLoss.Direction direction, PrivacyCurveQuery query, double exceeded) {
        this.composition = composition;
        this.direction = direction;
        this.query = query;
        this.exceeded = exceeded;
        double epsilon = query.epsilon(composition);
        cut(epsilon);
        for (int i = 0; i < MOST_CUTS && !isExceeded() && query.epsilon(upper) < CUT_AGAIN * epsilon; i++) {
            epsilon = query.epsilon(upper);
            cut(epsilon);
        }
    }

    private void cut(double epsilon) {
        loss = new CompositionLoss(composition, direction, UNLIKELY * query.privacyDelta(composition), epsilon);
        support = loss.support(query.tilt(loss));
        discretize(step(COARSEST));
    }

    private void discretize(double step) {
        binned = loss.binned(support.window(step));
        upper = query.upper(binned.pessimistic());
    }

    /** Whether the answer is not above what is known by more than may stay unknown. */
    private boolean isExceeded() {
        return upper <= exceeded
                || upper - exceeded <= query.width(new PrivacyLossAccountant.Interval(exceeded, upper));
    }

    /** Refines until the answer is narrow enough, exceeded, or a finer grid costs too much. */
    PrivacyLossAccountant.Interval refined() {
        if (isExceeded()) {
            return new PrivacyLossAccountant.Interval(0, upper);
        }
        double stepsPerDeviation = COARSEST;
        double step = step(stepsPerDeviation);
        PrivacyLossAccountant.Interval best = answer();
        for (int i = 0; i < MOST_REFINEMENTS && !isExceeded(); i++) {
            double factor = Math.sqrt(best.width() / query.width(best));
            if (!(factor > 1)) {
                return best;
            }
            stepsPerDeviation *= Math.max(1.5, Math.min(4, 1.2 * factor));
            double finer = step(stepsPerDeviation);
            if (finer >= step) {
                return best;
            }
            step = finer;
            discretize(step);
            best = best.and(answer());
        }
        return best;
    }

    private double step(double stepsPerDeviation) {
        return Math.max(loss.step(support.theta(), stepsPerDeviation), support.finestStep());
    }

    /** Each end is right; that they cross would take rounding in the last digits. */
    private PrivacyLossAccountant.Interval answer() {
        double lower = query.lower(binned.optimistic());
        return new PrivacyLossAccountant.Interval(Math.min(lower, upper), Math.max(lower, upper));
    }
}
