package org.fl4j.aggregation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * What a linear rule sums over clients: one flat FP64 vector over the rule's {@link Segment segments}. One client's
 * contribution, the sum over a block and the sum over the cohort are all of this type; with {@link #zero} and
 * {@link #add(Summand)} they form a commutative monoid (up to FP64 rounding, and exactly where segments have a grid).
 *
 * <p>What masks leave of the sum of a private rule is known {@link #modulo} a power of two only. Until noise is added, by
 * {@link #withNoise}, every other use of it throws {@link IllegalStateException}: centring it first would show where the
 * sum without noise lies.
 *
 * <p>A running sum: the {@code add} methods change it. Not thread-safe.
 */
public final class Summand {

    /** Of {@link #modulo}: an integer modulo 2 to the power of {@value} is a double. */
    public static final int LARGEST_BITS = 54;

    private final List<Segment> segments;
    private final Map<String, Slot> slots = new HashMap<>();
    private final double[] values;

    /** By segment, of residues; empty for a sum. */
    private final List<Integer> bits;

    private Summand(List<Segment> segments, List<Integer> bits) {
        this.bits = List.copyOf(bits);
        this.segments = List.copyOf(segments);
        int at = 0;
        for (Segment segment : segments) {
            if (slots.put(segment.name(), new Slot(segment, at)) != null) {
                throw new IllegalArgumentException("two segments are named '" + segment.name() + "'");
            }
            if (segment.length() > Integer.MAX_VALUE - at) {
                throw new IllegalArgumentException(
                        "segments hold at most " + Integer.MAX_VALUE + " coordinates in all, but was " + segments);
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
        return new Summand(segments, List.of());
    }

    /**
     * A sum of which each coordinate is known modulo a power of two.
     *
     * @param segments with a grid, as in {@link #zero}
     * @param bits k for each segment, from 1 to {@value #LARGEST_BITS}: its coordinates are known modulo 2^k
     * @param residues whole numbers in [-2^(k-1), 2^(k-1)), one for each coordinate; copied
     * @return a sum that takes noise and nothing else
     * @throws IllegalArgumentException if a segment has no grid, or there are more or fewer moduli or residues
     */
    public static Summand modulo(List<Segment> segments, List<Integer> bits, double[] residues) {
        Summand sum = new Summand(segments, bits);
        if (bits.size() != segments.size() || residues.length != sum.values.length) {
            throw new IllegalArgumentException("expected " + segments.size() + " moduli and " + sum.values.length
                    + " residues, but was " + bits.size() + " and " + residues.length);
        }
        for (int s = 0; s < bits.size(); s++) {
            if (segments.get(s).grid().isEmpty() || bits.get(s) < 1 || bits.get(s) > LARGEST_BITS) {
                throw new IllegalArgumentException("residues need a grid and 1 to " + LARGEST_BITS + " bits, but was "
                        + segments.get(s) + ", " + bits.get(s));
            }
        }
        System.arraycopy(residues, 0, sum.values, 0, residues.length);
        return sum;
    }

    /**
     * The sum with noise, in one step: where the sum is known modulo 2^k, the noise is added modulo 2^k and the result is the
     * number in [-2^(k-1), 2^(k-1)) that it is. That is a function of sum plus noise, so it reveals nothing more.
     *
     * @param declared the result's segments: those of this with any other {@link Segment#noise}
     * @param noise as many as {@link #length}; whole numbers of grid steps where this is known modulo 2^k
     * @return a new sum; this is not changed
     * @throws IllegalArgumentException if lengths or segments differ
     */
    public Summand withNoise(List<Segment> declared, double[] noise) {
        Summand noised = zero(declared);
        if (!noiseless(segments).equals(noiseless(declared)) || noise.length != values.length) {
            throw new IllegalArgumentException("noise of " + noise.length + " coordinates, for " + declared
                    + ", does not fit a sum over " + segments);
        }
        for (int i = 0; i < noise.length; i++) {
            noised.values[i] = noise[i] + values[i];
        }
        for (int s = 0; s < bits.size(); s++) {
            int unused = Long.SIZE - bits.get(s);
            Slot slot = slot(segments.get(s).name());
            for (int i = slot.offset(); i < slot.end(); i++) {
                noised.values[i] = ((long) noise[i] + (long) values[i]) << unused >> unused;
            }
        }
        return noised;
    }

    private static List<Segment> noiseless(List<Segment> segments) {
        return segments.stream()
                .map(segment -> new Segment(segment.name(), segment.length(), segment.maxAbs(), segment.grid()))
                .toList();
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
        double[] theirs = other.readable();
        double[] ours = readable();
        for (int i = 0; i < ours.length; i++) {
            ours[i] += theirs[i];
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
        delta.addTo(readable(), slotAsLongAs(segment, delta.layout()).offset(), weight);
    }

    /**
     * Adds a delta whose parameters are weighted by role to a segment.
     *
     * @param segment its name
     * @param delta as long as the segment
     * @param weights its factors
     * @throws IllegalArgumentException if there is no such segment or the lengths differ
     */
    public void add(String segment, ModelDelta delta, ParameterSpec.Role.Factors weights) {
        delta.addTo(readable(), slotAsLongAs(segment, delta.layout()).offset(), weights);
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
                    + target.segment().length() + " coordinates, but was " + more.length);
        }
        int at = target.offset();
        double[] ours = readable();
        for (int i = 0; i < more.length; i++) {
            ours[at + i] += more[i];
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
        readable()[at(segment, index)] += value;
    }

    /**
     * One coordinate of a segment.
     *
     * @param segment its name
     * @param index in {@code [0, length of the segment)}
     * @return its value, in grid steps where the segment has a grid
     */
    public double get(String segment, int index) {
        return readable()[at(segment, index)];
    }

    /**
     * All coordinates in the order of the segments, for those who mask, noise or send them.
     *
     * @return a copy
     */
    public double[] toArray() {
        return readable().clone();
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
        return Arrays.copyOfRange(readable(), slot.offset(), slot.end());
    }

    /**
     * Adds coordinates that {@link #toArray()} gave, or a mechanism made of them.
     *
     * @param all as many as {@link #length}
     * @throws IllegalArgumentException if there are more or fewer
     */
    public void add(double[] all) {
        if (all.length != values.length) {
            throw new IllegalArgumentException("expected " + values.length + " coordinates, but was " + all.length);
        }
        double[] ours = readable();
        for (int i = 0; i < all.length; i++) {
            ours[i] += all[i];
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
        return ModelDelta.scaled(layout, readable(), source.offset(), factor * source.grid());
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
    public ModelDelta toDelta(String segment, ParameterLayout layout, ParameterSpec.Role.Factors factors) {
        Slot source = slotAsLongAs(segment, layout);
        ParameterSpec.Role.Factors steps = new ParameterSpec.Role.Factors(
                factors.trainable() * source.grid(), factors.statistic() * source.grid());
        return ModelDelta.scaled(layout, readable(), source.offset(), steps);
    }

    /** Sets every coordinate to zero: for a holder of one client's contribution, or of a sum before its noise, once it is used. */
    public void erase() {
        Arrays.fill(values, 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Summand that
                && segments.equals(that.segments)
                && Arrays.equals(readable(), that.readable());
    }

    @Override
    public int hashCode() {
        return 31 * segments.hashCode() + Arrays.hashCode(readable());
    }

    /** The segments only: a client's contribution is not for logs. */
    @Override
    public String toString() {
        return "Summand" + segments;
    }

    private double[] readable() {
        if (!bits.isEmpty()) {
            throw new IllegalStateException(
                    "the masked sum of a private rule has no coordinates before withNoise; does a"
                            + " wrapper look at the total before the rule that adds the noise decodes it?");
        }
        return values;
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

        int end() {
            return offset + Math.toIntExact(segment.length());
        }

        double grid() {
            return segment.grid().orElse(1);
        }
    }
}
