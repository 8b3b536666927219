package org.fl4j.models;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.data.Examples;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ExampleGradientModel;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.models.internal.Activation;
import org.fl4j.models.internal.Chunks;
import org.fl4j.models.internal.Clipping;
import org.fl4j.models.internal.DenseLayer;
import org.fl4j.models.internal.Head;
import org.fl4j.models.internal.NativeFloats;
import org.fl4j.models.internal.Optimizer;
import org.fl4j.models.internal.Parameter;
import org.fl4j.models.internal.Plan;
import org.fl4j.models.internal.UpdateRule;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A model of fully connected layers, trained by SGD: softmax regression, linear regression, or a multi-layer perceptron.
 *
 * <pre>{@code
 * ModelPool<DenseModel> models = ModelPool.of(() -> DenseModel.softmaxRegression(784, 10));
 * ModelPool<DenseModel> models = ModelPool.of(() -> DenseModel.perceptron(784, 200, 200, 10));
 * }</pre>
 *
 * <p>Layout, FP32: {@code W0 [outputs, inputs]}, {@code b0 [outputs]}, {@code W1}, ... All are TRAINABLE. Weights begin at
 * zero in regressions, whose loss is convex; in a perceptron uniform in {@code +-sqrt(6 / inputs)} (He et al. 2015, for
 * rectified units) from a seed, biases at zero.
 *
 * <p>Examples are rows of as many features as the model has inputs. Losses are means an example: the cross-entropy of
 * classes, the squared error, averaged over the targets, in linear regression.
 *
 * <p>Training uses OpenBLAS by way of {@code org.bytedeco:openblas} and needs its binaries, not an ND4J backend. Not
 * thread-safe.
 */
public final class DenseModel implements ExampleGradientModel<Examples> {

    private final int[] sizes;
    private final boolean classifies;
    private final double momentum;
    private final double l2;
    private final ParameterLayout layout;
    private final NativeFloats weights;
    private final float[] flat;
    private @Nullable Plan plan;

    private DenseModel(int[] sizes, boolean classifies, double momentum, double l2, float[] initial) {
        this.sizes = sizes;
        this.classifies = classifies;
        this.momentum = momentum;
        this.l2 = l2;
        List<ParameterSpec> specs = new ArrayList<>();
        for (int i = 0; i + 1 < sizes.length; i++) {
            specs.add(ParameterSpec.trainable("W" + i, sizes[i + 1], sizes[i]));
            specs.add(ParameterSpec.trainable("b" + i, sizes[i + 1]));
        }
        this.layout = new ParameterLayout(DataType.FLOAT, specs);
        this.weights = NativeFloats.zeros(layout.length());
        weights.put(0, initial, 0, initial.length);
        this.flat = new float[layout.length()];
    }

    /**
     * Classes by one layer: {@code softmax(W x + b)}, from weights of zero.
     *
     * @param inputs features of an example, at least 1
     * @param classes at least 2
     */
    public static DenseModel softmaxRegression(int inputs, int classes) {
        Check.atLeast("inputs", inputs, 1);
        Check.atLeast("classes", classes, 2);
        return new DenseModel(new int[] {inputs, classes}, true, 0, 0, new float[0]);
    }

    /**
     * Targets by one layer: {@code W x + b}, from weights of zero.
     *
     * @param inputs features of an example, at least 1
     * @param targets of an example, at least 1
     */
    public static DenseModel linearRegression(int inputs, int targets) {
        Check.atLeast("inputs", inputs, 1);
        Check.atLeast("targets", targets, 1);
        return new DenseModel(new int[] {inputs, targets}, false, 0, 0, new float[0]);
    }

    /**
     * Classes by hidden layers of rectified units and a softmax, from weights of seed 0; see {@link #withSeed}.
     *
     * @param sizes inputs, hidden units of each layer, classes: at least two numbers, each at least 1, the last at least 2
     */
    public static DenseModel perceptron(int... sizes) {
        if (sizes.length < 2) {
            throw new IllegalArgumentException(
                    "sizes must be at least two numbers, inputs and classes, but were " + sizes.length);
        }
        for (int i = 0; i < sizes.length; i++) {
            Check.atLeast("sizes[" + i + "]", sizes[i], i + 1 == sizes.length ? 2 : 1);
        }
        return new DenseModel(sizes.clone(), true, 0, 0, drawn(sizes, 0));
    }

    /** Returns a copy with weights drawn from another seed; for perceptrons, the regressions stay at zero. */
    public DenseModel withSeed(long seed) {
        return new DenseModel(sizes, classifies, momentum, l2, sizes.length == 2 ? new float[0] : drawn(sizes, seed));
    }

    /**
     * Returns a copy with Nesterov momentum, which begins at zero in every local training.
     *
     * @param factor in [0, 1)
     */
    public DenseModel withMomentum(double factor) {
        return new DenseModel(sizes, classifies, Check.belowOne("momentum", factor), l2, current());
    }

