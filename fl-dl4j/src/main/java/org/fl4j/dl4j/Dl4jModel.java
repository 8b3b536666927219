package org.fl4j.dl4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.nn.layers.training.CenterLossOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.fl4j.data.Examples;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ExampleGradientModel;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.models.internal.Plan;
import org.fl4j.nd4j.BatchTensors;
import org.fl4j.random.Seeds;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/**
 * A DL4J network as a model: a {@link MultiLayerNetwork}, or a {@link ComputationGraph} with one input and one output.
 *
 * <p>Its layout is that of the network's flat parameter buffer. STATISTIC are BatchNorm's running mean and variance (the
 * latter, by DL4J's default, as the logarithm of the standard deviation), the centers of a center loss, the weights of
 * frozen layers and what only pretraining moves; the rest is TRAINABLE.
 *
 * <p>Training starts anew in every round: fresh updater state, iteration and epoch counters at zero, the learning rate
 * of the task in place of all the network's own (of layers, of biases, and their schedules), and a dropout seed derived
 * from the task's. The network's updater (plain SGD, Adam, ...), regularisation, gradient clipping and listeners stay
 * its own. A {@link GradientCorrection} is added before clipping and regularisation. A network configured with
 * {@code miniBatch(false)} steps along the sum of its examples' gradients; a correction is added to that sum once.
 *
 * <p>Where it can, the model trains and evaluates by a plan: direct matrix products on the network's own parameters, several
 * times faster, with the same gradients and losses up to rounding. What no plan computes exactly trains by DL4J as a whole, and
 * one log line says what that is; {@link #withoutPlans} turns plans off. A plan draws dropout masks by the library's own
 * generator, and does not move DL4J's counters, score and updater state.
 *
 * <p>Losses are means an example with the regularisation terms left out, in training and in evaluation: all that the output
 * layer's loss consists of, label weights and center loss included. Training adds what differs by itself: dropout, and
 * BatchNorm by the mini-batch. Evaluation counts classes where the labels are classes.
 *
 * <p>Examples must have the network's input and output shapes; two classes fit one sigmoid unit, too, as the probability of
 * class 1. The network belongs to the model from here on: its
 * parameters are the model's, and what is set on it later, such as listeners, may have no effect. Networks may be built
 * from one configuration object; the model takes a complete copy of it, for which all classes in it must be Serializable
 * (but not for subclasses of DL4J's two classes, each of which needs a configuration of its own). Not thread-safe.
 */
public final class Dl4jModel implements ExampleGradientModel<Examples> {

    private static final int EVALUATION_BATCH = 256;

    private final NetworkAccess access;
    private final ParameterLayout layout;
    private final Optional<INDArray> freshUpdaterState;
    private final boolean regularised;
    private final boolean plainSgd;
    private final NetworkFit fit;
    private final NetworkPlans plans;

    private Dl4jModel(NetworkAccess access, boolean usesPlans) {
        requireUsable(access);
        this.access = access;
        this.layout = NetworkLayout.of(access);
        access.renewUpdater();
        this.freshUpdaterState =
                Optional.ofNullable(access.updater().getStateViewArray()).map(INDArray::dup);
        this.regularised = access.updater().getUpdaterBlocks().stream()
                .flatMap(block -> block.getLayersAndVariablesInBlock().stream())
                .map(parameter -> parameter.getLayer().getConfig().getRegularizationByParam(parameter.getParamName()))
                .anyMatch(terms -> terms != null && !terms.isEmpty());
        this.plainSgd = isPlainSgd(access);
        this.fit = new NetworkFit(access, layout.dtype());
        this.plans = new NetworkPlans(access, usesPlans);
    }

    /**
     * A model over a network.
     *
     * @param network initialised; belongs to the model from here on
     * @return the model
     * @throws IllegalArgumentException if the network is not initialised, its configuration cannot be copied, or it does not train by one gradient step a
     *     mini-batch: truncated back-propagation, line search
     */
    public static Dl4jModel of(MultiLayerNetwork network) {
        return new Dl4jModel(MultiLayerAccess.isolated(network), true);
    }

