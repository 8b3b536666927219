package org.fl4j.privacy.accounting;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.fl4j.privacy.accounting.TiltedSum.Part;

/** The privacy loss of a composition in one direction: where to look for an answer, and the grids it is computed on. */
final class DirectionalLoss {

    private static final double LOWEST_MASS = 1e-9;
    private static final double LOWEST_TILT = Math.log(1e-9);
    private static final double HIGHEST_TILT = Math.log(1e7);
    private static final double MASS_OUTSIDE = 1e-13;
    private static final int MOST_CELLS = 1 << 20;

    private record Term(LossCurve curve, double from, double to, LossSample sample, long count) {}

    private final List<Term> terms = new ArrayList<>();
    private final double count;
    private final double unlikely;
    private double centre;

    /** Losses with no more than this mass in all, in the composition, are taken for infinite. */
    DirectionalLoss(Composition composition, LossCurve.Direction direction, double unlikely) {
        count = composition.sum(event -> 1);
        this.unlikely = Math.max(Double.MIN_NORMAL, unlikely);
        composition.events().forEach((event, n) -> {
            LossCurve curve = new LossCurve(event, direction);
            double from = curve.withBelow(LOWEST_MASS / count);
            double to = curve.withAbove(this.unlikely / count);
            centre += n * curve.centre();
            terms.add(new Term(curve, from, to, new LossSample(curve, from, to), n));
        });
    }

    private double logMoment(double theta) {
        double sum = 0;
        for (Term term : terms) {
            sum += term.count() * term.sample().logMoment(theta);
        }
        return sum;
    }

    /** The tilt that gives the best Renyi bound at a privacyDelta: about where the answer is. */
    double tiltFor(double privacyDelta) {
        return best(theta ->
                (logMoment(theta) + theta * Math.log(theta) - (1 + theta) * Math.log1p(theta) - Math.log(privacyDelta))
                        / theta);
    }

    /** The tilt that gives the best Renyi bound at an epsilon, or one below which nothing can be said. */
    double tiltAt(double epsilon) {
        return best(theta -> Math.max(
                Math.log(unlikely),
                logMoment(theta)
                        - theta * (epsilon - centre)
                        + theta * Math.log(theta)
                        - (1 + theta) * Math.log1p(theta)));
    }

    private static double best(DoubleUnaryOperator bound) {
        return Math.exp(UnimodalSearch.smallest(LOWEST_TILT, HIGHEST_TILT, log -> bound.applyAsDouble(Math.exp(log))));
    }

    /** A grid step with this many steps in the standard deviation of a typical event under a tilt, if cells are not too many. */
    double step(double theta, double stepsPerDeviation) {
        double variance = 0;
        double range = 0;
        for (Term term : terms) {
            variance += term.count() / count * term.sample().variance(theta);
            range = Math.max(range, term.curve().loss(term.to()) - term.curve().loss(term.from()));
        }
        return Math.max(Math.sqrt(variance) / stepsPerDeviation, 2 * range / MOST_CELLS);
    }

    /** Where all but 1e-13 of the mass lies under a tilt. */
    Reach reach(double theta) {
        double here = logMoment(theta);
        double rare = -Math.log(MASS_OUTSIDE);
        double above = best(lambda -> (logMoment(theta + lambda) - here + rare) / lambda);
        double below = best(lambda -> (logMoment(theta - lambda) - here + rare) / lambda);
        double top = (logMoment(theta + above) - here + rare) / above;
        double bottom = -(logMoment(theta - below) - here + rare) / below;
        return new Reach(theta, bottom, top, above, below);
    }

    TiltedSum pessimistic(RingWindow window) {
        List<Part> parts = parts(window, LossLattice::pessimistic);
        return new TiltedSum(parts, window);
    }

    TiltedSum optimistic(RingWindow window) {
        List<Part> parts = parts(window, (cells, step) -> LossLattice.optimistic(cells, step, window.theta()));
        double moved = 0;
        for (Part part : parts) {
            moved += part.count() * part.lattice().offset();
        }
        return new TiltedSum(parts, window.moved(centre - moved));
    }

    private List<Part> parts(RingWindow window, Discretisation discretisation) {
        List<Part> parts = new ArrayList<>();
        for (Term term : terms) {
            LossCells cells = LossCells.of(term.curve(), window.step() / 2, term.from(), term.to());
            parts.add(new Part(discretisation.of(cells, window.step()), term.count()));
        }
        return parts;
    }

    private interface Discretisation {
        LossLattice of(LossCells cells, double step);
    }
}
