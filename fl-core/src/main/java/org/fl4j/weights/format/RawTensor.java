package org.fl4j.weights.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.fl4j.CorruptDataException;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * One parameter as a file has it: little-endian values of one dtype in one element order.
 *
 * @param values may be read once
 */
record RawTensor(DataType dtype, List<Long> shape, ElementOrder order, ByteBuffer values) {

    /** A parameter's values as they lie in the weights. */
    static RawTensor of(ModelWeights weights, ParameterSpec spec) {
        ParameterLayout.Span span = weights.layout().span(spec.name());
        boolean isDouble = weights.layout().dtype() == DataType.DOUBLE;
        ByteBuffer bytes = ByteBuffer.allocate(
                        Math.multiplyExact(span.length(), weights.layout().bytesPerValue()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = span.from(); i < span.to(); i++) {
            if (isDouble) {
                bytes.putDouble(weights.get(i));
            } else {
                bytes.putFloat((float) weights.get(i));
            }
        }
        return new RawTensor(weights.layout().dtype(), spec.shape(), spec.order(), bytes.flip());
    }

    /** The same tensor with its elements in another order. */
    RawTensor inOrder(ElementOrder other) {
        if (other == order || shape.size() < 2) {
            return new RawTensor(dtype, shape, other, values);
        }
        int width = dtype == DataType.DOUBLE ? Double.BYTES : Float.BYTES;
        ByteBuffer moved = ByteBuffer.allocate(values.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        int n = values.remaining() / width;
        int start = values.position();
        for (int i = 0; i < n; i++) {
            moved.put(i * width, values, start + position(i, other) * width, width);
        }
        return new RawTensor(dtype, shape, other, moved);
    }

    /** Where the element stands here that is number {@code i} in the other order. */
    private int position(int i, ElementOrder other) {
        long rest = i;
        long at = 0;
        boolean lastFirst = other == ElementOrder.ROW_MAJOR;
        for (int k = 0; k < shape.size(); k++) {
            int axis = lastFirst ? shape.size() - 1 - k : k;
            at += rest % shape.get(axis) * stride(axis);
            rest /= shape.get(axis);
        }
        return (int) at;
    }

    private long stride(int axis) {
        List<Long> faster =
                order == ElementOrder.ROW_MAJOR ? shape.subList(axis + 1, shape.size()) : shape.subList(0, axis);
        return faster.stream().reduce(1L, Math::multiplyExact);
    }

    private void putInto(double[] flat, ParameterLayout layout, ParameterSpec spec, String file) {
        if (dtype != layout.dtype() || !shape.equals(spec.shape())) {
            throw new CorruptDataException(
                    "'" + file + "': parameter '" + spec.name() + "' must be " + layout.dtype() + " of shape "
                            + spec.shape() + ", but is " + dtype + " of shape " + shape
                            + "; is the file of a model of the same configuration?");
        }
        ParameterLayout.Span span = layout.span(spec.name());
        if (values.remaining() != (long) span.length() * layout.bytesPerValue()) {
            throw new CorruptDataException("'" + file + "': parameter '" + spec.name() + "' must have " + span.length()
                    + " values, but has " + values.remaining() + " bytes");
        }
        ByteBuffer ordered = inOrder(spec.order()).values();
        for (int i = span.from(); i < span.to(); i++) {
            flat[i] = dtype == DataType.DOUBLE ? ordered.getDouble() : ordered.getFloat();
        }
    }

    /**
     * Weights out of a file's tensors.
     *
     * @param byName may have others as well
     * @param file for messages
     * @throws CorruptDataException if one is missing, or dtype, shape or number of values are not the parameter's
     */
    static ModelWeights weights(Map<String, RawTensor> byName, ParameterLayout layout, String file) {
        double[] flat = new double[layout.length()];
        for (ParameterSpec spec : layout.specs()) {
            RawTensor tensor = byName.get(spec.name());
            if (tensor == null) {
                throw new CorruptDataException("'" + file + "' has no parameter '" + spec.name() + "'; it has "
                        + String.join(", ", byName.keySet()) + "; is it of a model of the same configuration?");
            }
            tensor.putInto(flat, layout, spec, file);
        }
        if (layout.dtype() == DataType.DOUBLE) {
            return ModelWeights.copyOf(layout, flat);
        }
        float[] floats = new float[flat.length];
        for (int i = 0; i < flat.length; i++) {
            floats[i] = (float) flat[i];
        }
        return ModelWeights.copyOf(layout, floats);
    }
}