    /**
     * A model over a graph.
     *
     * @param graph initialised, with one input and one output; belongs to the model from here on
     * @return the model
     * @throws IllegalArgumentException if the graph is not initialised, has more inputs or outputs, its configuration cannot
     *     be copied, or it does not train by one gradient step a mini-batch: truncated back-propagation, line search
     */
    public static Dl4jModel of(ComputationGraph graph) {
        return new Dl4jModel(GraphAccess.isolated(graph).requireOneInputAndOutput(), true);
    }

    /** For {@link Dl4jBatchModel}, which has batches of its own. */
    static Dl4jModel of(NetworkAccess access) {
        return new Dl4jModel(access, false);
    }

    /**
     * A model over a network or graph in a file of DL4J's {@code ModelSerializer}, as {@link #save} and DL4J itself write it.
     *
     * @param file of a {@link MultiLayerNetwork}, or a {@link ComputationGraph} with one input and one output; an updater's state in it is not
     *     used
     * @return the model
     * @throws org.fl4j.CorruptDataException if it is no such file
     * @throws java.io.UncheckedIOException if the file system reports an error
     */
    public static Dl4jModel restore(Path file) {
        return new Dl4jModel(NetworkFile.read(file), true);
    }

    /**
     * Loads weights, such as those of a federation, and writes the network to a file that DL4J's {@code ModelSerializer} restores.
     *
     * @param weights of this model's layout; the model has them from here on
     * @param file replaced as a whole if it exists
     * @throws java.io.UncheckedIOException if the file system reports an error
     */
    public void save(ModelWeights weights, Path file) {
        load(weights);
        NetworkFile.write(access.network(), file);
    }

