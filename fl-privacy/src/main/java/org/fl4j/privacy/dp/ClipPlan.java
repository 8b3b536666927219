package org.fl4j.privacy.dp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * Which coordinates of a layout are released, packed one after another, and how they are clipped: group by group, each to
 * a bound of whole grid steps.
 */
final class ClipPlan {

    /** A bound is between 2^20 and 2^21 steps: fine beside any noise, and a million clients still sum exactly. */
    static final int STEPS_EXPONENT = 20;

    /** All groups together are less than 2^26 steps, so that the square is exact in FP64; noise goes by this, not by one. */
    private static final int ALL_STEPS_EXPONENT = 25;

    /** The first shrinking is off by less, mostly; if not, it is doubled until it does. */
    private static final double SMALLEST_SHRINKING = 0x1p-50;

    private static final double SMALLEST_SQUARES = 0x1p-900;
    private static final double LARGEST_SQUARES = 0x1p1000;

    private final ParameterLayout layout;
    private final List<ParameterLayout.Span> released;
    private final List<Group> groups;
    private final double grid;
    private final int length;

    /** Stretches of packed coordinates clipped together; the bound is the clip norm times the largest weight. */
    private record Group(double clip, double bound, List<ParameterLayout.Span> stretches) {}

    private ClipPlan(ParameterLayout layout, List<ParameterLayout.Span> released, List<Group> groups, double grid) {
        this.layout = layout;
        this.released = released;
        this.groups = groups;
        this.grid = grid;
        this.length = released.stream().mapToInt(ParameterLayout.Span::length).sum();
    }

    /** The largest power of two of which a bound has at least 2^20. */
    static double gridFor(double bound) {
        return Math.scalb(1.0, Math.getExponent(bound) - STEPS_EXPONENT);
    }

    static ClipPlan of(ParameterLayout layout, ClipNorms norms, Predicate<ParameterSpec> isReleased) {
        return of(layout, norms, isReleased, 1);
    }

    static ClipPlan of(
            ParameterLayout layout, ClipNorms norms, Predicate<ParameterSpec> isReleased, long largestWeight) {
        List<ParameterLayout.Span> released = new ArrayList<>();
        Map<String, List<ParameterLayout.Span>> stretches = new LinkedHashMap<>();
        int at = 0;
        for (ParameterSpec spec : layout.specs()) {
            if (isReleased.test(spec)) {
                ParameterLayout.Span span = layout.span(spec.name());
                released.add(span);
                stretches
                        .computeIfAbsent(norms.groupOf(spec), name -> new ArrayList<>())
                        .add(new ParameterLayout.Span(at, at + span.length()));
                at += span.length();
            }
        }
        if (released.isEmpty()) {
            throw new IllegalArgumentException("there is no TRAINABLE parameter to release in " + layout);
        }
        norms.requireUsed(stretches.keySet());
        List<Group> groups = new ArrayList<>();
        stretches.forEach(
                (name, its) -> groups.add(new Group(norms.clip(name), largestWeight * norms.clip(name), its)));
        return new ClipPlan(layout, released, groups, gridFor(groups));
    }

    private static double gridFor(List<Group> groups) {
        double smallest = groups.stream().mapToDouble(Group::bound).min().orElseThrow();
        double all = Math.sqrt(groups.stream()
                .mapToDouble(group -> group.bound() * group.bound())
                .sum());
        return Math.max(gridFor(smallest), Math.scalb(1.0, Math.getExponent(all) - ALL_STEPS_EXPONENT));
    }

    double grid() {
        return grid;
    }

    /** How many coordinates are released. */
    int length() {
        return length;
    }

    /** The largest norm of a clipped contribution, in units of the delta: exact for one group, else rounded up. */
    double bound() {
        double squares = 0;
        for (Group group : groups) {
            double steps = Math.floor(group.bound() / grid);
            squares += steps * steps;
        }
        double root = Math.sqrt(squares);
        return grid * (root * root < squares ? Math.nextUp(root) : root);
    }

    /** The norm of what would be released, over all groups, before clipping. */
    double norm(ModelDelta delta) {
        double[] values = pack(delta);
        return norm(values, List.of(new ParameterLayout.Span(0, values.length)));
    }

    /**
     * The clipped and weighted delta in whole grid steps: each group scaled down to its clip norm if it is longer, rounded
     * toward zero, and scaled down further in the last bits until the norm of the integers holds exactly.
     *
     * @param weight from 0 to the largest weight
     */
    double[] clipped(ModelDelta delta, double weight) {
        double[] values = pack(delta);
        double[] steps = new double[length];
        for (Group group : groups) {
            clip(values, group, weight, steps);
        }
        return steps;
    }

    /** Packed coordinates, multiplied, at their places in the layout; all others are 0. */
    ModelDelta unpack(double[] packed, double factor) {
        double[] all = new double[layout.length()];
        int at = 0;
        for (ParameterLayout.Span span : released) {
            for (int i = span.from(); i < span.to(); i++) {
                all[i] = packed[at++] * factor;
            }
        }
        return ModelDelta.of(layout, all);
    }

    private double[] pack(ModelDelta delta) {
        double[] packed = new double[length];
        int at = 0;
        for (ParameterLayout.Span span : released) {
            delta.copyTo(span.from(), span.length(), packed, at);
            at += span.length();
        }
        return packed;
    }

    private void clip(double[] values, Group group, double weight, double[] steps) {
        double norm = norm(values, group.stretches());
        double limit = Math.floor(weight * group.clip() / grid);
        double bound = limit * grid;
        double factor = norm * weight > bound ? bound / norm : weight;
        double squares = round(values, factor, group, steps);
        // Ends at a factor of 0, unless a value is not finite.
        for (double less = SMALLEST_SHRINKING; squares > limit * limit; less = Math.min(1, 2 * less)) {
            factor *= 1 - less;
            squares = round(values, factor, group, steps);
        }
        if (!(squares <= limit * limit)) {
            throw new IllegalArgumentException("a delta that is not finite cannot be clipped");
        }
    }

    /** Rounds toward zero; the sum of squares of the integers, exact below 2^53 and above the limit beyond. */
    private double round(double[] values, double factor, Group group, double[] steps) {
        double squares = 0;
        double scale = factor / grid;
        for (ParameterLayout.Span stretch : group.stretches()) {
            for (int i = stretch.from(); i < stretch.to(); i++) {
                double exact = values[i] * scale;
                double whole = exact < 0 ? Math.ceil(exact) : Math.floor(exact);
                // No -0: it would be the only value whose bits tell its sign.
                steps[i] = whole == 0 ? 0 : whole;
                squares += whole * whole;
            }
        }
        return squares;
    }

    private static double norm(double[] values, List<ParameterLayout.Span> stretches) {
        double squares = squares(values, stretches, 1);
        if (squares > SMALLEST_SQUARES && squares < LARGEST_SQUARES) {
            return Math.sqrt(squares);
        }
        double largest = 0;
        for (ParameterLayout.Span stretch : stretches) {
            for (int i = stretch.from(); i < stretch.to(); i++) {
                largest = Math.max(largest, Math.abs(values[i]));
            }
        }
        return largest == 0 ? 0 : largest * Math.sqrt(squares(values, stretches, largest));
    }

    private static double squares(double[] values, List<ParameterLayout.Span> stretches, double unit) {
        double sum = 0;
        for (ParameterLayout.Span stretch : stretches) {
            for (int i = stretch.from(); i < stretch.to(); i++) {
                double value = values[i] / unit;
                sum += value * value;
            }
        }
        return sum;
    }
}
