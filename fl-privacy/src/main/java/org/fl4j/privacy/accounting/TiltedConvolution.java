package org.fl4j.privacy.accounting;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

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
 *   <li>rounding of the transforms, e in the 2-norm ({@link SpectrumProduct#error}): by Cauchy and Schwarz, with k the kernel
 *       {@code e^(-theta x) (1 - e^-x)} of delta on the grid, {@code |k|_2 e e^(Lambda - theta epsilon)};
 *   <li>rounding of masses, {@value #MASS_ROUNDING} relative for each event, of exponents, of losses, and of the final sum.
 * </ul>
 */
final class TiltedConvolution {

    static final double MASS_ROUNDING = 0x1p-40;
    private static final double ROUNDING_BEYOND = 2 * MASS_ROUNDING;
    private static final double UNIT = 0x1p-53;
    private static final double UNDERFLOW = 0x1p-1000;

    /** One event's loss, how often it is added, and ln E e^(theta loss) under the window's tilt. */
    record Part(DiscretizedLoss loss, long count, double logMoment) {}

    private final ConvolutionWindow window;
    private final double logMoment;
    private final double[] mass;
    private final double massAbove;
    private final double error;
    private final double wrapped;
    private final DiscretizedLoss.Beyond beyond;
    private final double rounding;
    private final double lossRounding;
    private final double offset;

    /** Where a number overflowed nothing is known: the bounds are those that hold of anything. */
    private final boolean known;

    TiltedConvolution(List<Part> parts, ConvolutionWindow window) {
        this.window = window;
        logMoment = parts.stream()
                .mapToDouble(part -> part.count() * part.logMoment())
                .sum();
        SpectrumProduct product = new SpectrumProduct(window.length());
        product.multiply(parts, window.theta());
        double events = 0;
        double exponents =
                Math.abs(logMoment) + window.theta() * Math.max(Math.abs(window.bottom()), Math.abs(window.top()));
        double losses = 0;
        double offsets = 0;
        double lossErrors = 0;
        for (Part part : parts) {
            events += part.count();
            exponents += part.count() * (part.loss().largestExponent(window.theta()) + Math.abs(part.logMoment()));
            losses += part.count() * part.loss().largestLoss();
            offsets += part.count() * part.loss().offset();
            lossErrors += part.count() * part.loss().lossError();
        }
        mass = product.inverse();
        massAbove = chernoff(parts, window.lambdaAbove(), window.top());
        error = product.error(mass) * normOfKernel(window.theta(), window.step());
        wrapped =
                (massAbove + chernoff(parts, -window.lambdaBelow(), window.bottom())) * largestOfKernel(window.theta());
        beyond = new DiscretizedLoss.Beyond(
                any(parts, loss -> loss.beyond().mass()),
                any(parts, loss -> loss.beyond().massUnderOther()));
        rounding = Math.expm1(events * MASS_ROUNDING + 8 * UNIT * (exponents + window.length()));
        lossRounding = 16 * UNIT * losses + lossErrors;
        offset = offsets;
        known = Double.isFinite(logMoment + error + wrapped + rounding + lossRounding + offset)
                && Double.isFinite(Arrays.stream(mass).sum());
    }

    /** The probability that any of the releases has an outcome of this probability. */
    private static double any(List<Part> parts, ToDoubleFunction<DiscretizedLoss> mass) {
        double none = 0;
        for (Part part : parts) {
            none += part.count() * Math.log1p(-Math.min(1, mass.applyAsDouble(part.loss())));
        }
        return -Math.expm1(none);
    }

    private static double logMoment(List<Part> parts, double theta) {
        return parts.parallelStream().map(part -> part.count() * part.loss().logMoment(theta)).toList().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    /** The largest e^(-theta x) (1 - e^-x) over x, which a mass at distance x above epsilon counts beside the weight at epsilon. */
    static double largestOfKernel(double theta) {
        return Math.exp(theta * Math.log(theta / (1 + theta)) - Math.log1p(theta));
    }

    /**
     * At least the 2-norm of that over x, x + h, x + 2h, ...: its square rises, then falls, so its sum is at most its largest value and its
     * integral over h.
     */
    static double normOfKernel(double theta, double step) {
        double largest = largestOfKernel(theta);
        return Math.sqrt(largest * largest + 0.5 / (theta * (2 * theta + 1) * (theta + 1) * step));
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
        double spent = beyond.mass() * (1 + ROUNDING_BEYOND) + massAbove * weight(window.top());
        double target = (privacyDelta - spent) / (1 + rounding);
        if (!(target > 0)) {
            return Double.POSITIVE_INFINITY;
        }
        double epsilon = Math.max(solve(loss -> target, error), window.bottom());
        return Math.max(0, epsilon + offset + lossRounding);
    }

    /** No epsilon below this is enough for the privacyDelta, if the losses are optimistic. */
    double epsilonAtLeast(double privacyDelta) {
        if (!known) {
            return 0;
        }
        double epsilon =
                solve(loss -> (privacyDelta - beyond(loss + offset + lossRounding)) * (1 + rounding), -error - wrapped);
        return Math.max(0, epsilon + offset - lossRounding);
    }

    /** No larger privacyDelta is needed for the epsilon, if the losses are pessimistic. */
    double deltaAtMost(double epsilon) {
        double from = Math.max(epsilon - offset - lossRounding, window.bottom());
        if (!known || from > epsilon - offset) {
            return 1;
        }
        double inside = sum(from) + error * weight(from);
        double outside = massAbove * weight(window.top()) + beyond.mass() * (1 + ROUNDING_BEYOND);
        return Math.min(1, inside * (1 + rounding) + outside);
    }

    /** No smaller privacyDelta is enough for the epsilon, if the losses are optimistic. */
    double deltaAtLeast(double epsilon) {
        if (!known) {
            return 0;
        }
        double from = epsilon - offset + lossRounding;
        double inside = (sum(from) - (error + wrapped) * weight(from)) / (1 + rounding);
        return Math.max(0, inside + beyond(epsilon));
    }

    /**
     * At least what those outcomes add to privacyDelta who are not on the grid: an adversary who says yes to each of them, and otherwise decides by
     * the grid, gains P(any) - e^epsilon Q(any).
     */
    private double beyond(double epsilon) {
        double under = Math.log(beyond.massUnderOther() + UNDERFLOW) + ROUNDING_BEYOND + epsilon;
        return Math.max(0, beyond.mass() * (1 - ROUNDING_BEYOND) - Math.exp(under));
    }

    /** e^(Lambda - theta loss). */
    private double weight(double loss) {
        return Math.exp(logMoment - window.theta() * loss);
    }

    private double upright(long i) {
        double tilted = mass[window.index(i)];
        return tilted > 0 ? tilted * weight(i * window.step()) : 0;
    }

    /** delta(epsilon) of the masses in the window. */
    private double sum(double epsilon) {
        double atLeast = 0;
        double delta = 0;
        for (long i = window.last(); i >= window.first() && i * window.step() > epsilon; i--) {
            double distance = i * window.step() - epsilon;
            atLeast += upright(i);
            boolean end = distance <= window.step() || i == window.first();
            delta += (atLeast - delta) * -Math.expm1(-(end ? distance : window.step()));
        }
        return delta;
    }

    /**
     * The largest epsilon at which delta(epsilon), off by {@code share} times the weight, reaches a target; infinity if that of all is above
     * it, minus infinity if it is never reached. Between two grid points the weight at the lower and the target at the upper one count.
     */
    private double solve(DoubleUnaryOperator target, double share) {
        double step = window.step();
        double fall = -Math.expm1(-step);
        double atLeast = 0;
        double delta = 0;
        double here = weight(window.last() * step);
        if (share > 0 && target.applyAsDouble(window.last() * step) - share * here < 0) {
            return Double.POSITIVE_INFINITY;
        }
        for (long i = window.last(); i > window.first() - window.length(); i--) {
            atLeast += i >= window.first() ? Math.max(0, mass[window.index(i)]) * here : 0;
            here = weight((i - 1) * step);
            double below = delta + (atLeast - delta) * fall;
            double wanted = target.applyAsDouble(i * step) - share * here;
            if (below >= wanted) {
                return wanted <= delta ? i * step : i * step - Math.log1p((wanted - delta) / (atLeast - wanted));
            }
            delta = below;
        }
        return Double.NEGATIVE_INFINITY;
    }
}
