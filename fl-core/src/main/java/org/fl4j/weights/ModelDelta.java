package org.fl4j.weights;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A displacement in parameter space: local minus global weights, an aggregate of such, a control variate.
 *
 * <p>Shape {@code [d]} in the order of the {@link ParameterLayout}, in the layout's dtype, on the heap; sums over
 * clients are taken in FP64, in a {@code Summand}, and rounded back once. Equal if layout and all values are equal bit
 * for bit.
 *
 * <p>Immutable and thread-safe.
 */
public final class ModelDelta extends FlatParameters {

    ModelDelta(ParameterLayout layout, FlatVector values) {
        super("model-delta", layout, values);
    }

    /**
     * No displacement.
     *
     * @return all zero
     */
    public static ModelDelta zero(ParameterLayout layout) {
        return new ModelDelta(layout, FlatVector.zeros(layout.dtype(), layout.length()));
    }

    /**
     * A displacement out of FP64 values, each multiplied by a factor and rounded once to the layout's dtype.
     *
     * @param at where the first of the {@code d} values stands
     * @param factor such as one over the total weight
     * @return {@code factor * values[at .. at + d)}
     * @throws IndexOutOfBoundsException if fewer than {@code d} values follow
     */
    public static ModelDelta scaled(ParameterLayout layout, double[] values, int at, double factor) {
        Objects.checkFromIndexSize(at, layout.length(), values.length);
        return new ModelDelta(layout, FlatVector.rounded(values, at, layout.length(), factor, layout.dtype()));
    }

    /**
     * A displacement out of FP64 values, each multiplied by the factor of its role and rounded once.
     *
     * @param at where the first of the {@code d} values stands
     * @throws IndexOutOfBoundsException if fewer than {@code d} values follow
     */
    public static ModelDelta scaled(
            ParameterLayout layout, double[] values, int at, ParameterSpec.Role.Factors factors) {
        Objects.checkFromIndexSize(at, layout.length(), values.length);
        FlatVector trainable = FlatVector.rounded(values, at, layout.length(), factors.trainable(), layout.dtype());
        List<ParameterLayout.Span> others = layout.spans(ParameterSpec.Role.STATISTIC);
        if (!others.isEmpty()) {
            FlatVector statistic = FlatVector.rounded(values, at, layout.length(), factors.statistic(), layout.dtype());
            others.forEach(span -> trainable.put(span.from(), statistic, span.from(), span.length()));
        }
        return new ModelDelta(layout, trainable);
    }

    /**
     * A displacement out of FP64 values.
     *
     * @param values {@code d} values, each rounded to the layout's dtype
     * @throws IllegalArgumentException if there are more or fewer than {@code d}
     */
    public static ModelDelta of(ParameterLayout layout, double... values) {
        if (values.length != layout.length()) {
            throw new IllegalArgumentException("expected " + layout.length() + " values, but was " + values.length);
        }
        return scaled(layout, values, 0, 1);
    }

