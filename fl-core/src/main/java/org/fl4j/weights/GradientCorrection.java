package org.fl4j.weights;

import java.util.Optional;
import org.fl4j.internal.Check;
import org.fl4j.internal.TensorCopy;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What an objective adds to the gradient of every mini-batch, as data:
 *
 * <pre>  g(w) + constant + pull * (w - anchor)</pre>
 *
 * <p>This one affine form covers FedProx (pull mu towards the global weights), SCAFFOLD (constant c - c_i), FedDyn
 * (both) and personalisation by proximity; being data it can be fused into a compiled training step. Only TRAINABLE
 * parameters are corrected.
 *
 * <p>Immutable and thread-safe.
 */
public final class GradientCorrection {

    private static final int CHUNK = 1 << 12;
    private static final GradientCorrection NONE = new GradientCorrection(0, null, null);

    private final double pull;
    private final @Nullable ModelWeights anchor;
    private final @Nullable ModelDelta constant;

    private GradientCorrection(double pull, @Nullable ModelWeights anchor, @Nullable ModelDelta constant) {
        this.pull = pull;
        this.anchor = anchor;
        this.constant = constant;
    }

    /** No correction. */
    public static GradientCorrection none() {
        return NONE;
    }

    /**
     * The same vector on every gradient.
     *
     * @param constant in units of the gradient
     */
    public static GradientCorrection constant(ModelDelta constant) {
        return new GradientCorrection(0, null, constant);
    }

    /**
     * The gradient of {@code pull / 2 * ||w - anchor||^2}.
     *
     * @param pull at least 0 and finite
     * @param anchor where to
     * @throws IllegalArgumentException if the pull is negative, NaN or infinite
     */
    public static GradientCorrection towards(ModelWeights anchor, double pull) {
        Check.notNegative("pull", pull);
        return new GradientCorrection(pull, anchor, null);
    }

    /**
     * This correction with a constant vector in place of the one it had.
     *
     * @param vector in units of the gradient
     */
    public GradientCorrection withConstant(ModelDelta vector) {
        return new GradientCorrection(pull, anchor, vector);
    }

    /**
     * The strength of the pull.
     *
     * @return 0 if there is none
     */
    public double pull() {
        return pull;
    }

    /**
     * Where the pull leads.
     *
     * @return empty if there is none
     */
    public Optional<ModelWeights> anchor() {
        return Optional.ofNullable(anchor);
    }

    /**
     * The constant part.
     *
     * @return empty if there is none
     */
    public Optional<ModelDelta> constant() {
        return Optional.ofNullable(constant);
    }

    /**
     * Whether there is nothing to add, so that the whole call can be skipped.
     *
     * @return true for {@link #none()} and for a pull of 0 without a constant
     */
    public boolean isNone() {
        return pull == 0 && constant == null;
    }

    /**
     * Adds this correction to a flat gradient.
     *
     * @param gradient {@code [d]}, changed in place
     * @param parameters {@code [d]}, the weights at which the gradient was taken
     * @param scale what the gradient was multiplied by: 1 for a mean over the mini-batch, the batch size where the
     *     framework keeps a sum and divides later, as DL4J does
     * @throws IllegalArgumentException if this correction is for another layout
     */
    public void addTo(INDArray gradient, INDArray parameters, double scale, ParameterLayout layout) {
        if (isNone()) {
            return;
        }
        requireSame(layout);
        for (ParameterLayout.Span span : layout.trainable()) {
            addTo(gradient, parameters, scale, span, 0);
        }
    }

    /**
     * Adds this correction to the gradient of a single parameter, for models without a flat buffer.
     *
     * @param gradient the parameter's gradient, changed in place
     * @throws IllegalArgumentException if this correction is for another layout
     */
    public void addTo(INDArray gradient, INDArray parameter, String name, ParameterLayout layout) {
        ParameterLayout.Span span = layout.span(name);
        if (!isNone() && layout.at(span.from()).role() == ParameterSpec.Role.TRAINABLE) {
            requireSame(layout);
            addTo(gradient, parameter, 1, span, span.from());
        }
    }

    private void requireSame(ParameterLayout layout) {
        if (anchor != null) {
            FlatParameters.requireSame(layout, anchor.layout());
        }
        if (constant != null) {
            FlatParameters.requireSame(layout, constant.layout());
        }
    }

    private void addTo(INDArray gradient, INDArray parameters, double scale, ParameterLayout.Span span, int origin) {
        boolean fp64 = gradient.dataType() == DataType.DOUBLE;
        float[] g32 = new float[fp64 ? 0 : CHUNK];
        float[] w32 = new float[fp64 ? 0 : CHUNK];
        double[] g64 = new double[fp64 ? CHUNK : 0];
        double[] w64 = new double[fp64 ? CHUNK : 0];
        for (int from = span.from(); from < span.to(); from += CHUNK) {
            int n = Math.min(CHUNK, span.to() - from);
            if (fp64) {
                TensorCopy.get(gradient, from - origin, g64, 0, n);
                TensorCopy.get(parameters, from - origin, w64, 0, n);
                addTo(g64, w64, scale, from, n);
                TensorCopy.put(g64, 0, gradient, from - origin, n);
            } else {
                TensorCopy.get(gradient, from - origin, g32, 0, n);
                TensorCopy.get(parameters, from - origin, w32, 0, n);
                addTo(g32, w32, scale, from, n);
                TensorCopy.put(g32, 0, gradient, from - origin, n);
            }
        }
    }

    // This runs in every step of FedProx and SCAFFOLD: the loops see arrays only, so that the compiler can unroll them.

    private void addTo(float[] gradient, float[] weights, double scale, int from, int n) {
        float[] c = constant == null ? null : ((FloatVector) constant.values).array();
        float[] a = anchor == null ? null : ((FloatVector) anchor.values).array();
        for (int i = 0; i < n; i++) {
            double term = c == null ? 0 : c[from + i];
            term += a == null ? 0 : pull * ((double) weights[i] - a[from + i]);
            gradient[i] = (float) (gradient[i] + scale * term);
        }
    }

    private void addTo(double[] gradient, double[] weights, double scale, int from, int n) {
        double[] c = constant == null ? null : ((DoubleVector) constant.values).array();
        double[] a = anchor == null ? null : ((DoubleVector) anchor.values).array();
        for (int i = 0; i < n; i++) {
            double term = c == null ? 0 : c[from + i];
            term += a == null ? 0 : pull * (weights[i] - a[from + i]);
            gradient[i] += scale * term;
        }
    }
}
