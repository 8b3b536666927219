package org.fl4j.privacy.accounting;

/** A question in one direction, answered on finer and finer grids. */
final class DirectedQuery {

    private static final double COARSEST = 12;
    private static final double UNLIKELY = 1e-7;
    private static final int MOST_REFINEMENTS = 6;

    private final LossQuery query;
    private final DirectionalLoss loss;
    private final Reach reach;

    DirectedQuery(Composition composition, LossCurve.Direction direction, LossQuery query) {
        this.query = query;
        loss = new DirectionalLoss(composition, direction, UNLIKELY * query.privacyDelta(composition));
        reach = loss.reach(query.tilt(loss));
    }

    /** Refined until the answer is narrow, or lies below what is exceeded anyway, or costs too much. */
    Interval refinedUnlessBelow(double exceeded) {
        double stepsPerDeviation = COARSEST;
        double step = step(stepsPerDeviation);
        Interval best = answer(step);
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
        return Math.max(loss.step(reach.theta(), stepsPerDeviation), reach.finestStep());
    }

    private Interval answer(double step) {
        RingWindow window = reach.window(step);
        return query.answer(loss.optimistic(window), loss.pessimistic(window));
    }
}