    /** The displacement with each coordinate multiplied by the factor of its role. */
    public ModelDelta times(ParameterSpec.Role.Factors factors) {
        double[] doubles = new double[layout.length()];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values.get(i);
        }
        return scaled(layout, doubles, 0, factors);
    }

    /**
     * The displacement stretched.
     *
     * @param factor any
     * @return factor * this, each product rounded once
     */
    public ModelDelta times(double factor) {
        return new ModelDelta(layout, values.times(factor));
    }

    /**
     * One displacement after another.
     *
     * @param other of an equal layout
     * @return this + other
     * @throws IllegalArgumentException if the layouts differ
     */
    public ModelDelta plus(ModelDelta other) {
        requireSame(layout, other.layout);
        return new ModelDelta(layout, values.plus(other.values));
    }

    /**
     * The displacement that leads from where another one ends to where this one does.
     *
     * @param other of an equal layout
     * @return this - other
     * @throws IllegalArgumentException if the layouts differ
     */
    public ModelDelta minus(ModelDelta other) {
        requireSame(layout, other.layout);
        return new ModelDelta(layout, values.minus(other.values));
    }

    /**
     * The displacement of the TRAINABLE parameters alone: what control variates and the like are made of.
     *
     * @return this with zeros for the STATISTIC parameters
     */
    public ModelDelta trainableOnly() {
        if (layout.spans(ParameterSpec.Role.STATISTIC).isEmpty()) {
            return this;
        }
        FlatVector kept = FlatVector.zeros(layout.dtype(), layout.length());
        for (ParameterLayout.Span span : layout.trainable()) {
            kept.put(span.from(), values, span.from(), span.length());
        }
        return new ModelDelta(layout, kept);
    }

    /**
     * Copies a stretch of coordinates, for rules that work on one stretch of every client at a time.
     *
     * @throws IndexOutOfBoundsException if there are not so many coordinates or not so much room
     */
    public void copyTo(int from, int n, double[] into, int at) {
        Objects.checkFromIndexSize(from, n, layout.length());
        Objects.checkFromIndexSize(at, n, into.length);
        values.copyTo(from, n, into, at);
    }

    /**
     * The Euclidean norm over all coordinates, statistics included, in FP64.
     *
     * @return at least 0; NaN or infinity if a coordinate is
     */
    public double norm2() {
        return Math.sqrt(values.sumOfSquares(0, layout.length()));
    }

    /**
     * The first coordinate that is NaN or infinite.
     *
     * @return empty if all are finite
     */
    public OptionalInt firstNonFinite() {
        int coordinate = values.firstNonFinite();
        return coordinate < 0 ? OptionalInt.empty() : OptionalInt.of(coordinate);
    }

    /**
     * Adds this displacement, stretched, to a running FP64 sum: {@code sum[at + i] += factor * this[i]}.
     *
     * @param at where its first coordinate stands
     * @param factor such as a client's weight
     * @throws IndexOutOfBoundsException if fewer than {@code d} values follow; nothing is added then
     */
    public void addTo(double[] sum, int at, double factor) {
        Objects.checkFromIndexSize(at, layout.length(), sum.length);
        values.addTo(sum, at, factor);
    }

    /**
     * Puts the displacement into what a component remembers, in the layout's dtype.
     *
     * @return the state with one more vector
     */
    public ComponentState putInto(ComponentState state, String name) {
        return values.putInto(state, name);
    }

    /**
     * Takes out what {@link #putInto} put in.
     *
     * @throws IllegalStateException if there is no such vector, or it is of another layout's length or dtype
     */
    public static ModelDelta from(ComponentState state, String name, ParameterLayout layout) {
        return new ModelDelta(layout, FlatVector.from(state, name, layout));
    }

    /**
     * Adds this displacement, stretched by role, to a running FP64 sum.
     *
     * @param at where its first coordinate stands
     * @throws IndexOutOfBoundsException if fewer than {@code d} values follow; nothing is added then
     */
    public void addTo(double[] sum, int at, ParameterSpec.Role.Factors factors) {
        Objects.checkFromIndexSize(at, layout.length(), sum.length);
        for (ParameterSpec.Role role : ParameterSpec.Role.values()) {
            for (ParameterLayout.Span span : layout.spans(role)) {
                values.addTo(sum, at, factors.of(role), span);
            }
        }
    }

    /**
     * The TRAINABLE coordinates one after another.
     *
     * @return a new array; FP64 ones are rounded
     */
    public float[] trainableValues() {
        int n = layout.trainable().stream()
                .mapToInt(ParameterLayout.Span::length)
                .sum();
        float[] gathered = new float[n];
        int at = 0;
        for (ParameterLayout.Span span : layout.trainable()) {
            if (values instanceof FloatVector floats) {
                System.arraycopy(floats.array(), span.from(), gathered, at, span.length());
            } else {
                for (int i = 0; i < span.length(); i++) {
                    gathered[at + i] = (float) values.get(span.from() + i);
                }
            }
            at += span.length();
        }
        return gathered;
    }

    /**
     * This displacement with other TRAINABLE coordinates.
     *
     * @param gathered one after another, as {@link #trainableValues} returns them
     * @throws IllegalArgumentException if there are more or fewer
     */
    public ModelDelta withTrainable(float[] gathered) {
        int n = layout.trainable().stream()
                .mapToInt(ParameterLayout.Span::length)
                .sum();
        if (gathered.length != n) {
            throw new IllegalArgumentException("expected " + n + " values, but was " + gathered.length);
        }
        FlatVector changed = values.copy();
        FlatVector source = layout.dtype() == DataType.FLOAT ? new FloatVector(gathered) : widened(gathered);
        int at = 0;
        for (ParameterLayout.Span span : layout.trainable()) {
            changed.put(span.from(), source, at, span.length());
            at += span.length();
        }
        return new ModelDelta(layout, changed);
    }

    private static FlatVector widened(float[] floats) {
        double[] doubles = new double[floats.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = floats[i];
        }
        return new DoubleVector(doubles);
    }

    /** Writes the STATISTIC coordinates as fields of a larger record. */
    public void writeStatisticsTo(BinaryWriter out) {
        for (ParameterLayout.Span span : layout.spans(ParameterSpec.Role.STATISTIC)) {
            FlatVector part = FlatVector.zeros(layout.dtype(), span.length());
            part.put(0, values, span.from(), span.length());
            part.writeTo(out);
        }
    }

    /**
     * Reads what {@link #writeStatisticsTo} wrote.
     *
     * @return with zeros for the TRAINABLE coordinates
     */
    public static ModelDelta readStatisticsFrom(BinaryReader in, ParameterLayout layout) {
        FlatVector read = FlatVector.zeros(layout.dtype(), layout.length());
        for (ParameterLayout.Span span : layout.spans(ParameterSpec.Role.STATISTIC)) {
            FlatVector part = FlatVector.readFrom(in, layout.dtype(), span.length());
            read.put(span.from(), part, 0, span.length());
        }
        return new ModelDelta(layout, read);
    }

    /** Writes the displacement as fields of a larger record, without its layout. */
    public void writeTo(BinaryWriter out) {
        values.writeTo(out);
    }

    /** Reads what {@link #writeTo} wrote. */
    public static ModelDelta readFrom(BinaryReader in, ParameterLayout layout) {
        return new ModelDelta(layout, FlatVector.readFrom(in, layout));
    }
}
