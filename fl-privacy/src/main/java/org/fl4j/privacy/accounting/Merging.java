package org.fl4j.privacy.accounting;

/**
 * Outcomes taken together until their common loss is on a grid: first those of lowest loss, whose common loss is where the
 * grid starts; then, from there up, as many as have the next multiple of the step for their common loss, the last one in
 * part. What remains at the top is rounded down.
 */
final class Merging {

    private static final int STARTS = 5;

    private final LossCells cells;
    private final double step;
    private final double start;
    private final double[] mass;

    private int target;
    private double taken;
    private double excess;

    private Merging(LossCells cells, double step, int atStart) {
        this.cells = cells;
        this.step = step;
        start = start(atStart);
        int top = cells.count() - 1;
        mass = new double[Math.max(0, (int) Math.ceil((loss(top) - start) / step)) + 2];
        emit(taken, 0);
        taken = 0;
        for (int m = atStart; m <= top; m++) {
            take(m == top ? cells.mass(m) + cells.massAbove() : cells.mass(m), loss(m));
        }
        emit(taken, target - 1);
    }

    /** That with the largest moment at a tilt, of those which start with few cells: merging can only lower it. */
    static LossLattice best(LossCells cells, double step, double theta) {
        LossLattice best = new Merging(cells, step, 1).lattice();
        for (int n = 2; n <= Math.min(STARTS, cells.count()); n++) {
            LossLattice other = new Merging(cells, step, n).lattice();
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
            taken += cells.mass(m);
            excess += cells.mass(m) * -Math.expm1(lowest - loss(m));
        }
        return taken > 0 ? lowest - Math.log1p(-excess / taken) : lowest;
    }

    private void take(double outcome, double loss) {
        double left = outcome;
        while (left > 0) {
            if (taken == 0) {
                target = Math.max(target + 1, (int) Math.ceil((loss - start) / step));
                excess = 0;
            }
            double gain = -Math.expm1(start + target * step - loss);
            if (excess + left * gain <= 0) {
                taken += left;
                excess += left * gain;
                return;
            }
            double part = Math.min(left, -excess / gain);
            emit(taken + part, target);
            left -= part;
            taken = 0;
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

    private LossLattice lattice() {
        return new LossLattice(step, cells.centre() + start, 0, mass, 0);
    }
}
