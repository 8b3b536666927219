package org.fl4j.models.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.random.Seeds;
import org.fl4j.weights.GradientCorrection;
import org.jspecify.annotations.Nullable;

/**
 * A network for examples of one shape as a list of layers and a head, over buffers for mini-batches of up to a number of
 * rows: it trains and evaluates the weights that lie in the flat vector of its parameters. A step allocates nothing, takes
 * no lock and calls no ND4J op.
 *
 * <p>The same bits on any thread and in any process whose BLAS core is the same. Not thread-safe.
 */
public final class Plan {

    /** Rows of a mini-batch in evaluation, whatever the capacity: bits can change with it. */
    public static final int EVALUATION_BATCH = 32;

    /** Rows that gradients of single examples are summed over at once, where the capacity allows it. */
    public static final int EXAMPLES_AT_ONCE = PlanExamples.MOST_IN_SUM;

    /** A layer and how its parameters step. */
    public record Stage(Layer layer, List<UpdateRule> rules, Clipping clipping) {}

    private final List<Layer> layers = new ArrayList<>();
    private final List<Steps> steps = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final Head head;
    private final int rowsPerExample;
    private final int capacity;
    private final Matrix[] values;
    private final @Nullable Matrix[] gradients;
    private final float[] labels;
    private final float[] ordered;
    private final float[] scratch;
    private final int firstWithParameters;

    /**
     * A plan.
     *
     * @param inputs values of an example's features
     * @param stages in their order; the last layer's outputs are the sums that go to the head
     * @param head the loss
     * @param capacity rows of a mini-batch at most, at least {@value #EVALUATION_BATCH}
     * @throws org.fl4j.FederatedLearningException if OpenBLAS computes wrong products here, or does not load
     */
    public Plan(int inputs, List<Stage> stages, Head head, int capacity) {
        Blas.requireRight();
        this.head = head;
        if (capacity < EVALUATION_BATCH) {
            throw new IllegalArgumentException(
                    "capacity must be at least " + EVALUATION_BATCH + ", for evaluation, but was " + capacity);
        }
        this.capacity = capacity;
        this.values = new Matrix[stages.size() + 1];
        this.gradients = new Matrix[stages.size() + 1];
        values[0] = new Matrix(capacity, inputs);
        int longest = 0;
        for (int i = 0; i < stages.size(); i++) {
            Layer layer = stages.get(i).layer();
            layers.add(layer);
            steps.add(new Steps(layer, stages.get(i).rules(), stages.get(i).clipping()));
            parameters.addAll(layer.parameters());
            values[i + 1] = new Matrix(capacity, layer.outputs());
            gradients[i + 1] = new Matrix(capacity, layer.outputs());
            for (Parameter parameter : layer.parameters()) {
                longest = Math.max(longest, parameter.length());
            }
        }
        int sums = values[stages.size()].width();
        this.rowsPerExample = sums / head.width();
        if (rowsPerExample * head.width() != sums) {
            throw new IllegalArgumentException("the head has " + head.width()
                    + " columns, which do not divide the last layer's " + sums + " outputs");
        }
        this.labels = new float[Math.multiplyExact(capacity, sums)];
        this.ordered = new float[rowsPerExample == 1 ? 0 : labels.length];
        this.scratch = new float[longest];
        this.firstWithParameters = firstWithParameters(stages);
    }

    private static int firstWithParameters(List<Stage> stages) {
        int first = 0;
        while (first < stages.size() && stages.get(first).layer().parameters().isEmpty()) {
            first++;
        }
        return first;
    }

    /** Rows of a mini-batch at most. */
    public int capacity() {
        return capacity;
    }

