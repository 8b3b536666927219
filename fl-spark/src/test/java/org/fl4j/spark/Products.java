package org.fl4j.spark;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A product large enough that its bits tell one BLAS kernel or thread count from another. */
final class Products {

    private Products() {}

    /** SHA-256 of a product of [64, 784] and [784, 1000], of this JVM. */
    static String digest() {
        INDArray left = Nd4j.create(wave(64 * 784), new long[] {64, 784}, DataType.FLOAT);
        INDArray right = Nd4j.create(wave(784 * 1000), new long[] {784, 1000}, DataType.FLOAT);
        double[] product = left.mmul(right).ravel().toDoubleVector();
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * product.length);
        DoubleBuffer doubles = bytes.asDoubleBuffer();
        doubles.put(product);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static float[] wave(int length) {
        float[] wave = new float[length];
        for (int i = 0; i < length; i++) {
            wave[i] = (float) Math.sin(0.7 * i);
        }
        return wave;
    }
}
