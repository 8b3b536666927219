package org.fl4j.privacy.accounting;

/**
 * A privacy loss whose values are multiples of a grid step h, and infinity: masses under the first of the two distributions.
 *
 * <p>{@link #pessimistic} is dominated by no smaller, {@link #optimistic} dominates no larger privacyDelta than that of the
 * loss it is made from, at every epsilon and so after every composition (Doroshenko et al. 2022, section 3). Both differ
 * from it by O(h^2).
 *
 * <p>Pessimistic, connect the dots (Doroshenko, Ghazi, Kamath, Kumar, Manurangsi, "Connect the Dots: Tighter Discrete
 * Approximations of Privacy Loss Distributions", PoPETs 2022, algorithm 1): mass at loss l in [ih, (i+1)h] goes to both
 * ends, so that the mass under either distribution stays; the upper end receives the share
 * {@code (1 - e^(ih - l)) / (1 - e^-h)}. What is above the cells goes to the top and to infinity in the same way.
 *
 * <p>Optimistic ({@link OutcomeMerger}): outcomes are merged until their common loss is a multiple of h, the last one in
 * part; no adversary gains by that. What is above the cells is {@link Beyond}, what is below is dropped.
 */
final class DiscretizedLoss {

    private final double step;
    private final long first;
    private final double[] mass;
    private final Beyond beyond;
    private final double offset;
    private final double lossError;

    DiscretizedLoss(double step, double offset, long first, double[] mass, Beyond beyond, double lossError) {
        this.step = step;
        this.offset = offset;
        this.first = first;
        this.mass = mass;
        this.beyond = beyond;
        this.lossError = lossError;
    }

    /** Outcomes above the grid, by their masses under both distributions; under the other 0 where their loss is infinite. */
    record Beyond(double mass, double massUnderOther) {}

    /** Cells of half of this step. */
    static DiscretizedLoss pessimistic(BinnedLoss cells, double step) {
        long first = Math.floorDiv(cells.first(), 2);
        long last = Math.floorDiv(cells.first() + cells.count() - 1, 2) + 1;
        double[] mass = new double[Math.toIntExact(last - first + 1)];
        double half = -Math.expm1(-step / 2);
        double whole = -Math.expm1(-step);
        for (int m = 0; m < cells.count(); m++) {
            long cell = cells.first() + m;
            int i = (int) (Math.floorDiv(cell, 2) - first);
            boolean odd = Math.floorMod(cell, 2) == 1;
            double rise = odd ? cells.mass(m) * half + (1 - half) * cells.rise(m) : cells.rise(m);
            double up = Math.min(cells.mass(m), rise / whole);
            mass[i + 1] += up;
            mass[i] += cells.mass(m) - up;
        }
        mass[1] += cells.massBelow();
        double above = cells.massAbove();
        double level = cells.centre() + (last - 1) * step;
        double kept = Math.min(above, Math.exp(Math.log(cells.massAboveUnderOther()) + level));
        mass[mass.length - 2] += kept;
        return new DiscretizedLoss(
                step,
                cells.centre(),
                first,
                mass,
                new Beyond(above - kept + TiltedConvolution.MASS_ROUNDING * above + cells.tail(), 0),
                cells.lossError());
    }

    /** Cells of half of this step; of several ways the one that is best under a tilt. */
    static DiscretizedLoss optimistic(BinnedLoss cells, double step, double theta) {
        return OutcomeMerger.best(cells, step, theta);
    }

    /** To be added to every loss. */
    double offset() {
        return offset;
    }

    Beyond beyond() {
        return beyond;
    }

    /** By how much every loss may be off, beside rounding. */
    double lossError() {
        return lossError;
    }

    int length() {
        return mass.length;
    }

    /** The largest exponent that {@link #tilted} takes, which is off by that many unit roundoffs, and so is the mass. */
    double largestExponent(double theta) {
        return theta * step * Math.max(Math.abs(first), Math.abs(first + mass.length - 1));
    }

    double largestLoss() {
        return Math.abs(offset) + step * Math.max(Math.abs(first), Math.abs(first + mass.length - 1));
    }

    /** ln E e^(theta loss), infinity left out. */
    double logMoment(double theta) {
        double scale = theta * step * (theta > 0 ? first + mass.length - 1 : first);
        double sum = 0;
        for (int i = 0; i < mass.length; i++) {
            sum += mass[i] * Math.exp(theta * step * (first + i) - scale);
        }
        return sum > 1e-200 ? scale + Math.log(sum) : logMomentOfSmall(theta);
    }

    /** Where the far end of the grid outweighs the masses by more than a double can hold. */
    private double logMomentOfSmall(double theta) {
        double scale = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < mass.length; i++) {
            scale = Math.max(scale, Math.log(mass[i]) + theta * step * (first + i));
        }
        double sum = 0;
        for (int i = 0; i < mass.length; i++) {
            sum += Math.exp(Math.log(mass[i]) + theta * step * (first + i) - scale);
        }
        return scale + Math.log(sum);
    }

    /** The multiple of h that the first mass stands for. */
    long first() {
        return first;
    }

    /** mass e^(theta loss - logMoment), from the lowest loss up. */
    double[] tilted(double theta, double logMoment) {
        double[] tilted = new double[mass.length];
        for (int i = 0; i < mass.length; i++) {
            tilted[i] = mass[i] > 0 ? mass[i] * Math.exp(theta * step * (first + i) - logMoment) : 0;
        }
        return tilted;
    }
}
