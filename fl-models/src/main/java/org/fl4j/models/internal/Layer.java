package org.fl4j.models.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a {@link Plan}, for mini-batches of up to a number of rows fixed when it is made. No method allocates,
 * locks or calls an ND4J op. Activations of images are NHWC (channels last) between layers, those of sequences
 * time-major within an example: [T, features].
 */
public abstract class Layer {

    /** Values an example has behind this layer. */
    public abstract int outputs();

    /** Weights and statistics, in the order of the network's flat vector. */
    public abstract List<Parameter> parameters();

    /**
     * Local training begins, or an evaluation: the weights may have been replaced since.
     *
     * @param seed decides what is random in this layer
     */
    public void begin(long seed) {}

    /** Whether in training an example's row depends on the other rows, so that it has no gradient of its own. */
    public boolean mixesExamples() {
        return false;
    }

    /**
     * {@code y = f(x)} for n rows.
     *
     * @param training whether dropout draws and statistics are those of the mini-batch
     */
    public abstract void forward(int n, Matrix x, Matrix y, boolean training);

    /**
     * From the gradient at the output to that at the input, and to {@link Parameter#target}. Follows a forward pass with
     * the same arguments.
     *
     * @param dy summed over nothing: a row an example; may be overwritten
     * @param dx to be overwritten; null for the first layer with parameters, which passes nothing on; of those before no backward
     *     pass is asked
     */
    public abstract void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx);
}
