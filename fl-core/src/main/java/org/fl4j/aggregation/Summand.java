package org.fl4j.aggregation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.fl4j.model.ModelDelta;
import org.fl4j.model.ParameterLayout;
import org.fl4j.model.RoleFactors;

/**
 * What a linear rule sums over clients: one flat FP64 vector over the rule's {@link Segment segments}. One client's
 * contribution, the sum over a block and the sum over the cohort are all of this type; with {@link #zero} and
 * {@link #add(Summand)} they form a commutative monoid (up to FP64 rounding, and exactly where segments have a grid).
 *
 * <p>A running sum: the {@code add} methods change it. Not thread-safe.
 */
public final class Summand {

    private final List<Segment> segments;
    private final Map<String, Slot> slots = new HashMap<>();
    private final double[] values;

    private Summand(List<Segment> segments) {
        this.segments = List.copyOf(segments);
        int at = 0;
        for (Segment segment : segments) {
            if (slots.put(segment.name(), new Slot(segment, at)) != null) {
                throw new IllegalArgumentException("two segments are named '" + segment.name() + "'");
            }
            if (segment.length() > Integer.MAX_VALUE - at) {
                throw new IllegalArgumentException("segments hold at most " + Integer.MAX_VALUE
                        + " coordinates in all. Provided value: " + segments);
            }
            at += (int) segment.length();
        }
        if (at == 0) {
            throw new IllegalArgumentException("a sum needs at least one segment");
        }
        this.values = new double[at];
    }

    /**
     * The neutral element.
     *
     * @param segments at least one, with different names, at most 2^31 - 1 coordinates in all
     * @return all zero
     * @throws IllegalArgumentException if there is none, two have one name, or they are longer
     */
    public static Summand zero(List<Segment> segments) {
        return new Summand(segments);
    }

    /**
     * The segments in order.
     *
     * @return as declared by the rule
     */
    public List<Segment> segments() {
        return segments;
    }

    /**
     * The number of coordinates of all segments.
     *
     * @return at least 1
     */
    public int length() {
        return values.length;
    }

    /**
     * Adds another sum over the same segments, coordinate by coordinate.
     *
     * @param other not changed
     * @throws IllegalArgumentException if its segments differ
     */
    public void add(Summand other) {
        if (!segments.equals(other.segments)) {
            throw new IllegalArgumentException(
                    "summands over " + segments + " and " + other.segments + " do not add up");
        }
        double[] theirs = other.values;
        for (int i = 0; i < values.length; i++) {
            values[i] += theirs[i];
        }
    }

    /**
     * Adds a weighted delta to a segment.
     *
     * @param segment its name
     * @param delta as long as the segment
     * @param weight its factor
     * @throws IllegalArgumentException if there is no such segment or the lengths differ
     */
    public void add(String segment, ModelDelta delta, double weight) {
        delta.addTo(values, slotAsLongAs(segment, delta.layout()).offset(), weight);
    }

    /**
     * Adds a delta whose parameters are weighted by role to a segment.
     *
     * @param segment its name
     * @param delta as long as the segment
     * @param weights its factors
     * @throws IllegalArgumentException if there is no such segment or the lengths differ
     */
    public void add(String segment, ModelDelta delta, RoleFactors weights) {
        delta.addTo(values, slotAsLongAs(segment, delta.layout()).offset(), weights);
    }

    /**
     * Adds to every coordinate of a segment, for encoders that compute them all.
     *
     * @param segment its name
     * @param more as many as the segment has coordinates, in grid steps where it has a grid
     * @throws IllegalArgumentException if there is no such segment or the lengths differ; nothing is added then
     */
    public void add(String segment, double[] more) {
        Slot target = slot(segment);
        if (target.segment().length() != more.length) {
            throw new IllegalArgumentException("segment '" + segment + "' has "
                    + target.segment().length() + " coordinates. Provided value: " + more.length);
        }
        int at = target.offset();
        for (int i = 0; i < more.length; i++) {
            values[at + i] += more[i];
        }
    }

