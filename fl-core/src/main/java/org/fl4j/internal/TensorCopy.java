package org.fl4j.internal;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves values between a heap array and an ND4J tensor in its row-major order, in one bulk copy where the tensor's
 * memory is the CPU's and contiguous, else through ND4J. A native op costs about ten microseconds to start and
 * allocates off-heap; these copies do neither.
 */
public final class TensorCopy {

    private static final int ZEROS = 1 << 12;

    private TensorCopy() {}

    public static void get(INDArray tensor, long from, float[] into, int at, int n) {
        if (isPlain(tensor, DataType.FLOAT)) {
            try (FloatPointer memory = new FloatPointer(tensor.data().addressPointer())) {
                memory.position(from).get(into, at, n);
            }
        } else {
            float[] values = rowMajor(tensor, DataType.FLOAT).data().asFloat();
            System.arraycopy(values, Math.toIntExact(from), into, at, n);
        }
    }

    public static void get(INDArray tensor, long from, double[] into, int at, int n) {
        if (isPlain(tensor, DataType.DOUBLE)) {
            try (DoublePointer memory = new DoublePointer(tensor.data().addressPointer())) {
                memory.position(from).get(into, at, n);
            }
        } else {
            double[] values = rowMajor(tensor, DataType.DOUBLE).data().asDouble();
            System.arraycopy(values, Math.toIntExact(from), into, at, n);
        }
    }

    public static void put(float[] values, int at, INDArray tensor, long from, int n) {
        if (isPlain(tensor, DataType.FLOAT)) {
            try (FloatPointer memory = new FloatPointer(tensor.data().addressPointer())) {
                memory.position(from).put(values, at, n);
            }
        } else {
            float[] all = rowMajor(tensor, DataType.FLOAT).data().asFloat();
            System.arraycopy(values, at, all, Math.toIntExact(from), n);
            tensor.assign(Nd4j.create(all, tensor.shape(), 'c'));
        }
    }

    public static void put(double[] values, int at, INDArray tensor, long from, int n) {
        if (isPlain(tensor, DataType.DOUBLE)) {
            try (DoublePointer memory = new DoublePointer(tensor.data().addressPointer())) {
                memory.position(from).put(values, at, n);
            }
        } else {
            double[] all = rowMajor(tensor, DataType.DOUBLE).data().asDouble();
            System.arraycopy(values, at, all, Math.toIntExact(from), n);
            tensor.assign(Nd4j.create(all, tensor.shape(), 'c'));
        }
    }

    /** Writes n zeros. */
    public static void zero(INDArray tensor, long from, int n) {
        boolean isDouble = tensor.dataType() == DataType.DOUBLE;
        // Each call on a tensor that is not plain copies the whole of it.
        int step = isPlain(tensor, tensor.dataType()) ? Math.min(n, ZEROS) : n;
        float[] zeros = new float[isDouble ? 0 : step];
        double[] wide = new double[isDouble ? step : 0];
        for (int done = 0; done < n; done += step) {
            int count = Math.min(step, n - done);
            if (isDouble) {
                put(wide, 0, tensor, from + done, count);
            } else {
                put(zeros, 0, tensor, from + done, count);
            }
        }
    }

    /** Row-major without gaps and in the CPU's memory: then coordinate i is i elements after the address. */
    private static boolean isPlain(INDArray tensor, DataType dtype) {
        return tensor.dataType() == dtype
                && Nd4j.getEnvironment().isCPU()
                && (tensor.ordering() == 'c' || tensor.isVectorOrScalar())
                && tensor.elementWiseStride() == 1;
    }

    private static INDArray rowMajor(INDArray tensor, DataType dtype) {
        return tensor.castTo(dtype).dup('c');
    }
}