    /**
     * Trains as {@link org.fl4j.model.GradientModel#train} says.
     *
     * @param data of the plan's shapes
     * @throws IllegalArgumentException if the batch size exceeds the capacity
     */
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        int batchSize = Math.min(how.batchSize(), data.size());
        if (batchSize > capacity) {
            throw new IllegalArgumentException(
                    "the batch size must be at most " + capacity + ", this plan's, but was " + batchSize);
        }
        begin(seed);
        for (Steps step : steps) {
            step.begin(how.learningRate(), correction);
        }
        MiniBatches batches = new MiniBatches(data.size(), how, seed);
        long taken = 0;
        double losses = 0;
        while (batches.next()) {
            int n = batches.size();
            for (int i = 0; i < n; i++) {
                load(data, batches.example(i), i);
            }
            values[0].heapChanged();
            losses += step(n) / n;
            taken++;
        }
        store();
        boolean plain = steps.stream().allMatch(Steps::isPlainSgd);
        return new LocalTraining.Report(
                data.size(),
                taken,
                plain ? OptionalDouble.of(taken * how.learningRate()) : OptionalDouble.empty(),
                taken == 0 ? 0 : losses / taken);
    }

    /**
     * Begins local training by the gradients of single examples.
     *
     * @param data of the plan's shapes, at least one example
     * @param learningRate of the steps
     * @throws IllegalArgumentException if a layer mixes examples
     */
    public ExampleGradients examples(Examples data, double learningRate, GradientCorrection correction, long seed) {
        for (Layer layer : layers) {
            if (layer.mixesExamples() || !(layer.parameters().isEmpty() || layer instanceof ExampleLayer)) {
                throw new IllegalArgumentException(
                        "gradients of single examples need layers that tell examples apart, but there is a "
                                + layer.getClass().getSimpleName());
            }
        }
        begin(seed);
        for (Steps step : steps) {
            step.begin(learningRate, correction);
        }
        return new PlanExamples(new Pass(data), parameters, data.size(), capacity);
    }

    /** Passes over chosen examples of some data, and steps. */
    final class Pass {

        private final Examples data;
        private final ExampleNorms norms = new ExampleNorms(capacity);

        private Pass(Examples data) {
            this.data = data;
        }

        /** Adds the examples' gradients, clipped together over all layers. */
        void addClipped(int[] chosen, int from, int n, double clipNorm, GradientSums sums) {
            norms.begin(n);
            for (int i = 0; i < n; i++) {
                load(data, chosen[from + i], i);
            }
            values[0].heapChanged();
            forward(n, true);
            lossAndGradient(n);
            for (int i = layers.size() - 1; i >= firstWithParameters; i--) {
                Matrix dx = i == firstWithParameters ? null : gradients[i];
                if (layers.get(i) instanceof ExampleLayer layer) {
                    layer.backward(n, values[i], values[i + 1], gradients[i + 1], dx, norms);
                } else {
                    layers.get(i).backward(n, values[i], values[i + 1], gradients[i + 1], dx);
                }
            }
            double[] factors = norms.factors(n, clipNorm);
            for (int i = firstWithParameters; i < layers.size(); i++) {
                if (layers.get(i) instanceof ExampleLayer layer) {
                    layer.addGradients(n, values[i], values[i + 1], gradients[i + 1], factors, sums);
                }
            }
        }

        void finishStep() {
            for (Steps step : steps) {
                step.finish(1);
            }
        }

        void end() {
            store();
        }

        double square(int row) {
            return norms.square(row);
        }
    }

    private void store() {
        for (Parameter parameter : parameters) {
            parameter.store(scratch);
        }
    }

    private void begin(long seed) {
        for (Parameter parameter : parameters) {
            parameter.load(scratch);
        }
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).begin(Seeds.derive(seed, i, "layer"));
        }
    }

    private void load(Examples data, int example, int row) {
        data.copyFeatures(example, values[0].heapToWrite(), row * data.featureLength());
        data.copyLabel(example, labels, row * data.labelLength());
    }

    /** One mini-batch; its summed loss before the step. */
    private double step(int n) {
        forward(n, true);
        double loss = lossAndGradient(n);
        for (int i = layers.size() - 1; i >= firstWithParameters; i--) {
            layers.get(i)
                    .backward(
                            n,
                            values[i],
                            values[i + 1],
                            gradients[i + 1],
                            i == firstWithParameters ? null : gradients[i]);
        }
        for (Steps step : steps) {
            step.finish(n);
        }
        return loss;
    }

    /** The summed loss; its gradient at the last sums. */
    private double lossAndGradient(int n) {
        int last = layers.size();
        Matrix sums = values[last];
        double loss = head.lossAndGradient(sums.heap(n), orderedLabels(n), n * rowsPerExample);
        System.arraycopy(sums.heap(n), 0, gradients[last].heapToWrite(), 0, n * sums.width());
        gradients[last].heapChanged();
        return loss;
    }

    private void forward(int n, boolean training) {
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).forward(n, values[i], values[i + 1], training);
        }
    }

    /** Label rows as the head wants them: of sequences time-major, where examples have [labels, T]. */
    private float[] orderedLabels(int n) {
        if (rowsPerExample == 1) {
            return labels;
        }
        SequenceLayer.transpose(labels, ordered, n, head.width(), rowsPerExample);
        return ordered;
    }

    /**
     * Evaluates as {@link org.fl4j.model.Model#evaluate} says, in mini-batches of {@value #EVALUATION_BATCH}.
     *
     * @param data of the plan's shapes
     * @param statistics what to collect; of classes from sequences if the head is a softmax over each step
     */
    public Evaluation evaluate(Examples data, StatisticsSpec statistics) {
        begin(0);
        boolean counts = data.classes().isPresent();
        boolean countsSteps = !counts && statistics.isOfClasses() && rowsPerExample > 1 && head.isSoftmax();
        int width = head.width();
        Evaluation.Tally tally =
                new Evaluation.Tally(countsSteps ? width : data.classes().orElse(0), width, statistics);
        for (int from = 0; from < data.size(); from += EVALUATION_BATCH) {
            int n = Math.min(EVALUATION_BATCH, data.size() - from);
            for (int i = 0; i < n; i++) {
                load(data, from + i, i);
            }
            values[0].heapChanged();
            forward(n, false);
            tally(data, from, n, tally, countsSteps);
        }
        return tally.evaluation();
    }

    private void tally(Examples data, int from, int n, Evaluation.Tally tally, boolean countsSteps) {
        float[] outputs = values[layers.size()].heap(n);
        float[] rows = orderedLabels(n);
        double loss = head.loss(outputs, rows, n * rowsPerExample) / n;
        int width = head.width();
        if (data.classes().isEmpty()) {
            tally.addLoss(loss, n);
            for (int r = 0; r < n * rowsPerExample; r++) {
                if (countsSteps) {
                    tally.countStep(rows, outputs, r * width);
                } else {
                    tally.addResiduals(rows, outputs, r * width);
                }
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            int label = data.label(from + i);
            if (head.isPlainCrossEntropy()) {
                tally.add(label, outputs, i * width);
            } else {
                tally.add(label, outputs, i * width, loss);
            }
        }
    }
}
