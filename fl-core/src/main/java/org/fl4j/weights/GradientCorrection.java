package org.fl4j.weights;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
 * parameters are corrected. Beside it, some parameters can be {@linkplain #holding held}: their gradient becomes zero.
 *
 * <p>Immutable and thread-safe.
 */
public final class GradientCorrection {

    private static final int CHUNK = 1 << 12;
    private static final GradientCorrection NONE = new GradientCorrection(0, null, null, null);

    private final double pull;
    private final @Nullable ModelWeights anchor;
    private final @Nullable ModelDelta constant;
    private final @Nullable Scope scope;

    /** Where a layout's parameters are corrected and where they are held; without a scope all TRAINABLE ones are corrected. */
    private record Scope(
            ParameterLayout layout, List<ParameterLayout.Span> corrected, List<ParameterLayout.Span> held) {

        static Scope of(ParameterLayout layout, Predicate<ParameterSpec> corrected, Predicate<ParameterSpec> held) {
            return new Scope(layout, layout.select(corrected.and(held.negate())), layout.select(held));
        }

        Predicate<ParameterSpec> within(List<ParameterLayout.Span> spans) {
            return spec -> isIn(spans, layout.span(spec.name()).from());
        }

        static boolean isIn(List<ParameterLayout.Span> spans, int coordinate) {
            return spans.stream().anyMatch(span -> span.from() <= coordinate && coordinate < span.to());
        }
    }

    private GradientCorrection(
            double pull, @Nullable ModelWeights anchor, @Nullable ModelDelta constant, @Nullable Scope scope) {
        this.pull = pull;
        this.anchor = anchor;
        this.constant = constant;
        this.scope = scope;
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
        return new GradientCorrection(0, null, constant, null);
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
        return new GradientCorrection(pull, anchor, null, null);
    }

    /**
     * This correction with a constant vector in place of the one it had.
     *
     * @param vector in units of the gradient
     */
    public GradientCorrection withConstant(ModelDelta vector) {
        return new GradientCorrection(pull, anchor, vector, scope);
    }

    /**
     * This correction with some parameters held: their gradient becomes zero, whatever else is added. An optimizer without weight decay then
     * leaves them as they are.
     *
     * @param layout of the model that is trained
     * @param which of its parameters; none changes nothing
     */
    public GradientCorrection holding(ParameterLayout layout, Predicate<ParameterSpec> which) {
        if (layout.specs().stream().noneMatch(which)) {
            return this;
        }
        requireSame(layout);
        Scope before = scope;
        return new GradientCorrection(
                pull,
                anchor,
                constant,
                before == null
                        ? Scope.of(layout, spec -> spec.role() == ParameterSpec.Role.TRAINABLE, which)
                        : Scope.of(layout, before.within(before.corrected()), which.or(before.within(before.held()))));
    }

    /** Whether the parameter that a coordinate belongs to is {@linkplain #holding held}. */
    public boolean holds(int coordinate) {
        return scope != null && Scope.isIn(scope.held(), coordinate);
    }

    /** Whether anything is added to the gradient of the TRAINABLE parameter that a coordinate belongs to. */
    public boolean corrects(int coordinate) {
        return (pull != 0 || constant != null) && (scope == null || Scope.isIn(scope.corrected(), coordinate));
    }

    /** This correction of what a split shares, as one of the whole model, whose other parameters it leaves alone. */
    GradientCorrection widenedBy(ParameterSplit split) {
        if (isNone()) {
            return this;
        }
        Set<String> shared = split.shared().specs().stream()
                .filter(spec -> spec.role() == ParameterSpec.Role.TRAINABLE)
                .map(ParameterSpec::name)
                .collect(Collectors.toSet());
        return new GradientCorrection(
                pull,
                anchor == null ? null : split.widened(anchor),
                constant == null ? null : split.widened(constant),
                Scope.of(split.whole(), spec -> shared.contains(spec.name()), spec -> false));
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
     * @return true for {@link #none()} and for a pull of 0 without a constant, unless something is held
     */
    public boolean isNone() {
        return pull == 0 && constant == null && (scope == null || scope.held().isEmpty());
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
        if (pull != 0 || constant != null) {
            for (ParameterLayout.Span span : scope == null ? layout.trainable() : scope.corrected()) {
                addTo(gradient, parameters, scale, span, 0);
            }
        }
        if (scope != null) {
            scope.held().forEach(span -> TensorCopy.zero(gradient, span.from(), span.length()));
        }
    }

    /**
     * Adds this correction to the gradient of a single parameter, for models without a flat buffer.
     *
     * @param gradient the parameter's gradient, changed in place
     * @throws IllegalArgumentException if this correction is for another layout
     */
    public void addTo(INDArray gradient, INDArray parameter, String name, ParameterLayout layout) {
        if (isNone()) {
            return;
        }
        requireSame(layout);
        ParameterLayout.Span span = layout.span(name);
        if (holds(span.from())) {
            TensorCopy.zero(gradient, 0, span.length());
        } else if (layout.at(span.from()).role() == ParameterSpec.Role.TRAINABLE && corrects(span.from())) {
            addTo(gradient, parameter, 1, span, span.from());
        }
    }

    /**
     * Adds this correction, times a factor, to some coordinates on the heap, all of them
     * TRAINABLE and {@linkplain #corrects corrected}. What is added to may be
     * the weights themselves: with a factor of minus the learning rate that is a step along the correction.
     *
     * @param into {@code [n]}, changed in place
     * @param weights {@code [n]}, the weights at which the gradient was taken
     * @param factor what to multiply the correction by
     * @param from the first coordinate of the flat vector
     * @param n how many
     * @throws ClassCastException if this correction is FP64
     */
    public void addScaled(float[] into, float[] weights, double factor, int from, int n) {
        float[] c = constant == null ? null : ((FloatVector) constant.values).array();
        float[] a = anchor == null ? null : ((FloatVector) anchor.values).array();
        float scale = (float) factor;
        float pullScale = (float) (factor * pull);
        if (a != null) {
            for (int i = 0; i < n; i++) {
                into[i] += pullScale * (weights[i] - a[from + i]);
            }
        }
        if (c != null) {
            for (int i = 0; i < n; i++) {
                into[i] += scale * c[from + i];
            }
        }
    }

    /**
     * This correction at one TRAINABLE coordinate that it {@linkplain #corrects}, for kernels that keep weights in an order of their own.
     *
     * @param coordinate of the flat vector
     * @param weight its value
     */
    public double at(int coordinate, double weight) {
        double term = constant == null ? 0 : constant.get(coordinate);
        return anchor == null ? term : term + pull * (weight - anchor.get(coordinate));
    }

    /**
     * Checks that this correction is for a layout, or for any.
     *
     * @throws IllegalArgumentException if it is for another
     */
    public void requireSame(ParameterLayout layout) {
        if (anchor != null) {
            FlatParameters.requireSame(layout, anchor.layout());
        }
        if (constant != null) {
            FlatParameters.requireSame(layout, constant.layout());
        }
        if (scope != null) {
            FlatParameters.requireSame(layout, scope.layout());
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
