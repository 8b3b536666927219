package org.fl4j.privacy.accounting;

/**
 * The privacy loss of {@link GaussianWithoutReplacement}: losses above 0 are those of the Poisson sample's direction REMOVE, at v above a = 1/(2z), losses below 0 those of ADD,
 * at v below -a; between them the loss is 0, of uniform density.
 */
final class WithoutReplacementLoss implements EventLoss {

    private final GaussianLoss remove;
    private final GaussianLoss add;
    private final double a;
    private final double density;
    private final double highest;

    WithoutReplacementLoss(GaussianWithoutReplacement event) {
        remove = new GaussianLoss(event.ofPoisson(), Direction.REMOVE);
        add = new GaussianLoss(event.ofPoisson(), Direction.ADD);
        a = 0.5 / event.noiseMultiplier();
        density = (1 - event.rate()) * averageOfCentral(a);
        highest = 40 + 1 / event.noiseMultiplier();
    }

    /** The mean density of the normal distribution between -a and a, for small a by its series. */
    private static double averageOfCentral(double a) {
        if (a > 0.1) {
            return (0.5 - NormalTail.upper(a)) / a;
        }
        double square = a * a;
        return NormalTail.density(0)
                * (1 - square / 6 * (1 - 3 * square / 20 * (1 - 5 * square / 42 * (1 - 7 * square / 72))));
    }

    @Override
    public double centre() {
        return 0;
    }

    @Override
    public double loss(double v) {
        if (v < -a) {
            return Math.min(0, add.loss(v) + add.centre());
        }
        return v <= a ? 0 : Math.max(0, remove.loss(v) + remove.centre());
    }

    @Override
    public double at(double loss) {
        return loss <= 0 ? Math.min(-a, add.at(loss - add.centre())) : Math.max(a, remove.at(loss - remove.centre()));
    }

    @Override
    public double density(double v, double loss) {
        if (v < -a) {
            return add.density(v, loss - add.centre());
        }
        return v <= a ? density : remove.density(v, loss - remove.centre());
    }

    @Override
    public double above(double v) {
        if (v < -a) {
            return remove.above(a) + 2 * a * density + (add.below(-a) - add.below(v));
        }
        return v <= a ? remove.above(a) + (a - v) * density : remove.above(v);
    }

    @Override
    public double aboveUnderOther(double v) {
        if (v < -a) {
            return remove.aboveUnderOther(a) + 2 * a * density + (add.aboveUnderOther(v) - add.aboveUnderOther(-a));
        }
        return v <= a ? remove.aboveUnderOther(a) + (a - v) * density : remove.aboveUnderOther(v);
    }

    @Override
    public double below(double v) {
        if (v < -a) {
            return add.below(v);
        }
        return v <= a
                ? add.below(-a) + (v + a) * density
                : add.below(-a) + 2 * a * density + (remove.above(a) - remove.above(v));
    }

    @Override
    public double lowest() {
        return -highest;
    }

    @Override
    public double highest() {
        return highest;
    }

    @Override
    public double step(double v) {
        if (v < -a) {
            return add.step(v);
        }
        return v < a ? 2 * a : remove.step(v);
    }

    @Override
    public double nextBreak(double v) {
        if (v < -a) {
            return -a;
        }
        return v < a ? a : Double.POSITIVE_INFINITY;
    }
}