    /**
     * Adds to one coordinate of a segment.
     *
     * @param segment its name
     * @param index in {@code [0, length of the segment)}
     * @param value what to add
     */
    public void add(String segment, int index, double value) {
        values[at(segment, index)] += value;
    }

    /**
     * One coordinate of a segment.
     *
     * @param segment its name
     * @param index in {@code [0, length of the segment)}
     * @return its value, in grid steps where the segment has a grid
     */
    public double get(String segment, int index) {
        return values[at(segment, index)];
    }

    /**
     * All coordinates in the order of the segments, for those who mask, noise or send them.
     *
     * @return a copy
     */
    public double[] toArray() {
        return values.clone();
    }

    /**
     * The coordinates of one segment.
     *
     * @param segment its name
     * @return a copy, in grid steps where the segment has a grid
     * @throws IllegalArgumentException if there is no such segment
     */
    public double[] toArray(String segment) {
        Slot slot = slot(segment);
        return Arrays.copyOfRange(
                values,
                slot.offset(),
                slot.offset() + Math.toIntExact(slot.segment().length()));
    }

    /**
     * Adds coordinates that {@link #toArray()} gave, or a mechanism made of them.
     *
     * @param all as many as {@link #length}
     * @throws IllegalArgumentException if there are more or fewer
     */
    public void add(double[] all) {
        if (all.length != values.length) {
            throw new IllegalArgumentException(
                    "expected " + values.length + " coordinates. Provided value: " + all.length);
        }
        for (int i = 0; i < all.length; i++) {
            values[i] += all[i];
        }
    }

    /**
     * A segment as a displacement, multiplied by a factor (and by the grid, if there is one), each coordinate rounded
     * once to the layout's dtype.
     *
     * @param segment its name, as long as the layout
     * @param layout the layout
     * @param factor such as one over the total weight
     * @return the displacement
     * @throws IllegalArgumentException if there is no such segment or the lengths differ
     */
    public ModelDelta toDelta(String segment, ParameterLayout layout, double factor) {
        Slot source = slotAsLongAs(segment, layout);
        return ModelDelta.scaled(layout, values, source.offset(), factor * source.grid());
    }

    /**
     * A segment as a displacement, its parameters multiplied by the factor of their role (and by the grid, if there is
     * one), each coordinate rounded once to the layout's dtype.
     *
     * @param segment its name, as long as the layout
     * @param layout the layout
     * @param factors such as one over the total weight
     * @return the displacement
     * @throws IllegalArgumentException if there is no such segment or the lengths differ
     */
    public ModelDelta toDelta(String segment, ParameterLayout layout, RoleFactors factors) {
        Slot source = slotAsLongAs(segment, layout);
        RoleFactors steps = new RoleFactors(factors.trainable() * source.grid(), factors.statistic() * source.grid());
        return ModelDelta.scaled(layout, values, source.offset(), steps);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Summand that && segments.equals(that.segments) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * segments.hashCode() + Arrays.hashCode(values);
    }

    /** The segments only: a client's contribution is not for logs. */
    @Override
    public String toString() {
        return "Summand" + segments;
    }

    private int at(String name, int index) {
        Slot slot = slot(name);
        return slot.offset()
                + Objects.checkIndex(index, Math.toIntExact(slot.segment().length()));
    }

    private Slot slotAsLongAs(String name, ParameterLayout layout) {
        Slot slot = slot(name);
        if (slot.segment().length() != layout.length()) {
            throw new IllegalArgumentException("segment '" + name + "' has "
                    + slot.segment().length() + " coordinates but the layout has " + layout.length());
        }
        return slot;
    }

    private Slot slot(String name) {
        Slot slot = slots.get(name);
        if (slot == null) {
            throw new IllegalArgumentException("no segment '" + name + "'; there are " + segments);
        }
        return slot;
    }

    private record Slot(Segment segment, int offset) {

        double grid() {
            return segment.grid().orElse(1);
        }
    }
}
