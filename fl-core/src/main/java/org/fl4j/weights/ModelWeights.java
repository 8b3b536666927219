package org.fl4j.weights;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The weights of a model: a point in parameter space. Two points have no sum; what can be added to a point is a
 * displacement, {@link ModelDelta}, and the difference of two points is one:
 *
 * <pre>{@code
 * ModelDelta delta = local.minus(global);    // local - global, the field's sign
 * ModelWeights next = global.plus(delta);    // equals local within one ulp a coordinate
 * }</pre>
 *
 * <p>Shape {@code [d]} in the order of the {@link ParameterLayout}, in the layout's dtype, on the heap. Equal if layout
 * and all values are equal bit for bit.
 *
 * <p>Immutable and thread-safe.
 */
public final class ModelWeights extends FlatParameters {

    private static final String KIND = "model-weights";
    static final int VERSION = 1;

    ModelWeights(ParameterLayout layout, FlatVector values) {
        super(KIND, layout, values);
    }

    /**
     * A copy of a flat tensor.
     *
     * @param flat {@code d} values of the layout's dtype, read in row-major order
     * @throws IllegalArgumentException if length or dtype differ from the layout's
     */
    public static ModelWeights copyOf(ParameterLayout layout, INDArray flat) {
        requireLike(layout, flat);
        return new ModelWeights(layout, FlatVector.copyOf(flat));
    }

    /**
     * Weights of dtype FLOAT.
     *
     * @param flat {@code d} values, copied
     * @throws IllegalArgumentException if length or dtype differ from the layout's
     */
    public static ModelWeights copyOf(ParameterLayout layout, float[] flat) {
        requireLike(layout, DataType.FLOAT, flat.length);
        return new ModelWeights(layout, new FloatVector(flat.clone()));
    }

    /**
     * Weights of dtype DOUBLE.
     *
     * @param flat {@code d} values, copied
     * @throws IllegalArgumentException if length or dtype differ from the layout's
     */
    public static ModelWeights copyOf(ParameterLayout layout, double[] flat) {
        requireLike(layout, DataType.DOUBLE, flat.length);
        return new ModelWeights(layout, new DoubleVector(flat.clone()));
    }

    /**
     * Copies of a model's parameters where they do not lie in one flat buffer.
     *
     * @param layout the parameters, in which order, and how they are to lie
     * @param tensors by name; each of the parameter's shape and the layout's dtype, in any element order
     * @throws IllegalArgumentException if the shape or dtype of a tensor is another
     */
    public static ModelWeights gather(ParameterLayout layout, Function<? super String, INDArray> tensors) {
        FlatVector values = FlatVector.zeros(layout.dtype(), layout.length());
        for (ParameterSpec spec : layout.specs()) {
            INDArray tensor = tensors.apply(spec.name());
            long[] shape = shape(spec);
            if (tensor.dataType() != layout.dtype() || !Arrays.equals(tensor.shape(), shape)) {
                throw new IllegalArgumentException("parameter '" + spec.name() + "' must be " + layout.dtype() + " "
                        + Arrays.toString(shape) + ", but was " + tensor.dataType() + " "
                        + Arrays.toString(tensor.shape()));
            }
            int from = layout.span(spec.name()).from();
            if (spec.order() == ElementOrder.ROW_MAJOR) {
                values.fill(from, tensor);
            } else {
                try (INDArray ordered = tensor.dup('f')) {
                    values.fill(from, ordered.reshape('f', new long[] {ordered.length()}));
                }
            }
        }
        return new ModelWeights(layout, values);
    }

    /** The origin. */
    public static ModelWeights zero(ParameterLayout layout) {
        return new ModelWeights(layout, FlatVector.zeros(layout.dtype(), layout.length()));
    }

    /**
     * The point that a displacement leads to.
     *
     * @param delta of an equal layout
     * @return this + delta
     * @throws IllegalArgumentException if the layouts differ
     */
    public ModelWeights plus(ModelDelta delta) {
        requireSame(layout, delta.layout);
        return new ModelWeights(layout, values.plus(delta.values));
    }

