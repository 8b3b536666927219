package org.fl4j.privacy.accounting;

import java.util.Arrays;
import java.util.List;

/**
 * The sum L of independent losses on one grid, by Fourier transform, and the privacyDelta that goes with it,
 *
 * <pre>  delta(epsilon) = E (1 - e^(epsilon - L)) over L above epsilon.</pre>
 *
 * <p>Masses are tilted before they are transformed and set upright afterwards,
 *
 * <pre>  P(L = s) = e^(Lambda(theta) - theta s) P_theta(L = s),   Lambda(theta) = ln E e^(theta L),</pre>
 *
 * <p>so that what matters sits where the transform is accurate: rounding is relative to the privacyDelta asked for, not
 * to 1 (the idea of Keich, "sFFT: a faster accurate computation of the p-value of the entropy score", Journal of
 * Computational Biology 12, 2005). What is computed is off by no more than the sum of
 *
 * <ul>
 *   <li>mass outside the ring's window, which wraps around: Chernoff's bound under the tilt,
 *       {@code P_theta(L >= x) <= e^(Lambda(theta + lambda) - Lambda(theta) - lambda x)};
 *   <li>rounding of the transforms ({@link Fft#error}), carried through powers and products element by element;
 *   <li>rounding of masses, {@value #MASS_ROUNDING} relative for each event, of exponents and of losses.
 * </ul>
 */
final class TiltedConvolution {

    static final double MASS_ROUNDING = 0x1p-40;
    private static final double UNIT = 0x1p-53;

    /** One event's loss and how often it is added. */
    record Part(DiscretizedLoss loss, long count) {}

    private final ConvolutionWindow window;
    private final double logMoment;
    private final double[] mass;
    private final double massError;
    private final double massAbove;
    private final double massOutside;
    private final double infinite;
    private final double rounding;
    private final double lossRounding;
    private final double offset;

    /** Where a number overflowed nothing is known: the bounds are those that hold of anything. */
    private final boolean known;

    TiltedConvolution(List<Part> parts, ConvolutionWindow window) {
        this.window = window;
        logMoment = logMoment(parts, window.theta());
        SpectrumProduct product = new SpectrumProduct(window.length());
        double unlikely = 0;
        double events = 0;
        double losses = 0;
        double offsets = 0;
        for (Part part : parts) {
            product.multiply(part, window.theta());
            unlikely += part.count() * part.loss().infinite();
            events += part.count();
            losses += part.count() * part.loss().largestLoss();
            offsets += part.count() * part.loss().offset();
        }
        mass = product.inverse();
        massError = product.error(mass);
        massAbove = chernoff(parts, window.lambdaAbove(), window.top());
        massOutside = massAbove + chernoff(parts, -window.lambdaBelow(), window.bottom());
        infinite = unlikely;
        double exponents =
                Math.abs(logMoment) + window.theta() * Math.max(Math.abs(window.bottom()), Math.abs(window.top()));
        rounding = Math.expm1(events * MASS_ROUNDING + 8 * UNIT * exponents);
        lossRounding = 4 * UNIT * losses;
        offset = offsets;
        known = Double.isFinite(logMoment + massError + massOutside + infinite + rounding + lossRounding + offset)
                && Double.isFinite(Arrays.stream(mass).sum());
    }

    private static double logMoment(List<Part> parts, double theta) {
        double sum = 0;
        for (Part part : parts) {
            sum += part.count() * part.loss().logMoment(theta);
        }
        return sum;
    }

    private double chernoff(List<Part> parts, double lambda, double end) {
        double log = logMoment(parts, window.theta() + lambda) - logMoment - lambda * end;
        return Math.min(1, Math.exp(log + 1e-3));
    }

    /** Nothing above this epsilon is needed for the privacyDelta, if the losses are pessimistic. */
    double epsilonAtMost(double privacyDelta) {
        if (!known) {
            return Double.POSITIVE_INFINITY;
        }
        double spent = infinite + massAbove * weight(window.top());
        double target = (privacyDelta - spent) / (1 + rounding);
        if (!(target > 0)) {
            return Double.POSITIVE_INFINITY;
        }
        double epsilon = Math.max(solve(target, massError), window.bottom());
        return Math.max(0, epsilon + offset + lossRounding);
    }

    /** No epsilon below this is enough for the privacyDelta, if the losses are optimistic. */
    double epsilonAtLeast(double privacyDelta) {
        if (!known) {
            return 0;
        }
        double target = privacyDelta * (1 + rounding);
        double guess = solve(target, -massError);
        for (int i = 0; i < 4; i++) {
            double margin = Math.scalb(1.0, 4 * i - 20) / Math.max(1e-3, window.theta());
            double below = guess - margin;
            double epsilon = solve(target + massOutside * weight(below), -massError);
            if (epsilon >= below) {
                return Math.max(0, epsilon + offset - lossRounding);
            }
        }
        return 0;
    }

    /** No larger privacyDelta is needed for the epsilon, if the losses are pessimistic. */
    double deltaAtMost(double epsilon) {
        double from = Math.max(epsilon - offset - lossRounding, window.bottom());
        if (!known || from > epsilon - offset) {
            return 1;
        }
        return Math.min(1, sum(from, massError) * (1 + rounding) + massAbove * weight(window.top()) + infinite);
    }

    /** No smaller privacyDelta is enough for the epsilon, if the losses are optimistic. */
    double deltaAtLeast(double epsilon) {
        if (!known) {
            return 0;
        }
        double from = epsilon - offset + lossRounding;
        return Math.max(0, sum(from, -massError) / (1 + rounding) - massOutside * weight(from));
    }

    /** e^(Lambda - theta loss). */
    private double weight(double loss) {
        return Math.exp(logMoment - window.theta() * loss);
    }

    private double upright(long i, double error) {
        double tilted = Math.max(0, mass[window.index(i)] + error);
        return tilted == 0 ? 0 : tilted * weight(i * window.step());
    }

    /** delta(epsilon) of the masses in the window, each made larger by an error. */
    private double sum(double epsilon, double error) {
        double atLeast = 0;
        double delta = 0;
        for (long i = window.last(); i >= window.first() && i * window.step() > epsilon; i--) {
            double distance = i * window.step() - epsilon;
            atLeast += upright(i, error);
            boolean end = distance <= window.step() || i == window.first();
            delta += (atLeast - delta) * -Math.expm1(-(end ? distance : window.step()));
        }
        return delta;
    }

    /** The epsilon at which that is a target; minus infinity if it never is. */
    private double solve(double target, double error) {
        double fall = -Math.expm1(-window.step());
        double atLeast = 0;
        double delta = 0;
        for (long i = window.last(); i >= window.first(); i--) {
            atLeast += upright(i, error);
            double below = delta + (atLeast - delta) * fall;
            if (below >= target || (i == window.first() && atLeast > target)) {
                return i * window.step() - Math.log1p((target - delta) / (atLeast - target));
            }
            delta = below;
        }
        return Double.NEGATIVE_INFINITY;
    }
}