    /**
     * Returns a model over the same network that trains and evaluates by DL4J alone. This one must not be used beside it: both
     * would train the same parameters.
     */
    public Dl4jModel withoutPlans() {
        return new Dl4jModel(access, false);
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public ModelWeights weights() {
        return ModelWeights.copyOf(layout, access.network().params());
    }

    @Override
    public void load(ModelWeights weights) {
        weights.layout().differenceFrom(layout).ifPresent(difference -> {
            throw new IllegalArgumentException("weights of another model: " + difference);
        });
        weights.copyTo(access.network().params());
    }

    @Override
    public ModelDelta displacementFrom(ModelWeights base) {
        return base.displacementTo(access.network().params());
    }

    @Override
    public LocalTraining.Report train(Examples given, LocalTraining how, GradientCorrection correction, long seed) {
        Examples data = fit.fitting(given);
        Optional<Plan> plan = plans.forBatches(data, how.batchSize());
        if (plan.isPresent()) {
            correction.requireSame(layout);
            return plan.get().train(data, how, correction, seed);
        }
        startAnew(how.learningRate());
        Nd4j.getRandom().setSeed(Seeds.derive(seed, "dropout"));
        return correcting(correction, () -> steps(data, how, seed));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException also if no plan covers the network, or a layer mixes examples
     */
    @Override
    public ExampleGradients beginExamples(Examples given, LocalTraining how, GradientCorrection correction, long seed) {
        Check.atLeast("examples", given.size(), 1);
        Examples data = fit.fitting(given);
        correction.requireSame(layout);
        return plans.forExamples(data).examples(data, how.learningRate(), correction, seed);
    }

    /** Trains while a correction is added to each gradient. */
    LocalTraining.Report correcting(GradientCorrection correction, Supplier<LocalTraining.Report> training) {
        if (correction.isNone()) {
            return training.get();
        }
        List<TrainingListener> before = new ArrayList<>(access.listeners());
        List<TrainingListener> during = new ArrayList<>(before);
        during.add(new CorrectionListener(access, layout, correction));
        access.network().setListeners(during);
        try {
            return training.get();
        } finally {
            access.network().setListeners(before);
        }
    }

    @Override
    public Evaluation evaluate(Examples given) {
        return evaluate(given, StatisticsSpec.NONE);
    }

    @Override
    public Evaluation evaluate(Examples given, StatisticsSpec statistics) {
        Examples data = fit.fitting(given);
        Optional<Plan> plan = plans.forBatches(data, Plan.EVALUATION_BATCH);
        return plan.isPresent() ? plan.get().evaluate(data, statistics) : evaluateByDl4j(data, statistics);
    }

    private Evaluation evaluateByDl4j(Examples data, StatisticsSpec statistics) {
        int columns = data.labelLength() / steps(data);
        boolean countsSteps = steps(data) > 1 && statistics.isOfClasses() && isSoftmaxOfSteps();
        Evaluation.Tally tally =
                new Evaluation.Tally(countsSteps ? columns : data.classes().orElse(0), columns, statistics);
        try (BatchTensors batch = new BatchTensors(data, EVALUATION_BATCH, layout.dtype())) {
            for (int from = 0; from < data.size(); from += EVALUATION_BATCH) {
                batch.load(from, Math.min(from + EVALUATION_BATCH, data.size()));
                if (data.classes().isPresent()) {
                    tallyClasses(data, from, batch, tally);
                } else {
                    tally.addLoss(meanLoss(batch), batch.size());
                    tallyOutputs(data, batch, statistics, tally);
                }
            }
        }
        return tally.evaluation();
    }

    @Override
    public Collection<?> exclusiveState() {
        List<Object> state = new ArrayList<>(List.of(access.network().params()));
        state.addAll(MutableObjects.reachableFrom(
                access.configuration(),
                Arrays.stream(access.layers()).map(Layer::conf).toArray()));
        return state;
    }

    private static void requireUsable(NetworkAccess access) {
        if (!access.initialised()) {
            throw new IllegalArgumentException("the network has no parameters yet; call init() on it first");
        }
        OptimizationAlgorithm algorithm = access.network().conf().getOptimizationAlgo();
        if (access.backpropagation() != BackpropType.Standard
                || algorithm != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            throw new IllegalArgumentException("the network must train by one gradient step a mini-batch, with "
                    + BackpropType.Standard + " back-propagation and "
                    + OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT
                    + ", but was " + access.backpropagation() + " and " + algorithm);
        }
    }

    /** NoOp marks what no gradient step moves; a sum of gradients is no mean; a constraint moves weights after the step. */
    private static boolean isPlainSgd(NetworkAccess access) {
        return access.network().conf().isMiniBatch()
                && access.updater().getUpdaterBlocks().stream()
                        .map(block -> block.getGradientUpdater().getConfig())
                        .allMatch(updater -> updater instanceof Sgd || updater instanceof NoOp)
                && Arrays.stream(access.layers())
                        .map(layer -> layer.getConfig().getGradientNormalization())
                        .allMatch(clipping -> clipping == null || clipping == GradientNormalization.None)
                && Arrays.stream(access.layers())
                        .map(layer -> layer.conf().getLayer().getConstraints())
                        .allMatch(constraints -> constraints == null || constraints.isEmpty());
    }

    /** Not by the network's setLearningRate: it leaves out bias updaters and wrapped layers, and rebuilds the updater. */
    void startAnew(double learningRate) {
        access.resetCounters();
        for (UpdaterBlock block : access.updater().getUpdaterBlocks()) {
            IUpdater updater = block.getGradientUpdater().getConfig();
            if (updater.hasLearningRate()) {
                updater.setLrAndSchedule(learningRate, null);
            }
        }
        freshUpdaterState.ifPresent(
                state -> access.updater().getStateViewArray().assign(state));
    }

    private LocalTraining.Report steps(Examples data, LocalTraining how, long seed) {
        MiniBatches batches = new MiniBatches(data.size(), how, seed);
        long steps = 0;
        double losses = 0;
        try (BatchTensors batch = new BatchTensors(data, how.batchSize(), layout.dtype())) {
            while (batches.next()) {
                batch.load(batches);
                double regularisation = regularisation();
                access.fit(batch.features(), batch.labels());
                losses += meanLoss(access.network().score(), regularisation, batch.size());
                steps++;
            }
        }
        return new LocalTraining.Report(
                data.size(), steps, stepSizeSum(steps, how.learningRate()), steps == 0 ? 0 : losses / steps);
    }

    OptionalDouble stepSizeSum(long steps, double learningRate) {
        return plainSgd ? OptionalDouble.of(steps * learningRate) : OptionalDouble.empty();
    }

    double regularisation() {
        return regularised ? access.regularisation() : 0;
    }

    /** The score is the loss plus the terms: a mean over the mini-batch, or, from some output layers, a sum if told so. */
    double meanLoss(double score, double regularisation, int size) {
        double loss = score - regularisation;
        return scoresSums(access) ? loss / size : loss;
    }

    private static boolean scoresSums(NetworkAccess access) {
        return !access.network().conf().isMiniBatch()
                && access.outputLayer() instanceof BaseOutputLayer<?>
                && !(access.outputLayer() instanceof CenterLossOutputLayer);
    }

    private double meanLoss(BatchTensors batch) {
        return meanLoss(access.score(batch.features(), batch.labels()), regularisation(), batch.size());
    }

    /** Of sequences with an output at every step; else 1. */
    private int steps(Examples data) {
        return data.labelShape().size() == 2 && access.outputLayer().getConfig() instanceof RnnOutputLayer
                ? Math.toIntExact(data.labelShape().get(1))
                : 1;
    }

    private boolean isSoftmaxOfSteps() {
        return access.outputLayer().getConfig() instanceof RnnOutputLayer output
                && output.getActivationFn() instanceof ActivationSoftmax;
    }

    /** Labels and outputs of a sequence have [columns, steps], and are tallied step by step. */
    private void tallyOutputs(Examples data, BatchTensors batch, StatisticsSpec statistics, Evaluation.Tally tally) {
        if (statistics.isNone()) {
            return;
        }
        float[] outputs = scores(batch);
        float[] labels = rowMajor(batch.labels());
        int length = data.labelLength();
        int columns = length / steps(data);
        for (int i = 0; i < batch.size(); i++) {
            float[] targets = columns(labels, i * length, columns, steps(data));
            float[] predictions = columns(outputs, i * length, columns, steps(data));
            for (int at = 0; at < length; at += columns) {
                if (statistics.isOfClasses()) {
                    tally.countStep(targets, predictions, at);
                } else {
                    tally.addResiduals(targets, predictions, at);
                }
            }
        }
    }

    /** The columns of a matrix one after another. */
    private static float[] columns(float[] matrix, int at, int rows, int columns) {
        float[] turned = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                turned[c * rows + r] = matrix[at + r * columns + c];
            }
        }
        return turned;
    }

