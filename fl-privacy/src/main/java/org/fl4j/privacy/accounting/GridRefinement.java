package org.fl4j.privacy.accounting;

import java.util.List;
import org.fl4j.privacy.accounting.ConvolutionWindow.TiltedSupport;

/**
 * Answers a query in one direction on finer and finer grids. First the losses are cut at lower and lower epsilons, which makes the
 * window small and the tilt sharp, until the answer no longer falls; then the grid is refined until the interval is narrow enough.
 */
final class GridRefinement {

    private static final double COARSEST = 20;
    private static final double UNLIKELY = 1e-7;
    private static final int MOST_CUTS = 6;
    private static final double CUT_AGAIN = 0.6;
    private static final int MOST_REFINEMENTS = 6;

    private final Composition composition;
    private final List<EventLoss.Counted> losses;
    private final PrivacyCurveQuery query;
    private final double exceeded;

    /** Answers below {@code exceeded}, which is known, need not be narrow. */
    GridRefinement(Composition composition, EventLoss.Direction direction, PrivacyCurveQuery query, double exceeded) {
        this.composition = composition;
        losses = EventLoss.Counted.of(composition, direction);
        this.query = query;
        this.exceeded = exceeded;
    }

    /** Losses cut at an epsilon, and where the answer lies. */
    private record Cut(CompositionLoss loss, TiltedSupport support) {

        double step(double stepsPerDeviation) {
            return loss.aligned(loss.step(support.theta(), stepsPerDeviation), support.finestStep());
        }
    }

    /** Cut losses on a grid, and the upper end of the answer there. */
    private record Grid(Cut cut, double step, CompositionLoss.Binned binned, double upper) {}

    /** Refines until the answer is narrow enough, exceeded, or a finer grid costs too much. */
    PrivacyLossAccountant.Interval refined() {
        Grid grid = coarsest();
        if (isExceeded(grid.upper())) {
            return new PrivacyLossAccountant.Interval(0, grid.upper());
        }
        double stepsPerDeviation = COARSEST;
        PrivacyLossAccountant.Interval best = answer(grid);
        for (int i = 0; i < MOST_REFINEMENTS && !isExceeded(best.upper()); i++) {
            double factor = Math.sqrt(best.width() / query.width(best));
            if (!(factor > 1)) {
                return best;
            }
            stepsPerDeviation *= Math.max(1.5, Math.min(4, 1.2 * factor));
            double finer = grid.cut().step(stepsPerDeviation);
            if (finer >= grid.step()) {
                return best;
            }
            grid = grid(grid.cut(), finer);
            best = best.and(answer(grid));
        }
        return best;
    }

    private Grid coarsest() {
        double epsilon = query.epsilon(composition);
        Grid grid = cutAt(epsilon);
        for (int i = 0; i < MOST_CUTS && query.epsilon(grid.upper()) < CUT_AGAIN * epsilon; i++) {
            if (isExceeded(grid.upper())) {
                return grid;
            }
            epsilon = query.epsilon(grid.upper());
            grid = cutAt(epsilon);
        }
        return grid;
    }

    private Grid cutAt(double epsilon) {
        double unlikely = UNLIKELY * query.privacyDelta(composition);
        CompositionLoss loss = new CompositionLoss(losses, unlikely, epsilon);
        Cut cut = new Cut(loss, loss.support(query.tilt(loss)));
        return grid(cut, cut.step(COARSEST));
    }

    private Grid grid(Cut cut, double step) {
        CompositionLoss.Binned binned = cut.loss().binned(cut.support().window(step));
        return new Grid(cut, step, binned, query.upper(binned.pessimistic()));
    }

    /** Whether an upper end is not above what is known by more than may stay unknown. */
    private boolean isExceeded(double upper) {
        return upper <= exceeded
                || upper - exceeded <= query.width(new PrivacyLossAccountant.Interval(exceeded, upper));
    }

    /** Each end is right; that they cross would take rounding in the last digits. */
    private PrivacyLossAccountant.Interval answer(Grid grid) {
        double lower = query.lower(grid.binned().optimistic());
        return new PrivacyLossAccountant.Interval(Math.min(lower, grid.upper()), Math.max(lower, grid.upper()));
    }
}
