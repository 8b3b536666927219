package org.fl4j.privacy.accounting;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.fl4j.privacy.accounting.ConvolutionWindow.TiltedSupport;
import org.fl4j.privacy.accounting.TiltedConvolution.Part;

/**
 * The privacy loss of a composition in one direction: estimates where the answer lies, and computes it on a grid.
 *
 * <p>Estimates decide how narrow a bound is, never whether it holds. One event's loss is cut where, whatever the others, the sum
 * is above the epsilon asked for with all but certainty: from there on privacyDelta, {@code E (1 - e^(epsilon - L))}, needs of it
 * no more than the masses under both distributions.
 */
final class CompositionLoss {

    private static final double LOWEST_MASS = 1e-9;
    private static final double LOWEST_TILT = Math.log(1e-9);
    private static final double HIGHEST_TILT = Math.log(1e7);
    private static final double MASS_OUTSIDE = 1e-13;

    /** Above, masses under the other distribution are too small for a double. */
    private static final double LARGEST_CUT = 600;

    /** e to the minus this is about 1e-13. */
    private static final double NEGLIGIBLE = 30;

    private static final int MOST_CELLS = 1 << 20;
    private static final double ALIGNED = 1e-14;

    private record Term(EventLoss curve, double from, double to, EstimatedMoments moments, long count) {

        static Term of(EventLoss curve, double from, double to, long count) {
            return new Term(curve, from, to, new EstimatedMoments(curve, from, to), count);
        }

        /** The same up to a loss, counted from the centre. */
        Term upTo(double loss) {
            double cut = curve.at(loss);
            return cut > from && cut < to ? of(curve, from, cut, count) : this;
        }
    }

    private final List<Term> terms = new ArrayList<>();
    private final double count;
    private final double unlikely;
    private double centre;

    /**
     * Losses whose total mass in the composition is at most {@code unlikely}, and those that decide about a {@code epsilon} on
     * their own, are not put on a grid.
     */
    CompositionLoss(List<EventLoss.Counted> losses, double unlikely, double epsilon) {
        count = losses.stream().mapToDouble(EventLoss.Counted::count).sum();
        this.unlikely = Math.max(Double.MIN_NORMAL, unlikely);
        for (EventLoss.Counted loss : losses) {
            EventLoss curve = loss.curve();
            double from = curve.withBelow(LOWEST_MASS / count);
            double to = curve.withAbove(this.unlikely / count);
            centre += loss.count() * curve.centre();
            terms.add(Term.of(curve, from, to, loss.count()));
        }
        double decisive = epsilon - lowest();
        if (decisive < LARGEST_CUT) {
            terms.replaceAll(term -> term.upTo(decisive - term.curve().centre()));
        }
    }

    /** What the sum is hardly ever below. */
    private double lowest() {
        double rare = -Math.log(LOWEST_MASS);
        double lambda = best(x -> (logMoment(-x) + rare) / x);
        return Math.min(0, centre - (logMoment(-lambda) + rare) / lambda);
    }

    private double logMoment(double theta) {
        double sum = 0;
        for (Term term : terms) {
            sum += term.count() * term.moments().logMoment(theta);
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
            variance += term.count() / count * term.moments().variance(theta);
            range = Math.max(range, term.curve().loss(term.to()) - term.curve().loss(from(term, theta)));
        }
        return Math.max(Math.sqrt(variance) / stepsPerDeviation, 2 * range / MOST_CELLS);
    }

    /**
     * The nearest step below, or else above, of which the distance between outcomes of the most frequent event with outcomes of positive mass
     * is a multiple; a little more, so that such outcomes never lie above their place.
     */
    double aligned(double step, double finest) {
        double spacing = 0;
        long most = 0;
        for (Term term : terms) {
            if (term.curve().spacing() >= Math.max(step, finest) && term.count() > most) {
                spacing = term.curve().spacing();
                most = term.count();
            }
        }
        if (spacing == 0) {
            return Math.max(step, finest);
        }
        double within = Math.ceil(spacing / step);
        return spacing / (spacing / within >= finest ? within : Math.floor(spacing / finest)) * (1 + ALIGNED);
    }

    /** Holds all but 1e-13 of the mass under a tilt. */
    TiltedSupport support(double theta) {
        double here = logMoment(theta);
        double rare = -Math.log(MASS_OUTSIDE);
        double above = best(lambda -> (logMoment(theta + lambda) - here + rare) / lambda);
        double below = best(lambda -> (logMoment(theta - lambda) - here + rare) / lambda);
        double top = (logMoment(theta + above) - here + rare) / above;
        double bottom = -(logMoment(theta - below) - here + rare) / below;
        return new TiltedSupport(theta, bottom, top, above, below);
    }

    /** The losses of all events for the grid of a window. */
    Binned binned(ConvolutionWindow window) {
        List<BinnedLoss> cells = terms.parallelStream()
                .map(term -> BinnedLoss.of(term.curve(), window.step() / 2, from(term, window.theta()), term.to()))
                .toList();
        return new Binned(window, cells);
    }

    /** The cells of all events, in their order. */
    final class Binned {

        private final ConvolutionWindow window;
        private final List<BinnedLoss> cells;

        private Binned(ConvolutionWindow window, List<BinnedLoss> cells) {
            this.window = window;
            this.cells = cells;
        }

        TiltedConvolution pessimistic() {
            return new TiltedConvolution(parts(DiscretizedLoss::pessimistic), window);
        }

        TiltedConvolution optimistic() {
            List<Part> parts = parts((of, step) -> DiscretizedLoss.optimistic(of, step, window.theta()));
            double moved = 0;
            for (Part part : parts) {
                moved += part.count() * part.loss().offset();
            }
            return new TiltedConvolution(parts, window.moved(centre - moved));
        }

        private List<Part> parts(Discretisation discretisation) {
            return IntStream.range(0, cells.size())
                    .parallel()
                    .mapToObj(i -> {
                        DiscretizedLoss grid = discretisation.of(cells.get(i), window.step());
                        return new Part(grid, terms.get(i).count(), grid.logMoment(window.theta()));
                    })
                    .toList();
        }
    }

    /** Below it, what is left of the mass under a tilt is negligible. */
    private double from(Term term, double theta) {
        double cut = term.curve().at(-(NEGLIGIBLE + Math.log(count)) / theta);
        return cut > term.from() && cut < term.to() ? cut : term.from();
    }

    private interface Discretisation {
        DiscretizedLoss of(BinnedLoss cells, double step);
    }
}
