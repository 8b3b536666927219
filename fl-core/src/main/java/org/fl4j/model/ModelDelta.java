package org.fl4j.model;

import java.util.Objects;
import java.util.OptionalInt;
import org.fl4j.binary.BinaryReader;
import org.fl4j.binary.BinaryWriter;

/**
 * A displacement in parameter space: local minus global weights, an aggregate of such, a control variate.
 *
 * <p>Shape {@code [d]} in the order of the {@link ParameterLayout}, in the layout's dtype, on the heap; sums over
 * clients are taken in FP64, in a {@code Summand}, and rounded back once. Equal if layout and all values are equal bit
 * for bit.
 *
 * <p>Immutable and thread-safe.
 */
public final class ModelDelta {

    private final ParameterLayout layout;
    private final FlatVector values;

    ModelDelta(ParameterLayout layout, FlatVector values) {
        this.layout = layout;
        this.values = values;
    }

    /**
     * No displacement.
     *
     * @param layout of which layout
     * @return all zero
     */
    public static ModelDelta zero(ParameterLayout layout) {
        return new ModelDelta(layout, FlatVector.zeros(layout.dtype(), layout.length()));
    }

    /**
     * A displacement out of FP64 values, each multiplied by a factor and rounded once to the layout's dtype.
     *
     * @param layout of which layout
     * @param values where the values stand
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
     * A displacement out of FP64 values.
     *
     * @param layout of which layout
     * @param values {@code d} values, each rounded to the layout's dtype
     * @return the displacement
     * @throws IllegalArgumentException if there are more or fewer than {@code d}
     */
    public static ModelDelta of(ParameterLayout layout, double... values) {
        if (values.length != layout.length()) {
            throw new IllegalArgumentException(
                    "expected " + layout.length() + " values. Provided value: " + values.length);
        }
        return scaled(layout, values, 0, 1);
    }

    /**
     * How the parameters lie in the flat vector.
     *
     * @return the layout
     */
    public ParameterLayout layout() {
        return layout;
    }

    /**
     * One coordinate.
     *
     * @param coordinate in {@code [0, d)}
     * @return its value
     */
    public double get(int coordinate) {
        return values.get(coordinate);
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
     * The Euclidean norm over all coordinates, statistics included, in FP64.
     *
     * @return at least 0; NaN or infinity if a coordinate is
     */
    public double norm2() {
        return Math.sqrt(values.sumOfSquares(0, layout.length()));
    }

    /**
     * Whether no value is NaN or infinite.
     *
     * @return true if all are finite
     */
    public boolean isFinite() {
        return values.firstNonFinite() < 0;
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
     * @param sum the running sum
     * @param at where its first coordinate stands
     * @param factor such as a client's weight
     * @throws IndexOutOfBoundsException if fewer than {@code d} values follow; nothing is added then
     */
    public void addTo(double[] sum, int at, double factor) {
        Objects.checkFromIndexSize(at, layout.length(), sum.length);
        values.addTo(sum, at, factor);
    }

    /**
     * Writes the displacement as fields of a larger record, without its layout.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        values.writeTo(out);
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @param layout its layout
     * @return the displacement
     */
    public static ModelDelta readFrom(BinaryReader in, ParameterLayout layout) {
        return new ModelDelta(layout, FlatVector.readFrom(in, layout));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelDelta that && layout.equals(that.layout) && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(layout, values);
    }

    /** The layout only: a client's delta is not for logs. */
    @Override
    public String toString() {
        return "ModelDelta[" + layout.length() + " x " + layout.dtype() + "]";
    }

    FlatVector values() {
        return values;
    }
}
