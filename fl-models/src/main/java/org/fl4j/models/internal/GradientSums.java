package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/** Sums of examples' gradients in FP64: a vector for each trainable parameter, in its kernels' order. Not thread-safe. */
public final class GradientSums {

    private final IdentityHashMap<Parameter, double[]> sums = new IdentityHashMap<>();

    GradientSums(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            if (parameter.isTrainable()) {
                sums.put(parameter, new double[parameter.length()]);
            }
        }
    }

    /** The vector of a trainable parameter, to be added to. */
    public double[] of(Parameter parameter) {
        double[] sum = sums.get(parameter);
        if (sum == null) {
            throw new IllegalArgumentException("a parameter at " + parameter.offset() + " has no gradient");
        }
        return sum;
    }

    void clear() {
        sums.values().forEach(sum -> Arrays.fill(sum, 0));
    }

    /** Writes all vectors to their places in the network's flat one. */
    void copyTo(double[] flat) {
        sums.forEach((parameter, sum) -> {
            for (int i = 0; i < sum.length; i++) {
                flat[parameter.place(i)] = sum[i];
            }
        });
    }

    // One loop a method, over arrays alone.

    /** {@code sum += factor * values}, from an index of the values on. */
    public static void addScaled(double[] sum, double factor, float[] values, int from, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += factor * values[from + i];
        }
    }
}
