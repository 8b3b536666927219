package org.fl4j.privacy.accounting;

/**
 * Merges outcomes until their common loss is on a grid: first those of lowest loss, whose common loss is where the grid
 * starts; then, from there up, as many as have the next multiple of the step as their common loss, the last one in part. What
 * remains at the top is rounded down, unless it is where it should be within half of the error that losses may have.
 */
final class OutcomeMerger {

    private static final int STARTS = 3;

    private final BinnedLoss cells;
    private final double step;
    private final double start;
    private final double[] mass;

    private int target;
    private double merged;
    private double excess;

    private OutcomeMerger(BinnedLoss cells, double step, int atStart) {
        this.cells = cells;
        this.step = step;
        start = start(atStart);
        int top = cells.count() - 1;
        mass = new double[Math.max(0, (int) Math.ceil((loss(top) - start) / step)) + 2];
        emit(merged, 0);
        merged = 0;
        for (int m = atStart; m <= top; m++) {
            merge(cells.mass(m), loss(m));
        }
        emit(merged, -excess <= merged * cells.lossError() / 2 ? target : target - 1);
    }

    /** Of the grids that start with few merged cells, the one with the largest moment at a tilt: merging can only lower it. */
    static DiscretizedLoss best(BinnedLoss cells, double step, double theta) {
        DiscretizedLoss best = new OutcomeMerger(cells, step, 1).discretized();
        for (int n = 2; n <= Math.min(STARTS, cells.count()); n++) {
            DiscretizedLoss other = new OutcomeMerger(cells, step, n).discretized();
            best = other.logMoment(theta) + theta * other.offset() > best.logMoment(theta) + theta * best.offset()
                    ? other
                    : best;
        }
        return best;
    }

    /** Merges the lowest cells. */
    private double start(int n) {
        double lowest = loss(0);
        for (int m = 0; m < n; m++) {
            merged += cells.mass(m);
            excess += cells.mass(m) * -Math.expm1(lowest - loss(m));
        }
        return merged > 0 ? lowest - Math.log1p(-excess / merged) : lowest;
    }

    private void merge(double outcome, double loss) {
        double left = outcome;
        while (left > 0) {
            if (merged == 0) {
                target = Math.max(target + 1, (int) Math.ceil((loss - start) / step));
                excess = 0;
            }
            double gain = -Math.expm1(start + target * step - loss);
            if (excess + left * gain <= 0) {
                merged += left;
                excess += left * gain;
                return;
            }
            double part = Math.min(left, -excess / gain);
            emit(merged + part, target);
            left -= part;
            merged = 0;
        }
    }

    private void emit(double amount, int multiple) {
        if (amount > 0) {
            mass[multiple] += amount;
        }
    }

    /** ln P/Q of a cell. */
    private double loss(int m) {
        double rise = cells.mass(m) > 0 ? -Math.log1p(-cells.rise(m) / cells.mass(m)) : 0;
        return (cells.first() + m) * (step / 2) + rise;
    }

    private DiscretizedLoss discretized() {
        DiscretizedLoss.Beyond beyond =
                new DiscretizedLoss.Beyond(cells.massAbove(), cells.massAboveUnderOther() + cells.tail());
        return new DiscretizedLoss(step, cells.centre() + start, 0, mass, beyond, cells.lossError());
    }
}
