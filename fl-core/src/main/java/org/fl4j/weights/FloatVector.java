package org.fl4j.weights;

import java.util.Arrays;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.TensorCopy;
import org.fl4j.state.ComponentState;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A flat vector of FLOAT values. */
final class FloatVector implements FlatVector {

    private static final int CHUNK = 1 << 12;
    private static final int LANES = 8;

    /** A few arrays of this many doubles stay in the first-level cache. */
    private static final int DISPLACED = 1 << 10;

    private final float[] values;

    /** The sum of squares over all values where the pass that made them took it; else NaN. */
    private final double squares;

    FloatVector(float[] values) {
        this(values, Double.NaN);
    }

    private FloatVector(float[] values, double squares) {
        this.values = values;
        this.squares = squares;
    }

    @Override
    public int length() {
        return values.length;
    }

    @Override
    public double get(int i) {
        return values[i];
    }

    float[] array() {
        return values;
    }

    @Override
    public FlatVector plus(FlatVector displacement) {
        float[] other = ((FloatVector) displacement).values;
        float[] sum = new float[values.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = values[i] + other[i];
        }
        return new FloatVector(sum);
    }

    @Override
    public FlatVector plus(ModelWeights.Displacement displacement) {
        float[] sum = new float[values.length];
        double[] chunk = new double[Math.min(DISPLACED, values.length)];
        for (int from = 0; from < sum.length; from += chunk.length) {
            int n = Math.min(chunk.length, sum.length - from);
            displacement.compute(from, n, chunk);
            for (int i = 0; i < n; i++) {
                sum[from + i] = values[from + i] + (float) chunk[i];
            }
        }
        return new FloatVector(sum);
    }

    @Override
    public FlatVector minus(FlatVector base) {
        float[] other = ((FloatVector) base).values;
        float[] difference = new float[values.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = values[i] - other[i];
        }
        return new FloatVector(difference);
    }

    @Override
    public FlatVector times(double factor) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (values[i] * factor);
        }
        return new FloatVector(scaled);
    }

    @Override
    public void addTo(double[] sum, int at, double factor) {
        float[] source = values;
        for (int i = 0; i < source.length; i++) {
            sum[at + i] += factor * source[i];
        }
    }

    @Override
    public void copyTo(int from, int n, double[] into, int at) {
        for (int i = 0; i < n; i++) {
            into[at + i] = values[from + i];
        }
    }

    @Override
    public void put(int at, FlatVector other, int from, int n) {
        System.arraycopy(((FloatVector) other).values, from, values, at, n);
    }

    @Override
    public ComponentState putInto(ComponentState state, String name) {
        return state.with(name, values);
    }

    @Override
    public void addTo(double[] sum, int at, double factor, ParameterLayout.Span span) {
        float[] source = values;
        int to = span.to();
        for (int i = span.from(); i < to; i++) {
            sum[at + i] += factor * source[i];
        }
    }

    @Override
    public double sumOfSquares(int from, int to) {
        if (from == 0 && to == values.length && !Double.isNaN(squares)) {
            return squares;
        }
        double[] lanes = new double[LANES];
        int whole = from + (to - from) / LANES * LANES;
        addSquares(values, from, whole, lanes);
        return sum(lanes, values, whole, to);
    }

    private static void addSquares(float[] values, int from, int to, double[] lanes) {
        for (int i = from; i < to; i += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                double value = values[i + lane];
                lanes[lane] += value * value;
            }
        }
    }

    private static double sum(double[] lanes, float[] values, int from, int to) {
        double sum = 0;
        for (double lane : lanes) {
            sum += lane;
        }
        for (int i = from; i < to; i++) {
            sum += (double) values[i] * values[i];
        }
        return sum;
    }

    @Override
    public int firstNonFinite() {
        if (Double.isFinite(squares)) {
            return -1;
        }
        // 0 times a value is 0, or NaN where the value is not finite; NaN stays in the sum. Four sums hide the latency.
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int whole = values.length / 4 * 4;
        for (int i = 0; i < whole; i += 4) {
            a += 0 * values[i];
            b += 0 * values[i + 1];
            c += 0 * values[i + 2];
            d += 0 * values[i + 3];
        }
        for (int i = a + b + c + d == 0 ? whole : 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void copyTo(INDArray tensor, int from, int n) {
        TensorCopy.put(values, from, tensor, 0, n);
    }

    @Override
    public void fill(int from, INDArray tensor) {
        TensorCopy.get(tensor, 0, values, from, Math.toIntExact(tensor.length()));
    }

    /** The sum of squares is taken while a chunk is in the cache: norm and finiteness then need no pass of their own. */
    @Override
    public FlatVector displacementOf(INDArray tensor) {
        float[] difference = new float[values.length];
        float[] chunk = new float[Math.min(CHUNK, values.length)];
        double[] lanes = new double[LANES];
        int whole = values.length / LANES * LANES;
        for (int from = 0; from < values.length; from += chunk.length) {
            int n = Math.min(chunk.length, values.length - from);
            TensorCopy.get(tensor, from, chunk, 0, n);
            for (int i = 0; i < n; i++) {
                difference[from + i] = chunk[i] - values[from + i];
            }
            addSquares(difference, from, Math.min(from + n, whole), lanes);
        }
        return new FloatVector(difference, sum(lanes, difference, whole, difference.length));
    }

    @Override
    public void writeTo(BinaryWriter out) {
        out.writeFloats(values);
    }

    @Override
    public FlatVector canonical() {
        if (firstNonFinite() < 0) {
            return this;
        }
        float[] alike = new float[values.length];
        for (int i = 0; i < alike.length; i++) {
            alike[i] = Float.intBitsToFloat(Float.floatToIntBits(values[i]));
        }
        return new FloatVector(alike);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FloatVector that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }
}