    /** Where the loss is the plain cross-entropy of the output, it needs no second pass. */
    private void tallyClasses(Examples data, int from, BatchTensors batch, Evaluation.Tally tally) {
        float[] scores = scores(batch);
        int width = scores.length / batch.size();
        boolean crossEntropy = isPlainCrossEntropy(access.outputLayer().getConfig());
        double loss = crossEntropy ? 0 : meanLoss(batch);
        for (int i = 0; i < batch.size(); i++) {
            int label = data.label(from + i);
            if (crossEntropy) {
                tally.add(label, scores, i * width);
            } else {
                tally.add(label, scores, i * width, loss);
            }
        }
    }

    private float[] scores(BatchTensors batch) {
        try (INDArray output = access.output(batch.features())) {
            if (output.length() != batch.labels().length()) {
                throw new IllegalArgumentException("classes are counted from an output of one unit a class, here "
                        + Arrays.toString(batch.labels().shape()) + ", but the network's output is "
                        + Arrays.toString(output.shape()));
            }
            return rowMajor(output);
        }
    }

    private static float[] rowMajor(INDArray array) {
        try (INDArray rows = array.dup('c')) {
            return rows.data().asFloat();
        }
    }

    /** By their very classes: center losses and what a user derives add to it, and label weights change it. */
    private static boolean isPlainCrossEntropy(Object layer) {
        return layer instanceof OutputLayer output
                && output.getClass() == OutputLayer.class
                && output.getActivationFn() instanceof ActivationSoftmax
                && output.getLossFn() instanceof LossMCXENT loss
                && (loss.getClass() == LossMCXENT.class || loss.getClass() == LossNegativeLogLikelihood.class)
                && loss.getWeights() == null;
    }
}
