package org.fl4j.privacy.accounting;

import java.util.Arrays;

/**
 * The loss of an event whose outcomes have positive mass each: outcome i is the interval [i, i + 1), of uniform density. Neighbours can
 * be exchanged: both directions are the same.
 */
final class AtomLoss implements EventLoss {

    /** Losses are logarithms of ratios of masses that are right to about this. */
    private static final double LOSS_ERROR = 0x1p-41;

    private final double[] loss;
    private final double[] mass;
    private final double[] above;
    private final double[] aboveUnderOther;
    private final double[] below;
    private final double centre;
    private final double spacing;
    private final double tail;

    /** By masses under both distributions, in the order of their losses, which are given as well. */
    private AtomLoss(double[] loss, double[] mass, double[] other, double spacing, double tail) {
        this.mass = mass;
        this.spacing = spacing;
        this.tail = tail;
        int n = mass.length;
        above = new double[n + 1];
        aboveUnderOther = new double[n + 1];
        below = new double[n + 1];
        for (int i = 0; i < n; i++) {
            below[i + 1] = below[i] + mass[i];
            above[n - 1 - i] = above[n - i] + mass[n - 1 - i];
            aboveUnderOther[n - 1 - i] = aboveUnderOther[n - i] + other[n - 1 - i];
        }
        int middle = 0;
        while (middle < n - 1 && below[middle + 1] < 0.5 * below[n]) {
            middle++;
        }
        centre = loss[middle];
        this.loss = Arrays.stream(loss).map(l -> l - centre).toArray();
    }

    /** Three outcomes, the answer of one neighbour, that of the other, and all others; two where there are no others. */
    static AtomLoss of(RandomizedResponse response) {
        double epsilon = response.epsilon();
        double lie = response.lie();
        double truth = lie * Math.exp(epsilon);
        double others = (double) (response.answers() - 2) * lie;
        return others == 0
                ? new AtomLoss(
                        new double[] {-epsilon, epsilon},
                        new double[] {lie, truth},
                        new double[] {truth, lie},
                        2 * epsilon,
                        0)
                : new AtomLoss(
                        new double[] {-epsilon, 0, epsilon},
                        new double[] {lie, others, truth},
                        new double[] {truth, others, lie},
                        epsilon,
                        0);
    }

    /** The lattice, shifted and not, where both laws are known. */
    static AtomLoss of(LatticeNoise noise) {
        LatticeLaw law = noise.law();
        int shift = Math.toIntExact(noise.shift());
        int n = 2 * law.last() + 1 - shift;
        double[] loss = new double[n];
        double[] mass = new double[n];
        double[] other = new double[n];
        for (int i = 0; i < n; i++) {
            int x = i + shift - law.last();
            mass[i] = law.mass(x - shift);
            other[i] = law.mass(x);
            loss[i] = noise.loss(law, x);
        }
        return new AtomLoss(loss, mass, other, noise.spacing(), 2 * law.above(law.last() - shift));
    }

    @Override
    public double centre() {
        return centre;
    }

    private int index(double v) {
        return Math.max(0, Math.min(mass.length - 1, (int) Math.floor(v)));
    }

    /** Where sums over outcomes begin; v is a whole number. */
    private int rank(double v) {
        return Math.max(0, Math.min(mass.length, (int) Math.round(v)));
    }

    @Override
    public double loss(double v) {
        return loss[index(v)];
    }

    @Override
    public double at(double wanted) {
        int low = 0;
        int high = loss.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (loss[middle] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public double density(double v, double unused) {
        return mass[index(v)];
    }

    @Override
    public double above(double v) {
        return above[rank(v)];
    }

    @Override
    public double aboveUnderOther(double v) {
        return aboveUnderOther[rank(v)];
    }

    @Override
    public double below(double v) {
        return below[rank(v)];
    }

    @Override
    public double lowest() {
        return 0;
    }

    @Override
    public double highest() {
        return mass.length;
    }

    @Override
    public double step(double v) {
        return 1;
    }

    @Override
    public double nextBreak(double v) {
        return Math.floor(v) + 1;
    }

    @Override
    public double spacing() {
        return spacing;
    }

    @Override
    public double lossError() {
        return LOSS_ERROR;
    }

    @Override
    public double tail() {
        return tail;
    }

    /** Each outcome, or evenly spread ones. */
    @Override
    public int points(double from, double to) {
        return (int) Math.max(1, Math.min(4000, to - from));
    }

    @Override
    public double withAbove(double mostMass) {
        int low = 0;
        int high = mass.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (above[middle] > mostMass) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** One outcome at least is left. */
    @Override
    public double withBelow(double mostMass) {
        int low = 0;
        while (low < mass.length - 1 && below[low + 1] <= mostMass) {
            low++;
        }
        return low;
    }
}
