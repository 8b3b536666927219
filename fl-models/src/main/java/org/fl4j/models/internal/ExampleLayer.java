package org.fl4j.models.internal;

import org.jspecify.annotations.Nullable;

/**
 * A layer with parameters that can tell the gradients of single examples apart. A mini-batch is one {@link #backward}, in which
 * norms are added up, and, once all layers' are known, one {@link #addGradients}.
 */
public interface ExampleLayer {

    /**
     * From the gradient at the output to that at the input, as {@link Layer#backward}, but no parameter moves.
     *
     * @param dy a row an example; becomes what {@link #addGradients} needs
     * @param dx to be overwritten; null for the first layer with parameters
     * @param norms gets each example's squared norm
     */
    void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx, ExampleNorms norms);

    /**
     * Adds the examples' gradients, each multiplied by its factor, to the parameters' sums. Follows {@link #backward} with the same
     * arguments; may overwrite all of them.
     *
     * @param factors 0 leaves an example out, whatever its gradient is
     */
    void addGradients(int n, Matrix x, Matrix y, Matrix dy, double[] factors, GradientSums sums);
}
