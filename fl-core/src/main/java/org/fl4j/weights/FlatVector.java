package org.fl4j.weights;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The flat heap array behind weights and deltas, in its model's dtype. Its loops are plain Java over whole arrays, in a
 * fixed order: native reductions change their bits with the number of native threads.
 */
sealed interface FlatVector permits FloatVector, DoubleVector {

    int length();

    double get(int i);

    FlatVector plus(FlatVector displacement);

    /** The sum with coordinates in FP64, each rounded first. */
    FlatVector plus(ModelWeights.Displacement displacement);

    FlatVector minus(FlatVector base);

    FlatVector times(double factor);

    /** {@code sum[at + i] += factor * this[i]} for every i. */
    void addTo(double[] sum, int at, double factor);

    /** {@code sum[at + i] += factor * this[i]} for the coordinates of a span. */
    void addTo(double[] sum, int at, double factor, ParameterLayout.Span span);

    /** {@code into[at + i] = this[from + i]} for n coordinates. */
    void copyTo(int from, int n, double[] into, int at);

    /** {@code this[at + i] = other[from + i]} for n coordinates; before this is handed out only. */
    void put(int at, FlatVector other, int from, int n);

    /** A copy, for {@link #put} to change. */
    default FlatVector copy() {
        FlatVector copy = zeros(this instanceof DoubleVector ? DataType.DOUBLE : DataType.FLOAT, length());
        copy.put(0, this, 0, length());
        return copy;
    }

    ComponentState putInto(ComponentState state, String name);

    /** The sum of squares over {@code [from, to)}, in FP64. */
    double sumOfSquares(int from, int to);

    /** The first coordinate that is NaN or infinite, or -1. */
    int firstNonFinite();

    void copyTo(INDArray tensor, int from, int n);

    /** Overwrites this with the values of a tensor in its row-major order; before the vector is handed out only. */
    void fill(int from, INDArray tensor);

    void writeTo(BinaryWriter out);

    /** This with all NaNs alike, as equals takes them to be: equal vectors then have the same bytes. */
    FlatVector canonical();

    /** tensor - base in one pass over a row-major tensor of the same length, without a copy of it in between. */
    FlatVector displacementOf(INDArray tensor);

    static FlatVector zeros(DataType dtype, int n) {
        return dtype == DataType.DOUBLE ? new DoubleVector(new double[n]) : new FloatVector(new float[n]);
    }

    static FlatVector copyOf(INDArray tensor) {
        FlatVector values = zeros(tensor.dataType(), Math.toIntExact(tensor.length()));
        values.fill(0, tensor);
        return values;
    }

    static FlatVector rounded(double[] values, int at, int n, double factor, DataType dtype) {
        if (dtype == DataType.DOUBLE) {
            double[] scaled = new double[n];
            for (int i = 0; i < n; i++) {
                scaled[i] = values[at + i] * factor;
            }
            return new DoubleVector(scaled);
        }
        float[] scaled = new float[n];
        for (int i = 0; i < n; i++) {
            scaled[i] = (float) (values[at + i] * factor);
        }
        return new FloatVector(scaled);
    }

    static FlatVector from(ComponentState state, String name, ParameterLayout layout) {
        FlatVector values = layout.dtype() == DataType.DOUBLE
                ? new DoubleVector(state.doubles(name))
                : new FloatVector(state.floats(name));
        if (values.length() != layout.length()) {
            throw new IllegalStateException("'" + name + "' of the state of '" + state.kind() + "' has "
                    + values.length() + " values but the layout has " + layout.length()
                    + "; is it the state of a run with another model?");
        }
        return values;
    }

    static FlatVector readFrom(BinaryReader in, ParameterLayout layout) {
        FlatVector values = layout.dtype() == DataType.DOUBLE
                ? new DoubleVector(in.readDoubles())
                : new FloatVector(in.readFloats());
        if (values.length() != layout.length()) {
            throw in.corrupt("it holds " + values.length() + " values for a layout of " + layout.length());
        }
        return values;
    }
}
