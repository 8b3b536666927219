package org.fl4j.nd4j;

import java.util.List;
import org.fl4j.data.Examples;
import org.fl4j.internal.TensorCopy;
import org.fl4j.model.MiniBatches;
import org.fl4j.model.Model;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Mini-batches as ND4J tensors whose memory is reused from batch to batch: rows are gathered on the heap and moved with
 * one bulk copy. For those who write a {@link Model} over {@link Examples}.
 *
 * <p>Features {@code [b, featureShape...]}, labels {@code [b, labelShape...]}, row-major, valid until the next load.
 * Closing frees the memory. Not thread-safe.
 */
public final class BatchTensors implements AutoCloseable {

    private final Examples data;
    private final DataType dtype;
    private final INDArray features;
    private final INDArray labels;
    private final float[] featureRows;
    private final float[] labelRows;
    private final double[] wide;
    private INDArray shownFeatures;
    private INDArray shownLabels;
    private int size;

    /**
     * Room for batches of up to some examples.
     *
     * @param data where rows come from
     * @param capacity the largest batch
     * @param dtype FLOAT or DOUBLE, the model's
     */
    public BatchTensors(Examples data, int capacity, DataType dtype) {
        this.data = data;
        this.dtype = dtype;
        int rows = Math.max(1, Math.min(capacity, data.size()));
        this.features = Nd4j.createUninitialized(dtype, shape(rows, data.featureShape()), 'c');
        this.labels = Nd4j.createUninitialized(dtype, shape(rows, data.labelShape()), 'c');
        this.featureRows = new float[Math.multiplyExact(rows, data.featureLength())];
        this.labelRows = new float[Math.multiplyExact(rows, data.labelLength())];
        this.wide = new double[dtype == DataType.DOUBLE ? Math.max(featureRows.length, labelRows.length) : 0];
        this.shownFeatures = features;
        this.shownLabels = labels;
    }

    /**
     * Loads the current mini-batch.
     *
     * @param batches after {@link MiniBatches#next}
     */
    public void load(MiniBatches batches) {
        show(batches.size());
        for (int i = 0; i < size; i++) {
            gather(batches.example(i), i);
        }
        move();
    }

    /**
     * Loads examples that follow each other.
     *
     * @param from the first
     * @param to after the last, at most the capacity after the first
     */
    public void load(int from, int to) {
        show(to - from);
        for (int i = 0; i < size; i++) {
            gather(from + i, i);
        }
        move();
    }

    /**
     * How many examples are loaded.
     *
     * @return the batch size b
     */
    public int size() {
        return size;
    }

    /**
     * The features loaded.
     *
     * @return {@code [b, featureShape...]}, the same memory every time
     */
    public INDArray features() {
        return shownFeatures;
    }

    /**
     * The label rows loaded.
     *
     * @return {@code [b, labelShape...]}, the same memory every time
     */
    public INDArray labels() {
        return shownLabels;
    }

    @Override
    public void close() {
        features.close();
        labels.close();
    }

    private void gather(int example, int row) {
        data.copyFeatures(example, featureRows, row * data.featureLength());
        data.copyLabel(example, labelRows, row * data.labelLength());
    }

    private void move() {
        put(featureRows, features, size * data.featureLength());
        put(labelRows, labels, size * data.labelLength());
    }

    private void put(float[] rows, INDArray tensor, int n) {
        if (dtype == DataType.FLOAT) {
            TensorCopy.put(rows, 0, tensor, 0, n);
        } else {
            for (int i = 0; i < n; i++) {
                wide[i] = rows[i];
            }
            TensorCopy.put(wide, 0, tensor, 0, n);
        }
    }

    /** Views are made when the size changes only, at the end of an epoch. */
    private void show(int rows) {
        size = rows;
        if (rows != shownFeatures.size(0)) {
            shownFeatures = first(features, rows);
            shownLabels = first(labels, rows);
        }
    }

    private static INDArray first(INDArray tensor, int rows) {
        return rows == tensor.size(0) ? tensor : tensor.get(NDArrayIndex.interval(0, rows));
    }

    private static long[] shape(int rows, List<Long> rowShape) {
        long[] shape = new long[rowShape.size() + 1];
        shape[0] = rows;
        for (int i = 0; i < rowShape.size(); i++) {
            shape[i + 1] = rowShape.get(i);
        }
        return shape;
    }
}
