package org.fl4j.models.internal;

import org.jspecify.annotations.Nullable;

/**
 * One weight tensor of a layer, in the order its kernels want, and where its gradient goes. By plain SGD without terms a
 * kernel adds {@code alpha * gradient} straight to the values; otherwise it writes the gradient, summed over the
 * mini-batch, and the {@link Steps} steps. Kernels need not know which: they multiply by {@link #alpha} and {@link #beta}
 * into {@link #target}, after {@link #beforeUpdate(int, int)}.
 *
 * <p>Not thread-safe.
 */
public final class Parameter {

    private final NativeFloats network;
    private final int offset;
    private final int length;
    private final int @Nullable [] order;
    private final boolean trainable;
    private final NativeFloats values;
    private final float[] packed;
    private @Nullable NativeFloats gradient;
    private @Nullable Stepping stepping;

    /** What a mini-batch step does with a gradient; set for each local training. */
    interface Stepping {

        /** Whether kernels write to the values themselves. */
        boolean isFused();

        /** What a fused step multiplies the sum of gradients by. */
        float factor(int n);

        /** The part of a fused step that needs some values as they were: a correction. */
        void before(int from, int count);
    }

    /**
     * A parameter.
     *
     * @param network the flat vector of all parameters
     * @param offset where this one begins in it
     * @param length how many values
     * @param order for value i in the kernels' order its place behind the offset; null if both orders are one: then the
     *     network's own memory is trained
     * @param trainable whether gradients move it
     */
    public Parameter(NativeFloats network, int offset, int length, int @Nullable [] order, boolean trainable) {
        this.network = network;
        this.offset = offset;
        this.length = length;
        this.order = order;
        this.trainable = trainable;
        this.values = order == null ? network.slice(offset, length) : NativeFloats.zeros(length);
        this.packed = new float[order == null ? 0 : length];
    }

    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    public boolean isTrainable() {
        return trainable;
    }

    /** Where value i lies in the network's flat vector. */
    int place(int i) {
        return offset + (order == null ? i : order[i]);
    }

    boolean isInNetworksOrder() {
        return order == null;
    }

    /** The weights, in the kernels' order. */
    public NativeFloats values() {
        return values;
    }

    /** The sum of gradients over the mini-batch, in the kernels' order; not written by a fused step. */
    NativeFloats gradient() {
        if (gradient == null) {
            gradient = NativeFloats.zeros(length);
        }
        return gradient;
    }

    /** Before local training or evaluation: reads the network's weights. */
    void load(float[] scratch) {
        if (order != null) {
            network.get(offset, scratch, 0, length);
            for (int i = 0; i < length; i++) {
                packed[i] = scratch[order[i]];
            }
            values.put(0, packed, 0, length);
        }
    }

    /** After local training: writes the network's weights. */
    void store(float[] scratch) {
        if (order != null) {
            values.get(0, packed, 0, length);
            for (int i = 0; i < length; i++) {
                scratch[order[i]] = packed[i];
            }
            network.put(offset, scratch, 0, length);
        }
    }

    void stepBy(Stepping how) {
        stepping = how;
    }

    private Stepping stepping() {
        if (stepping == null) {
            throw new IllegalStateException("no local training has begun");
        }
        return stepping;
    }

    /** To be called once a step for each value, after its last use and before the first write to {@link #target}. */
    public void beforeUpdate(int from, int count) {
        if (stepping().isFused()) {
            stepping().before(from, count);
        }
    }

    /** What to multiply the sum of the gradients of n examples by. */
    public float alpha(int n) {
        return stepping().isFused() ? stepping().factor(n) : 1;
    }

    /** What to multiply by what is in {@link #target}. */
    public float beta() {
        return stepping().isFused() ? 1 : 0;
    }

    /** Where the gradient goes. */
    public NativeFloats target() {
        return stepping().isFused() ? values : gradient();
    }

    /**
     * Takes a gradient that was summed on the heap. Calls {@link #beforeUpdate(int, int)} itself.
     *
     * @param sum of the gradients of n examples, from index 0 on; not changed
     * @param scratch at least as long
     */
    public void update(float[] sum, float[] scratch, int n) {
        beforeUpdate(0, length);
        if (stepping().isFused()) {
            float factor = stepping().factor(n);
            values.get(0, scratch, 0, length);
            for (int i = 0; i < length; i++) {
                scratch[i] += factor * sum[i];
            }
            values.put(0, scratch, 0, length);
        } else {
            gradient().put(0, sum, 0, length);
        }
    }
}