    /**
     * Returns a copy whose gradients have {@code factor * w} added, biases excepted. Losses stay without the term.
     *
     * @param factor at least 0
     */
    public DenseModel withL2(double factor) {
        return new DenseModel(sizes, classifies, momentum, Check.notNegative("l2", factor), current());
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public ModelWeights weights() {
        return ModelWeights.copyOf(layout, current());
    }

    /** The array is reused. */
    private float[] current() {
        weights.get(0, flat, 0, flat.length);
        return flat;
    }

    @Override
    public void load(ModelWeights given) {
        given.layout().differenceFrom(layout).ifPresent(difference -> {
            throw new IllegalArgumentException("weights of another model: " + difference);
        });
        given.copyTo(flat);
        weights.put(0, flat, 0, flat.length);
    }

    @Override
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        requireFitting(data);
        correction.requireSame(layout);
        return planFor(Math.min(how.batchSize(), data.size())).train(data, how, correction, seed);
    }

    @Override
    public ExampleGradients beginExamples(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        Check.atLeast("examples", data.size(), 1);
        requireFitting(data);
        correction.requireSame(layout);
        return planFor(Math.min(Plan.EXAMPLES_AT_ONCE, data.size()))
                .examples(data, how.learningRate(), correction, seed);
    }

    @Override
    public Evaluation evaluate(Examples data) {
        return evaluate(data, StatisticsSpec.NONE);
    }

    @Override
    public Evaluation evaluate(Examples data, StatisticsSpec statistics) {
        requireFitting(data);
        return planFor(Plan.EVALUATION_BATCH).evaluate(data, statistics);
    }

    private void requireFitting(Examples data) {
        if (data.size() == 0) {
            return;
        }
        if (data.featureLength() != sizes[0]) {
            throw new IllegalArgumentException("client data have features " + data.featureShape() + ", "
                    + data.featureLength() + " values an example, but the model takes " + sizes[0] + " inputs");
        }
        int outputs = sizes[sizes.length - 1];
        if (data.labelLength() != outputs || (classifies && data.classes().isEmpty())) {
            throw new IllegalArgumentException("client data have labels " + data.labelShape()
                    + (data.classes().isEmpty() ? ", which are no classes," : "") + " but the model has " + outputs
                    + (classifies ? " classes" : " targets"));
        }
    }

    private Plan planFor(int rows) {
        Plan current = plan;
        if (current == null || current.capacity() < rows) {
            current = compiled(Math.max(rows, Plan.EVALUATION_BATCH));
            plan = current;
        }
        return current;
    }

    private Plan compiled(int capacity) {
        Optimizer optimizer = momentum == 0 ? new Optimizer.Sgd() : new Optimizer.Nesterov(momentum);
        List<UpdateRule> rules =
                List.of(new UpdateRule(optimizer, 0, l2, 0, false), new UpdateRule(optimizer, 0, 0, 0, false));
        List<Plan.Stage> stages = new ArrayList<>();
        int last = sizes.length - 2;
        int at = 0;
        for (int i = 0; i <= last; i++) {
            int inputs = sizes[i];
            int outputs = sizes[i + 1];
            Parameter w = new Parameter(weights, at, inputs * outputs, null, true);
            Parameter b = new Parameter(weights, at + inputs * outputs, outputs, null, true);
            at += inputs * outputs + outputs;
            Activation activation = i == last ? Activation.IDENTITY : Activation.RELU;
            stages.add(new Plan.Stage(
                    new DenseLayer(capacity, 1, inputs, outputs, activation, w, b, Chunks.ofThisProcess()),
                    rules,
                    Clipping.NONE));
        }
        int outputs = sizes[last + 1];
        Head head = classifies
                ? new Head(
                        outputs,
                        new Head.Softmax(),
                        Head.Loss.CROSS_ENTROPY,
                        null,
                        Evaluation.Tally.SMALLEST_PROBABILITY)
                : new Head(outputs, new Head.Elementwise(Activation.IDENTITY), Head.Loss.MEAN_SQUARED_ERROR, null, 0);
        return new Plan(sizes[0], stages, head, capacity);
    }

    private static float[] drawn(int[] sizes, long seed) {
        int length = 0;
        for (int i = 0; i + 1 < sizes.length; i++) {
            length = Math.addExact(length, Math.multiplyExact(sizes[i] + 1, sizes[i + 1]));
        }
        float[] values = new float[length];
        DeterministicRandom random = new DeterministicRandom(seed);
        int at = 0;
        for (int i = 0; i + 1 < sizes.length; i++) {
            double bound = Math.sqrt(6.0 / sizes[i]);
            for (int j = 0; j < sizes[i] * sizes[i + 1]; j++) {
                values[at++] = (float) (bound * (2 * random.nextDouble() - 1));
            }
            at += sizes[i + 1];
        }
        return values;
    }
}
