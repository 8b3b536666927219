package org.fl4j.models.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code y = f(x)}, value by value. */
public final class ActivationLayer extends Layer {

    private final int width;
    private final Activation activation;

    /**
     * A layer.
     *
     * @param width values of an example
     */
    public ActivationLayer(int width, Activation activation) {
        this.width = width;
        this.activation = activation;
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
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        activation.apply(x.heap(n), y.heapToWrite(), n * width);
        y.heapChanged();
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        if (dx == null) {
            return;
        }
        float[] into = dx.heapToWrite();
        System.arraycopy(dy.heap(n), 0, into, 0, n * width);
        activation.backward(x.heap(n), y.heap(n), into, n * width);
        dx.heapChanged();
    }
}
