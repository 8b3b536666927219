package org.fl4j.models.internal;

import java.util.List;
import org.fl4j.random.DeterministicRandom;
import org.jspecify.annotations.Nullable;

/**
 * Inverted dropout (Srivastava et al., JMLR 2014): in training each value is kept with probability p and divided by it, else
 * zero; in evaluation nothing changes. The mask is drawn anew in each step and applied to the gradient, too.
 */
public final class DropoutLayer extends Layer {

    private static final int UNITS = 1 << 16;

    private final int width;
    private final int threshold;
    private final float scale;
    private final float[] mask;
    private DeterministicRandom random = new DeterministicRandom(0);

    /**
     * A layer.
     *
     * @param rows of a mini-batch at most
     * @param width values of an example
     * @param keep the probability to keep a value, above 0 and at most 1; taken to the nearest multiple of 2^-16
     */
    public DropoutLayer(int rows, int width, double keep) {
        this.width = width;
        this.threshold = (int) Math.round(keep * UNITS);
        this.scale = (float) (1 / keep);
        this.mask = new float[Math.multiplyExact(rows, width)];
    }

    @Override
    public int outputs() {
        return width;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public void begin(long seed) {
        random = new DeterministicRandom(seed);
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        float[] in = x.heap(n);
        float[] out = y.heapToWrite();
        int values = n * width;
        if (training) {
            draw(values);
            multiply(in, mask, out, values);
        } else {
            System.arraycopy(in, 0, out, 0, values);
        }
        y.heapChanged();
    }

    /** Four values of 64 bits. */
    private void draw(int values) {
        int i = 0;
        for (; i + 4 <= values; i += 4) {
            long bits = random.nextLong();
            mask[i] = factor(bits);
            mask[i + 1] = factor(bits >>> 16);
            mask[i + 2] = factor(bits >>> 32);
            mask[i + 3] = factor(bits >>> 48);
        }
        for (long bits = random.nextLong(); i < values; i++) {
            mask[i] = factor(bits);
            bits >>>= 16;
        }
    }

    private float factor(long bits) {
        return (bits & (UNITS - 1)) < threshold ? scale : 0f;
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        if (dx != null) {
            multiply(dy.heap(n), mask, dx.heapToWrite(), n * width);
            dx.heapChanged();
        }
    }

    private static void multiply(float[] a, float[] b, float[] c, int n) {
        for (int i = 0; i < n; i++) {
            c[i] = a[i] * b[i];
        }
    }
}
