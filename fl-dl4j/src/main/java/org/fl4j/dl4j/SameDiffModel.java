package org.fl4j.dl4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.BatchTensors;
import org.fl4j.random.Seeds;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A SameDiff graph as a model.
 *
 * <p>Its parameters are the graph's variables of type VARIABLE in the order of their names, all FLOAT or all DOUBLE, and
 * TRAINABLE unless {@link Names#withStatistics} names them. Constants and placeholders are not parameters.
 *
 * <p>A step is {@code w - u(g + correction + regularisation)} with the updater u (plain SGD, Adam, ...) and the
 * regularisation (L1, L2, weight decay, on all TRAINABLE parameters) of the graph's training configuration. Training
 * starts anew in every round: fresh updater state, iterations from zero, the learning rate of the task in place of the
 * updater's own or its schedule, and the seed of the thread's random numbers derived from the task's.
 *
 * <p>The loss must be a scalar and the <em>mean</em> over the mini-batch, as SameDiff's losses are unless told
 * otherwise: a correction is added to its gradient as it is. Losses reported leave regularisation out.
 *
 * <p>Random ops in the graph draw in evaluation, too: SameDiff does not know whether it trains. (Its dropout op has no
 * gradient in 1.0.0-M2.1.)
 *
 * <p>The graph belongs to the model from here on; its listeners are not called. Not thread-safe.
 *
 * @implNote SameDiff's own {@code fit} cannot be corrected: {@code Listener.preUpdate} is shown what the updater made of
 *     the gradient, at the moment of subtraction. So gradients are calculated and applied here.
 */
public final class SameDiffModel implements GradientModel<Examples> {

    private static final int EVALUATION_BATCH = 256;

    private final SameDiff graph;
    private final Names names;
    private final ParameterLayout layout;
    private final SameDiffOptimizer optimizer;

    private SameDiffModel(SameDiff graph, Names names) {
        this.graph = graph;
        this.names = names;
        this.layout = SameDiffLayout.of(graph, names);
        this.optimizer = new SameDiffOptimizer(graph.getTrainingConfig(), layout);
    }

    /**
     * A model over a graph.
     *
     * @param graph with a training configuration, of which updater and regularisation are used; belongs to the model
     *     from here on
     * @param names what its variables are
     * @return the model
     * @throws IllegalArgumentException if the graph has no training configuration or maximises, a name is not that of a
     *     fitting variable, dtypes differ, or the loss does not depend on a TRAINABLE variable
     */
    public static SameDiffModel of(SameDiff graph, Names names) {
        return new SameDiffModel(graph, names);
    }

    /**
     * A model over a graph in a SameDiff file, as {@link #save} and SameDiff itself write it.
     *
     * @param file of a graph with its training configuration; an updater's state in it is not used
     * @param names what its variables are
     * @return the model
     * @throws IllegalArgumentException if the file is none of SameDiff's, or as {@link #of}
     */
    public static SameDiffModel restore(Path file, Names names) {
        SameDiff graph;
        try {
            graph = SameDiff.load(file.toFile(), false);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "'" + file + "' could not be read as a file of SameDiff: " + e.getMessage(), e);
        }
        return of(graph, names);
    }

    /**
     * Loads weights, such as those of a federation, and writes the graph to a file that SameDiff loads.
     *
     * @param weights of this model's layout; the model has them from here on
     * @param file replaced if it exists
     * @throws java.io.UncheckedIOException if the file system reports an error
     */
    public void save(ModelWeights weights, Path file) {
        load(weights);
        try {
            graph.save(file.toFile(), false);
        } catch (RuntimeException e) {
            throw new UncheckedIOException(
                    "'" + file + "' could not be written: " + e.getMessage(), new IOException(e));
        }
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public ModelWeights weights() {
        return ModelWeights.gather(layout, this::parameter);
    }

    @Override
    public void load(ModelWeights weights) {
        weights.layout().differenceFrom(layout).ifPresent(difference -> {
            throw new IllegalArgumentException("weights of another model: " + difference);
        });
        layout.specs().forEach(spec -> weights.copyTo(spec.name(), parameter(spec.name())));
    }

    @Override
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        requireFitting(data);
        optimizer.startAnew(how.learningRate());
        Nd4j.getRandom().setSeed(Seeds.derive(seed, "dropout"));
        MiniBatches batches = new MiniBatches(data.size(), how, seed);
        int steps = 0;
        double losses = 0;
        try (BatchTensors batch = new BatchTensors(data, how.batchSize(), layout.dtype())) {
            while (batches.next()) {
                batch.load(batches);
                losses += step(batch, correction, steps);
                steps++;
            }
        }
        return new LocalTraining.Report(
                data.size(), steps, optimizer.stepSizeSum(steps), steps == 0 ? 0 : losses / steps);
    }

    @Override
    public Evaluation evaluate(Examples data) {
        return evaluate(data, StatisticsSpec.NONE);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if statistics are asked for and {@link Names#withScores} names no variable, of classes if it is not of one
     *     column a class; or if scores or confidences are to be collected and it is no probability
     */
    @Override
    public Evaluation evaluate(Examples data, StatisticsSpec statistics) {
        requireFitting(data);
        if (!statistics.isNone() && names.scores().isEmpty()) {
            throw new IllegalArgumentException("statistics " + statistics
                    + " are asked for, but no variable holds predictions;" + " name it by Names.withScores(...)");
        }
        Evaluation.Tally tally =
                new Evaluation.Tally(counts(data) ? data.labelLength() : 0, data.labelLength(), statistics);
        try (BatchTensors batch = new BatchTensors(data, EVALUATION_BATCH, layout.dtype())) {
            for (int from = 0; from < data.size(); from += EVALUATION_BATCH) {
                batch.load(from, Math.min(from + EVALUATION_BATCH, data.size()));
                evaluate(data, from, batch, tally, statistics);
            }
        }
        return tally.evaluation();
    }

    @Override
    public Collection<?> exclusiveState() {
        List<Object> state = new ArrayList<>(List.of(graph));
        layout.specs().forEach(spec -> state.add(parameter(spec.name())));
        state.addAll(optimizer.settings());
        return state;
    }

    private double step(BatchTensors batch, GradientCorrection correction, int iteration) {
        OutAndGrad result =
                graph.calculateGradientsAndOutputs(inputs(batch), List.of(names.loss()), optimizer.trainable());
        Map<String, INDArray> gradients = result.getGradients();
        INDArray loss = get(result.getOutputs(), names.loss());
        try {
            for (String name : optimizer.trainable()) {
                optimizer.step(name, parameter(name), get(gradients, name), correction, iteration);
            }
            return scalar(loss);
        } finally {
            close(gradients.values());
            close(List.of(loss));
        }
    }

    private void evaluate(
            Examples data, int from, BatchTensors batch, Evaluation.Tally tally, StatisticsSpec statistics) {
        List<String> wanted = new ArrayList<>(List.of(names.loss()));
        names.scores().ifPresent(wanted::add);
        Map<String, INDArray> outputs = graph.output(inputs(batch), wanted);
        try {
            double loss = scalar(get(outputs, names.loss()));
            if (!counts(data)) {
                tally.addLoss(loss, batch.size());
                if (!statistics.isNone()) {
                    tallyResiduals(data, batch, get(outputs, names.scores().orElseThrow()), tally);
                }
                return;
            }
            int classes = data.labelLength();
            float[] scores = rows(get(outputs, names.scores().orElseThrow()), batch.size(), classes);
            for (int i = 0; i < batch.size(); i++) {
                tally.add(data.label(from + i), scores, i * classes, loss);
            }
        } finally {
            close(outputs.values());
        }
    }

    private void tallyResiduals(Examples data, BatchTensors batch, INDArray outputs, Evaluation.Tally tally) {
        float[] predictions = rows(outputs, batch.size(), data.labelLength());
        float[] targets = rows(batch.labels(), batch.size(), data.labelLength());
        for (int i = 0; i < batch.size(); i++) {
            tally.addResiduals(targets, predictions, i * data.labelLength());
        }
    }

    /** From scores of one column a class cannot be told: they may be logits or probabilities. */
    private boolean counts(Examples data) {
        return names.scores().isPresent() && data.classes().orElse(0) == data.labelLength();
    }

    private Map<String, INDArray> inputs(BatchTensors batch) {
        return Map.of(names.features(), batch.features(), names.labels(), batch.labels());
    }

    private INDArray parameter(String name) {
        return graph.getVariable(name).getArr();
    }

    private float[] rows(INDArray scores, int size, int classes) {
        if (scores.length() != (long) size * classes) {
            throw new IllegalArgumentException("client data have labels [" + size + ", " + classes + "] but '"
                    + names.scores().orElseThrow() + "' is " + Arrays.toString(scores.shape()));
        }
        try (INDArray rows = scores.dup('c')) {
            return rows.data().asFloat();
        }
    }

    private double scalar(INDArray loss) {
        if (loss.length() != 1) {
            throw new IllegalArgumentException("the loss '" + names.loss() + "' must be a scalar, the mean over the"
                    + " mini-batch. Its shape is " + Arrays.toString(loss.shape()));
        }
        return loss.getDouble(0);
    }

    private void requireFitting(Examples data) {
        SameDiffLayout.requireFitting(graph.getVariable(names.features()), data.featureShape(), "features");
        SameDiffLayout.requireFitting(graph.getVariable(names.labels()), data.labelShape(), "labels");
    }

    private static INDArray get(Map<String, INDArray> results, String name) {
        return Objects.requireNonNull(results.get(name), name);
    }

    private static void close(Collection<INDArray> arrays) {
        for (INDArray array : arrays) {
            if (array.closeable()) {
                array.close();
            }
        }
    }

    /**
     * What the variables of a SameDiff graph are to a {@link SameDiffModel}, by their names.
     *
     * <pre>{@code
     * Names.of("input", "labels", "loss").withScores("logits")
     * }</pre>
     *
     * <p>Immutable and thread-safe.
     */
    public static final class Names {

        private final String features;
        private final String labels;
        private final String loss;
        private final @Nullable String scores;
        private final Set<String> statistics;

        private Names(String features, String labels, String loss, @Nullable String scores, Set<String> statistics) {
            this.features = Objects.requireNonNull(features);
            this.labels = Objects.requireNonNull(labels);
            this.loss = Objects.requireNonNull(loss);
            this.scores = scores;
            this.statistics = Set.copyOf(statistics);
        }

        /**
         * What every model needs.
         *
         * @param features a placeholder, {@code [-1, featureShape...]}
         * @param labels a placeholder, {@code [-1, labelShape...]}; one-hot rows for class labels
         * @param loss a scalar: the <em>mean</em> loss over the mini-batch
         * @return the names, without scores and statistics
         */
        public static Names of(String features, String labels, String loss) {
            return new Names(features, labels, loss, null, Set.of());
        }

        /**
         * These with the variable that evaluation takes predicted classes from, or predicted targets for {@code Metric.MSE} and the like.
         *
         * @param variable {@code [-1, classes]}, the highest for the predicted class: logits, or probabilities if
         *     ROC and PR AUC or calibration are to be computed. For targets, of their shape
         * @return a copy
         */
        public Names withScores(String variable) {
            return new Names(features, labels, loss, variable, statistics);
        }

        /**
         * These with variables that gradients are not to move: they are exchanged and averaged only.
         *
         * @param variables of type VARIABLE
         * @return a copy
         */
        public Names withStatistics(String... variables) {
            return new Names(features, labels, loss, scores, Set.of(variables));
        }

        /**
         * The placeholder for features.
         *
         * @return its name
         */
        public String features() {
            return features;
        }

        /**
         * The placeholder for labels.
         *
         * @return its name
         */
        public String labels() {
            return labels;
        }

        /**
         * The mean loss over the mini-batch.
         *
         * @return its name
         */
        public String loss() {
            return loss;
        }

        /**
         * What evaluation takes predicted classes from.
         *
         * @return empty if evaluation is to report the loss only
         */
        public Optional<String> scores() {
            return Optional.ofNullable(scores);
        }

        /**
         * Variables that gradients do not move.
         *
         * @return their names
         */
        public Set<String> statistics() {
            return statistics;
        }
    }
}
