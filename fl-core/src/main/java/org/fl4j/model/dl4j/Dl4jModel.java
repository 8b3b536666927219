package org.fl4j.model.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.fl4j.model.BatchTensors;
import org.fl4j.model.Evaluation;
import org.fl4j.model.EvaluationTally;
import org.fl4j.model.Examples;
import org.fl4j.model.GradientCorrection;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.LocalTrainingReport;
import org.fl4j.model.MiniBatches;
import org.fl4j.model.ModelDelta;
import org.fl4j.model.ModelWeights;
import org.fl4j.model.ParameterLayout;
import org.fl4j.random.Seeds;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * A DL4J network as a model: a {@link MultiLayerNetwork}, or a {@link ComputationGraph} with one input and one output.
 *
 * <p>Its layout is that of the network's flat parameter buffer; BatchNorm's running mean and variance (the latter, by
 * DL4J's default, as the logarithm of the standard deviation) are STATISTIC. Training starts anew in every round: fresh
 * updater state, iteration and epoch counters at zero, the learning rate of the task in place of the network's own, and
 * a dropout seed derived from the task's. The network's updater (plain SGD, Adam, ...), regularisation, gradient
 * clipping and listeners stay its own.
 *
 * <p>Examples must have the network's input shape; masks and truncated back-propagation are not supported. Evaluation
 * reports accuracy for class labels, and as loss the cross-entropy where the output is a softmax under one, else the
 * output layer's loss.
 *
 * <p>The network belongs to the model from here on. Not thread-safe.
 */
public final class Dl4jModel implements GradientModel<Examples> {

    private static final int EVALUATION_BATCH = 256;

    private final NetworkAccess access;
    private final ParameterLayout layout;
    private final Optional<INDArray> freshUpdaterState;

    private Dl4jModel(NetworkAccess access) {
        this.access = access;
        this.layout = NetworkLayout.of(access);
        access.renewUpdater();
        this.freshUpdaterState =
                Optional.ofNullable(access.updater().getStateViewArray()).map(INDArray::dup);
    }

    /**
     * A model over a network.
     *
     * @param network initialised; belongs to the model from here on
     * @return the model
     * @throws IllegalArgumentException if the network is not initialised
     */
    public static Dl4jModel of(MultiLayerNetwork network) {
        return new Dl4jModel(new MultiLayerAccess(network));
    }

    /**
     * A model over a graph.
     *
     * @param graph initialised, with one input and one output; belongs to the model from here on
     * @return the model
     * @throws IllegalArgumentException if the graph is not initialised or has more inputs or outputs
     */
    public static Dl4jModel of(ComputationGraph graph) {
        return new Dl4jModel(new GraphAccess(graph));
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
    public LocalTrainingReport train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        startAnew(how.learningRate());
        Nd4j.getRandom().setSeed(Seeds.derive(seed, "dropout"));
        List<TrainingListener> before = new ArrayList<>(access.listeners());
        if (!correction.isNone()) {
            List<TrainingListener> during = new ArrayList<>(before);
            during.add(new CorrectionListener(access, layout, correction));
            access.network().setListeners(during);
        }
        try {
            return steps(data, how, seed);
        } finally {
            if (!correction.isNone()) {
                access.network().setListeners(before);
            }
        }
    }

    @Override
    public Evaluation evaluate(Examples data) {
        EvaluationTally tally = new EvaluationTally(data.classes().orElse(0));
        try (BatchTensors batch = new BatchTensors(data, EVALUATION_BATCH, layout.dtype())) {
            for (int from = 0; from < data.size(); from += EVALUATION_BATCH) {
                batch.load(from, Math.min(from + EVALUATION_BATCH, data.size()));
                if (data.classes().isPresent()) {
                    tallyClasses(data, from, batch, tally);
                } else {
                    tally.addLoss(access.loss(batch.features(), batch.labels()), batch.size());
                }
            }
        }
        return tally.evaluation();
    }

    private void startAnew(double learningRate) {
        access.resetCounters();
        access.setLearningRate(learningRate);
        freshUpdaterState.ifPresent(
                state -> access.updater().getStateViewArray().assign(state));
    }

    private LocalTrainingReport steps(Examples data, LocalTraining how, long seed) {
        MiniBatches batches = new MiniBatches(data.size(), how, seed);
        long steps = 0;
        double losses = 0;
        try (BatchTensors batch = new BatchTensors(data, how.batchSize(), layout.dtype())) {
            while (batches.next()) {
                batch.load(batches);
                access.fit(batch.features(), batch.labels());
                losses += access.network().score();
                steps++;
            }
        }
        return new LocalTrainingReport(data.size(), steps, steps * how.learningRate(), steps == 0 ? 0 : losses / steps);
    }

    private void tallyClasses(Examples data, int from, BatchTensors batch, EvaluationTally tally) {
        float[] scores;
        try (INDArray output = access.output(batch.features())) {
            scores = output.dup('c').data().asFloat();
        }
        int classes = data.labelLength();
        if (isSoftmaxUnderCrossEntropy()) {
            for (int i = 0; i < batch.size(); i++) {
                tally.add(data.label(from + i), scores, i * classes);
            }
        } else {
            double loss = access.loss(batch.features(), batch.labels());
            for (int i = 0; i < batch.size(); i++) {
                tally.add(data.label(from + i), EvaluationTally.likeliest(scores, i * classes, classes), loss);
            }
        }
    }

    private boolean isSoftmaxUnderCrossEntropy() {
        return access.outputLayer().conf().getLayer() instanceof BaseOutputLayer output
                && output.getActivationFn() instanceof ActivationSoftmax
                && output.getLossFn() instanceof LossMCXENT;
    }
}
