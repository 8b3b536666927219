package org.fl4j.models.internal;

/**
 * The gradient that one example gives a matrix of weights that it meets at several steps, {@code sum_t d_t a_t^T}: its values by one product, or its norm
 * alone by the products of its steps, {@code sum_ts <d_t, d_s> <a_t, a_s>} (Li et al., ICLR 2022; Bu et al., NeurIPS 2022).
 *
 * <p>Not thread-safe.
 */
final class StepGradients {

    /** Multiplications that a native product makes while a loop over the heap in FP64 makes one (measured). */
    private static final double NATIVE_SPEED = 12;

    private static final double UNIT_ROUNDOFF = 0x1p-24;

    private final int steps;

    StepGradients(int steps) {
        this.steps = steps;
    }

    /** Whether products of steps cost less than gradients of so many values; of shapes alone. */
    boolean areByProducts(long gradients, long inputs, long weights) {
        double products = steps * (steps + 1.0) / 2 * (gradients + inputs);
        return products < weights * (steps / NATIVE_SPEED + 1);
    }

    /**
     * Adds an example's squared norm, and by how much the computed values can be longer.
     *
     * @param d [steps, gradients], from an index on
     * @param a [steps, inputs], likewise
     * @param bias 1 if the sum of d is part of the gradient, else 0
     */
    void addNorm(
            int example,
            float[] d,
            int dFrom,
            int gradients,
            float[] a,
            int aFrom,
            int inputs,
            int bias,
            ExampleNorms norms) {
        double square = 0;
        double mass = 0;
        for (int t = 0; t < steps; t++) {
            double own = ExampleNorms.squares(d, dFrom + t * gradients, gradients);
            double met = ExampleNorms.squares(a, aFrom + t * inputs, inputs);
            square += own * (met + bias);
            mass += Math.sqrt(own * met);
            for (int s = 0; s < t; s++) {
                double product = ExampleNorms.product(d, dFrom + t * gradients, dFrom + s * gradients, gradients);
                double inner = ExampleNorms.product(a, aFrom + t * inputs, aFrom + s * inputs, inputs);
                square += 2 * product * (inner + bias);
            }
        }
        double gamma = steps * UNIT_ROUNDOFF / (1 - steps * UNIT_ROUNDOFF);
        norms.add(example, Math.max(0, square), gamma * mass);
    }

    /**
     * The gradient's values.
     *
     * @param d rows of [outputs], so far apart
     * @param a rows of [inputs], so far apart
     * @param product room for [outputs, inputs]
     * @param into likewise
     */
    void values(
            int outputs,
            int inputs,
            NativeFloats d,
            long dFrom,
            int dApart,
            NativeFloats a,
            long aFrom,
            int aApart,
            NativeFloats product,
            float[] into) {
        Blas.transposedMultiply(outputs, inputs, steps, 1, d, dFrom, dApart, a, aFrom, aApart, 0, product, 0, inputs);
        product.get(0, into, 0, outputs * inputs);
    }

    /** {@code sum += factor * sum_t d_t}, each value summed over the steps first. */
    void addSum(double[] sum, int sumFrom, double factor, float[] d, int from, int width, int apart) {
        for (int j = 0; j < width; j++) {
            sum[sumFrom + j] += factor * sum(d, from + j, apart);
        }
    }

    /** The squared norm of {@code sum_t d_t}. */
    double squareOfSum(float[] d, int from, int width, int apart) {
        double square = 0;
        for (int j = 0; j < width; j++) {
            double value = sum(d, from + j, apart);
            square += value * value;
        }
        return square;
    }

    private double sum(float[] d, int from, int apart) {
        double sum = 0;
        for (int t = 0; t < steps; t++) {
            sum += d[from + t * apart];
        }
        return sum;
    }
}
