package org.fl4j.privacy.secagg;

import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.secagg.internal.vector.Scale;
import org.fl4j.privacy.secagg.internal.vector.Scales;

/**
 * How real numbers become the integers that masks are added to: the largest absolute value of a coordinate and the step
 * that it is rounded to, up or down at random, without bias.
 *
 * <p>Masks add up modulo a power of two, so every coordinate of a contribution, the delta times the weight, needs a bound; a
 * client beyond it is rejected, never clipped in silence. For a {@link Segment segment} of a rule the first of these applies:
 *
 * <ul>
 *   <li>It has a grid: its whole numbers are used unchanged, up to its {@code maxAbs}, which must be finite. Nothing
 *       stated here applies.
 *   <li>It is named in {@link #segment}: the range and step stated there.
 *   <li>It is bounded: range {@code maxAbs}; step {@code maxAbs} / 2^{@value #DEFAULT_STEPS_EXPONENT} rounded down to a
 *       power of two, but at most 1, so that whole-number weights are exact.
 *   <li>It is {@value Segment#WEIGHT}, unbounded: the same with {@link #weighingAtMost} for {@code maxAbs}.
 *   <li>It is {@value Segment#DELTA}, unbounded: the range and the resolution stated here, both times the largest weight
 *       W, and the step then rounded down to a power of two. W is the range of the rule's {@value Segment#WEIGHT}, or 1
 *       if it has none. The mean over clients that weigh W then has the resolution stated; if they weigh less on average,
 *       it is coarser as much.
 *   <li>It is another, unbounded: rejected, since its range is unrelated to that of a delta. SCAFFOLD's
 *       {@code control}, FedNova's {@code steps} and q-FedAvg's {@code step} need {@link #segment}; so does q-FedAvg's
 *       {@code delta}, which is weighted by more than its {@code weight} says.
 * </ul>
 *
 * <p>Equal where the same is stated. Immutable and thread-safe.
 */
public final class FixedPoint {

    /** The range has at least 2 to this many steps, unless a resolution is stated: {@value}. */
    public static final int DEFAULT_STEPS_EXPONENT = Scale.DEFAULT_STEPS_EXPONENT;

    private static final int LARGEST_STEPS_EXPONENT = 40;

    /** For rules all of whose segments have a grid or a bound. */
    static final FixedPoint UNSTATED = new FixedPoint(Scales.UNSTATED);

    private final Scales scales;

    private FixedPoint(Scales scales) {
        this.scales = scales;
    }

    /**
     * Numbers up to a bound, with a resolution of the bound / 2^{@value #DEFAULT_STEPS_EXPONENT}, rounded down to a power
     * of two.
     *
     * <p>What is bounded is the contribution, delta times weight, by the range times the largest weight W; not the delta. A
     * client that weighs less than W may have larger coordinates: |delta| &lt;= range W / weight.
     *
     * @param range the largest absolute value of a coordinate of the delta of a client that weighs W, or that every client may
     *     have at any weight; from 2^-200 to 2^200
     * @throws IllegalArgumentException if it is outside
     */
    public static FixedPoint within(double range) {
        Scale.requireModerate("range", range);
        return new FixedPoint(Scales.UNSTATED.with(new Scale(range, Scale.defaultStep(range))));
    }

    /**
     * Returns a copy with another resolution.
     *
     * @param step a power of two, at most the range; coordinates are rounded to multiples of it
     * @throws IllegalArgumentException if it is not
     */
    public FixedPoint resolution(double step) {
        Scale.requireModerate("resolution", step);
        double nearest = Scale.powerOfTwoBelow(step);
        if (nearest != step) {
            throw new IllegalArgumentException("resolution must be a power of two, but was " + step
                    + "; the nearest below is 2^" + Math.getExponent(nearest) + " = " + nearest);
        }
        double range = scales.scale().range();
        if (step > range) {
            throw new IllegalArgumentException("resolution must be at most the range, " + range + ", but was " + step);
        }
        return new FixedPoint(scales.with(new Scale(range, step)));
    }

    /**
     * Returns a copy whose resolution follows from the range: fewer steps are fewer bits. A coordinate of a cohort of n takes the
     * bits of 2 n steps. Rounding is without bias and its errors average out over the clients, so that few steps are enough where
     * coordinates are about as large as the range: that is what a rotation is for ({@code LinearCodec.largest} has the range).
     *
     * @param exponent the range has 2^exponent steps, and up to twice as many where it is no power of two; from 0 to 40
     * @throws IllegalArgumentException if it is out of range
     */
    public FixedPoint inSteps(int exponent) {
        if (exponent < 0 || exponent > LARGEST_STEPS_EXPONENT) {
            throw new IllegalArgumentException(
                    "exponent must be in [0, " + LARGEST_STEPS_EXPONENT + "], but was " + exponent);
        }
        double range = scales.scale().range();
        return new FixedPoint(scales.with(new Scale(range, Scale.powerOfTwoBelow(Math.scalb(range, -exponent)))));
    }

    /**
     * Returns a copy with the largest weight of a client, for rules whose weights have no bound of their own, such as
     * {@code FedAvg.byExamples()}.
     *
     * @param weightCap from 2^-200 to 2^200; a client that weighs more is rejected
     * @throws IllegalArgumentException if it is outside
     */
    public FixedPoint weighingAtMost(double weightCap) {
        Scale.requireModerate("weightCap", weightCap);
        return new FixedPoint(new Scales(scales.scale(), OptionalDouble.of(weightCap), scales.named()));
    }

    /**
     * Returns a copy with other numbers for one segment of the rule, such as
     * {@code segment("control", FixedPoint.within(0.1).weighingAtMost(500))}.
     *
     * @param name the segment's name; one with a grid must not be named
     * @param its its range and resolution, both times its own {@link #weighingAtMost} if that is stated; without, the range
     *     is that of a contribution with its weight in it
     * @throws IllegalArgumentException if its numbers name segments themselves
     */
    public FixedPoint segment(String name, FixedPoint its) {
        if (!its.scales.named().isEmpty()) {
            throw new IllegalArgumentException("numbers of one segment must not name segments, but was " + its);
        }
        SortedMap<String, Scale> more = new TreeMap<>(scales.named());
        more.put(name, its.scales.scale().times(its.scales.weightCap().orElse(1)));
        return new FixedPoint(new Scales(scales.scale(), scales.weightCap(), more));
    }

    Scales scales() {
        return scales;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FixedPoint that && scales.equals(that.scales);
    }

    @Override
    public int hashCode() {
        return scales.hashCode();
    }

    @Override
    public String toString() {
        if (equals(UNSTATED)) {
            return "FixedPoint(unstated)";
        }
        StringBuilder text = new StringBuilder("FixedPoint(range="
                + scales.scale().range() + ", resolution=" + scales.scale().step());
        scales.weightCap().ifPresent(cap -> text.append(", weight<=").append(cap));
        scales.named()
                .forEach((name, its) -> text.append(", ")
                        .append(name)
                        .append("=(range=")
                        .append(its.range())
                        .append(", resolution=")
                        .append(its.step())
                        .append(')'));
        return text.append(')').toString();
    }
}