    /**
     * Whether one parameter has equal values in two points; NaN equals nothing.
     *
     * @param other of an equal layout
     * @throws IllegalArgumentException if there is no such parameter, or the layouts differ
     */
    public boolean hasSame(String name, ModelWeights other) {
        requireSame(layout, other.layout);
        ParameterLayout.Span span = layout.span(name);
        for (int i = span.from(); i < span.to(); i++) {
            if (values.get(i) != other.values.get(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * This point with one parameter of another.
     *
     * @param source of an equal layout
     * @throws IllegalArgumentException if there is no such parameter, or the layouts differ
     */
    public ModelWeights with(String name, ModelWeights source) {
        requireSame(layout, source.layout);
        ParameterLayout.Span span = layout.span(name);
        FlatVector changed = values.copy();
        changed.put(span.from(), source.values, span.from(), span.length());
        return new ModelWeights(layout, changed);
    }

    /** A displacement that is computed while it is added. */
    @FunctionalInterface
    public interface Displacement {

        /**
         * Computes some coordinates.
         *
         * @param from the first of them
         * @param n how many
         * @param into where they go, from index 0 on; it holds values of no meaning
         */
        void compute(int from, int n, double[] into);
    }

    /**
     * The point that a displacement in FP64 leads to, which is never whole in memory.
     *
     * @param displacement asked for every coordinate once, in their order; each is rounded once to the layout's dtype
     * @return this + displacement
     */
    public ModelWeights displacedBy(Displacement displacement) {
        return new ModelWeights(layout, values.plus(displacement));
    }

    /**
     * The displacement from another point to this one.
     *
     * @param base of an equal layout
     * @return this - base
     * @throws IllegalArgumentException if the layouts differ
     */
    public ModelDelta minus(ModelWeights base) {
        requireSame(layout, base.layout);
        return new ModelDelta(layout, values.minus(base.values));
    }

    /**
     * The displacement from this point to the one in a model's flat parameter buffer, in one pass and without a copy of
     * the buffer: what {@code copyOf(layout, flat).minus(this)} gives, bit for bit.
     *
     * @param flat {@code d} values of the layout's dtype, read in row-major order
     * @return flat - this
     * @throws IllegalArgumentException if length or dtype differ from the layout's
     */
    public ModelDelta displacementTo(INDArray flat) {
        requireLike(layout, flat);
        return new ModelDelta(layout, values.displacementOf(flat));
    }

    /**
     * Writes all values into a tensor in row-major order, with one bulk copy where its memory allows.
     *
     * @param flat {@code d} values of the layout's dtype; overwritten
     * @throws IllegalArgumentException if length or dtype differ from the layout's
     */
    public void copyTo(INDArray flat) {
        requireLike(layout, flat);
        values.copyTo(flat, 0, layout.length());
    }

    /**
     * Writes all values of dtype FLOAT into an array.
     *
     * @param flat of {@code d} values or more; overwritten
     * @throws IllegalArgumentException if the layout's dtype is another, or the array too short
     */
    public void copyTo(float[] flat) {
        requireLike(layout, DataType.FLOAT, Math.min(flat.length, layout.length()));
        System.arraycopy(((FloatVector) values).array(), 0, flat, 0, layout.length());
    }

    /**
     * Writes one parameter into a tensor, index by index: the tensor's own order does not matter.
     *
     * @param tensor of the parameter's shape and the layout's dtype; overwritten
     * @throws IllegalArgumentException if there is no such parameter, or length or dtype differ
     */
    public void copyTo(String name, INDArray tensor) {
        ParameterLayout.Span span = layout.span(name);
        requireLike(layout, tensor.dataType(), tensor.length(), span.length());
        if (layout.at(span.from()).order() == ElementOrder.ROW_MAJOR) {
            values.copyTo(tensor, span.from(), span.length());
        } else {
            try (INDArray ordered = tensor(name)) {
                tensor.assign(ordered);
            }
        }
    }

    /**
     * One parameter as a tensor.
     *
     * @return a new tensor of the parameter's shape, in its element order
     * @throws IllegalArgumentException if there is no such parameter
     */
    public INDArray tensor(String name) {
        ParameterLayout.Span span = layout.span(name);
        ParameterSpec spec = layout.at(span.from());
        INDArray flat = Nd4j.createUninitialized(layout.dtype(), span.length());
        values.copyTo(flat, span.from(), span.length());
        return flat.reshape(spec.order().letter(), shape(spec));
    }

    /** Saves the weights with their layout, atomically: after a crash the file is the old one or the new one, whole. */
    public void save(Path file) {
        BinaryWriter.toFile(file, KIND, VERSION, this::writeTo);
    }

    /**
     * Loads saved weights.
     *
     * @param file what {@link #save} wrote
     * @return the weights, bit for bit
     * @throws org.fl4j.CorruptDataException if the file is damaged or of another kind
     */
    public static ModelWeights load(Path file) {
        return BinaryReader.fromFile(file, KIND, VERSION, ModelWeights::readFrom);
    }

    /**
     * Puts the weights into what a component remembers, in the layout's dtype.
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
    public static ModelWeights from(ComponentState state, String name, ParameterLayout layout) {
        return new ModelWeights(layout, FlatVector.from(state, name, layout));
    }

    /** Writes the weights as fields of a larger record. */
    public void writeTo(BinaryWriter out) {
        layout.writeTo(out);
        values.writeTo(out);
    }

    /** Reads what {@link #writeTo} wrote. */
    public static ModelWeights readFrom(BinaryReader in) {
        ParameterLayout layout = ParameterLayout.readFrom(in);
        return new ModelWeights(layout, FlatVector.readFrom(in, layout));
    }

    private static long[] shape(ParameterSpec spec) {
        return spec.shape().stream().mapToLong(Long::longValue).toArray();
    }

    private static void requireLike(ParameterLayout layout, INDArray flat) {
        requireLike(layout, flat.dataType(), flat.length());
    }

    private static void requireLike(ParameterLayout layout, DataType dtype, long length) {
        requireLike(layout, dtype, length, layout.length());
    }

    private static void requireLike(ParameterLayout layout, DataType dtype, long length, int expected) {
        if (dtype != layout.dtype() || length != expected) {
            throw new IllegalArgumentException(
                    "expected " + expected + " values of " + layout.dtype() + ", but was " + length + " of " + dtype);
        }
    }
}
