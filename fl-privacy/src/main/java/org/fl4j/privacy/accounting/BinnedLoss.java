package org.fl4j.privacy.accounting;

/**
 * The loss of one event, cut into cells of half a grid step: the mass of each cell, and how its losses exceed its lower end.
 *
 * <pre>
 *   cell m = [m h/2, (m+1) h/2):   mass_m = P(loss in the cell),   rise_m = E(1 - e^(m h/2 - loss); loss in the cell)
 * </pre>
 *
 * <p>Both are integrals of one sign, by Gauss and Legendre's rule with five points on steps of 1/20 of the scale on which
 * density and loss change, with three on a tenth of that: each is right to about 1e-13 relative. Where a cell is smooth as an interval of losses, three
 * nodes are taken in the loss itself.
 */
final class BinnedLoss {

    private static final double[] FIVE = {
        0, Math.sqrt(5 - 2 * Math.sqrt(10.0 / 7)) / 3, Math.sqrt(5 + 2 * Math.sqrt(10.0 / 7)) / 3
    };
    private static final double[] WEIGHTS_OF_FIVE = {
        128.0 / 225, (322 + 13 * Math.sqrt(70)) / 900, (322 - 13 * Math.sqrt(70)) / 900
    };
    private static final double[] THREE = {0, Math.sqrt(0.6)};
    private static final double[] WEIGHTS_OF_THREE = {8.0 / 9, 5.0 / 9};

    private final EventLoss curve;
    private final double width;
    private final double from;
    private final double to;
    private final double[] mass;
    private final double[] rise;
    private final long first;

    /** Of the three nodes in a cell: e^excess, 1 - e^-excess and the weight. */
    private final double[] nodeExp = new double[3];

    private final double[] nodeRise = new double[3];
    private final double[] nodeWeight = new double[3];

    private BinnedLoss(EventLoss curve, double width, double from, double to) {
        this.curve = curve;
        this.width = width;
        this.from = from;
        this.to = to;
        first = (long) Math.floor(curve.loss(from) / width);
        int cells = Math.toIntExact((long) Math.ceil(curve.loss(to) / width) - first);
        mass = new double[Math.max(1, cells)];
        rise = new double[mass.length];
        for (int k = -1; k <= 1; k++) {
            double excess = width / 2 * (1 + k * THREE[1]);
            nodeExp[k + 1] = Math.exp(excess);
            nodeRise[k + 1] = rise(excess);
            nodeWeight[k + 1] = width / 2 * WEIGHTS_OF_THREE[Math.abs(k)];
        }
    }

    /** Cells of this width from the coordinate with this mass below it to that with this mass above it. */
    static BinnedLoss of(EventLoss curve, double width, double from, double to) {
        BinnedLoss cells = new BinnedLoss(curve, width, from, to);
        double low = from;
        for (int i = 0; i < cells.mass.length; i++) {
            boolean last = i == cells.mass.length - 1;
            if (i > 0 && !last && cells.integrateInLoss(i)) {
                low = Double.NaN;
                continue;
            }
            low = Double.isNaN(low) ? cells.start(i, from) : low;
            double high = last ? to : Math.max(low, cells.start(i + 1, from));
            cells.integrate(i, low, high);
            low = high;
        }
        return cells;
    }

    /** The v at which a cell starts. */
    private double start(int i, double least) {
        return Math.min(to, Math.max(least, curve.at((first + i) * width)));
    }

    /** Over a smooth cell, whose losses are known and whose v need not be; false for others. */
    private boolean integrateInLoss(int i) {
        double loss = (first + i) * width + curve.centre();
        double exp = Math.exp(loss);
        if (!curve.isSmooth(loss, exp, width)) {
            return false;
        }
        for (int k = 0; k < nodeExp.length; k++) {
            double p = nodeWeight[k] * curve.densityOfLoss(exp * nodeExp[k]);
            mass[i] += p;
            rise[i] += p * nodeRise[k];
        }
        return true;
    }

    private void integrate(int i, double low, double high) {
        double v = low;
        while (v < high) {
            double step = curve.step(v);
            double end = Math.min(curve.nextBreak(v), high - v <= step ? high : v + step);
            if (end - v < 0.1 * step) {
                integrate(i, v, end, THREE, WEIGHTS_OF_THREE);
            } else {
                integrate(i, v, end, FIVE, WEIGHTS_OF_FIVE);
            }
            v = end;
        }
    }

    private void integrate(int i, double from, double end, double[] nodes, double[] weights) {
        double half = 0.5 * (end - from);
        double middle = 0.5 * (end + from);
        addNode(i, middle, weights[0] * half);
        for (int k = 1; k < nodes.length; k++) {
            addNode(i, middle - nodes[k] * half, weights[k] * half);
            addNode(i, middle + nodes[k] * half, weights[k] * half);
        }
    }

    private void addNode(int i, double v, double weight) {
        double loss = curve.loss(v);
        double p = weight * curve.density(v, loss);
        double excess = loss - (first + i) * width;
        mass[i] += p;
        rise[i] += p * rise(Math.min(width, Math.max(0, excess)));
    }

    /** 1 - e^-x, for small x by its series, whose ninth term is below one unit roundoff of the first. */
    private static double rise(double x) {
        return x < 0x1p-6
                ? x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7 * (1 - x / 8)))))))
                : -Math.expm1(-x);
    }

    int count() {
        return mass.length;
    }

    /** m of the lowest cell. */
    long first() {
        return first;
    }

    double mass(int i) {
        return mass[i];
    }

    double rise(int i) {
        return rise[i];
    }

    /** What was subtracted from every loss. */
    double centre() {
        return curve.centre();
    }

    double massAbove() {
        return curve.above(to);
    }

    double massAboveUnderOther() {
        return curve.aboveUnderOther(to);
    }

    /** Whose loss may be infinite. */
    double tail() {
        return curve.tail();
    }

    /** By how much losses may be off, beside rounding. */
    double lossError() {
        return curve.lossError();
    }

    double massBelow() {
        return curve.below(from);
    }
}
