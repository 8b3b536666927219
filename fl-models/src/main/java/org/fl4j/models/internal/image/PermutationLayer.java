package org.fl4j.models.internal.image;

import java.util.List;
import org.fl4j.models.internal.Layer;
import org.fl4j.models.internal.Matrix;
import org.fl4j.models.internal.Parameter;
import org.jspecify.annotations.Nullable;

/** {@code y[i] = x[order[i]]} in each example: from channels first to channels last and back. */
public final class PermutationLayer extends Layer {

    private final int[] order;

    /**
     * A layer.
     *
     * @param order a permutation of the values of an example
     */
    public PermutationLayer(int[] order) {
        this.order = order.clone();
    }

    /** The order that turns [channels, positions] into [positions, channels]. */
    public static int[] channelsLast(int channels, int positions) {
        int[] order = new int[channels * positions];
        for (int p = 0; p < positions; p++) {
            for (int c = 0; c < channels; c++) {
                order[p * channels + c] = c * positions + p;
            }
        }
        return order;
    }

    @Override
    public int outputs() {
        return order.length;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        float[] in = x.heap(n);
        float[] out = y.heapToWrite();
        for (int e = 0; e < n; e++) {
            int at = e * order.length;
            for (int i = 0; i < order.length; i++) {
                out[at + i] = in[at + order[i]];
            }
        }
        y.heapChanged();
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        if (dx == null) {
            return;
        }
        float[] d = dy.heap(n);
        float[] into = dx.heapToWrite();
        for (int e = 0; e < n; e++) {
            int at = e * order.length;
            for (int i = 0; i < order.length; i++) {
                into[at + order[i]] = d[at + i];
            }
        }
        dx.heapChanged();
    }
}
