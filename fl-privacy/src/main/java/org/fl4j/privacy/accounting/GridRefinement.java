package org.fl4j.privacy.accounting;

/** Answers a query in one direction on finer and finer grids. */
final class GridRefinement {

    private static final double COARSEST = 12;
    private static final double UNLIKELY = 1e-7;
    private static final int MOST_REFINEMENTS = 6;

    private final PrivacyCurveQuery query;
    private final CompositionLoss loss;
    private final ConvolutionWindow.TiltedSupport support;

    GridRefinement(Composition composition, EventLoss.Direction direction, PrivacyCurveQuery query) {
        this.query = query;
        loss = new CompositionLoss(composition, direction, UNLIKELY * query.privacyDelta(composition));
        support = loss.support(query.tilt(loss));
    }

    /** Refines until the answer is narrow enough, lies below {@code exceeded}, or a finer grid costs too much. */
    PrivacyLossAccountant.Interval refinedUnlessBelow(double exceeded) {
        double stepsPerDeviation = COARSEST;
        double step = step(stepsPerDeviation);
        PrivacyLossAccountant.Interval best = answer(step);
        for (int i = 0; i < MOST_REFINEMENTS && best.upper() > exceeded; i++) {
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
            best = best.and(answer(step));
        }
        return best;
    }

    private double step(double stepsPerDeviation) {
        return Math.max(loss.step(support.theta(), stepsPerDeviation), support.finestStep());
    }

    private PrivacyLossAccountant.Interval answer(double step) {
        ConvolutionWindow window = support.window(step);
        return query.answer(loss.optimistic(window), loss.pessimistic(window));
    }
}
