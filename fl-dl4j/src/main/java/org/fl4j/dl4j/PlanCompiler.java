package org.fl4j.dl4j;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.recurrent.LastTimeStepLayer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.models.internal.Activation;
import org.fl4j.models.internal.Head;
import org.fl4j.models.internal.Plan;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compiles a network into a {@link Plan} for examples of some shapes, or says what in it no plan computes exactly. What is
 * covered is told by the very classes of the configuration: a subclass may do anything.
 */
final class PlanCompiler {

    /** Layers of DL4J's that never apply their dropout. */
    private static final Set<Class<?>> WITHOUT_DROPOUT =
            Set.of(SubsamplingLayer.class, BatchNormalization.class, LossLayer.class);

    private final NetworkAccess access;
    private final Layer[] layers;
    private final PlanBuilder plan;

    private PlanCompiler(NetworkAccess access, int rows) {
        this.access = access;
        this.layers = access.layers();
        this.plan = new PlanBuilder(access.network().params(), Math.max(rows, Plan.EVALUATION_BATCH));
    }

    /**
     * A plan.
     *
     * @param rows of a mini-batch in training, at most
     * @throws NotCoveredException if the network must train by DL4J
     */
    static Plan compile(NetworkAccess access, Examples data, int rows) throws NotCoveredException {
        requireCovered(access);
        return new PlanCompiler(access, rows).compiled(data);
    }

    /** By the classes of the configuration alone. */
    static void requireExamplesApart(NetworkAccess access) throws NotCoveredException {
        Layer[] layers = access.layers();
        for (int i = 0; i < layers.length; i++) {
            if (layers[i].conf().getLayer() instanceof BatchNormalization) {
                throw new NotCoveredException(
                        "the layer " + name(layers, i) + ", which mixes the examples of a mini-batch");
            }
        }
    }

    private static void requireCovered(NetworkAccess access) throws NotCoveredException {
        Class<?> type = access.network().getClass();
        if (type != MultiLayerNetwork.class && type != ComputationGraph.class) {
            throw new NotCoveredException("a class of its own, " + type.getName());
        }
        if (access.network().params().dataType() != DataType.FLOAT) {
            throw new NotCoveredException(
                    "parameters of type " + access.network().params().dataType());
        }
        if (!Nd4j.getEnvironment().isCPU()) {
            throw new NotCoveredException("a backend that is not the CPU's");
        }
        if (!access.network().conf().isMiniBatch()) {
            throw new NotCoveredException("miniBatch(false)");
        }
        if (!access.isChain()) {
            throw new NotCoveredException("a graph that is no chain of layers");
        }
        if (!access.listeners().isEmpty()) {
            throw new NotCoveredException("training listeners");
        }
    }

    private Plan compiled(Examples data) throws NotCoveredException {
        List<Long> shape = data.featureShape();
        Flow flow = shape.size() == 2 ? SequencePlanning.input(shape, plan) : ImagePlanning.input(shape, plan);
        for (int i = 0; i < layers.length - 1; i++) {
            flow = layer(i, flow);
        }
        int last = layers.length - 1;
        Flow sums = before(last, flow);
        Head head;
        if (layers[last].conf().getLayer() instanceof RnnOutputLayer conf && conf.getClass() == RnnOutputLayer.class) {
            sums = SequencePlanning.sums(layers[last], conf, sums, plan);
            head = SequencePlanning.head(conf);
        } else if (layers[last].conf().getLayer().getClass() == OutputLayer.class
                && !(sums instanceof Flow.Sequence || sums instanceof Flow.Steps)) {
            OutputLayer conf = (OutputLayer) layers[last].conf().getLayer();
            sums = DensePlanning.sums(layers[last], conf, sums, plan);
            head = DensePlanning.head(conf, sums.length());
        } else if (layers[last].conf().getLayer().getClass() == LossLayer.class && sums instanceof Flow.Flat) {
            LossLayer conf = (LossLayer) layers[last].conf().getLayer();
            requireSumsKept(conf);
            // The head writes over the sums, which a layer with an activation needs for its backward pass.
            plan.add(new org.fl4j.models.internal.ActivationLayer(sums.length(), Activation.IDENTITY));
            head = DensePlanning.head(conf.getActivationFn(), conf.getLossFn(), sums.length());
        } else {
            throw new NotCoveredException("the output layer " + name(last));
        }
        return new Plan(data.featureLength(), plan.stages(), head, plan.capacity());
    }

    /** Of most activations DL4J computes the gradient in place of a loss layer's sums, and the loss from those afterwards. */
    private static void requireSumsKept(LossLayer conf) throws NotCoveredException {
        Class<?> function = conf.getActivationFn().getClass();
        if (function != ActivationSoftmax.class && function != ActivationIdentity.class) {
            throw new NotCoveredException("a loss layer with the activation " + conf.getActivationFn());
        }
    }

    private Flow layer(int i, Flow in) throws NotCoveredException {
        Flow flow = before(i, in);
        org.deeplearning4j.nn.conf.layers.Layer conf = layers[i].conf().getLayer();
        if (conf.getClass() == DenseLayer.class) {
            return DensePlanning.dense(layers[i], (DenseLayer) conf, flow, plan);
        }
        if (conf.getClass() == ConvolutionLayer.class) {
            return ConvolutionPlanning.convolution(layers[i], (ConvolutionLayer) conf, flow, plan);
        }
        if (conf.getClass() == SubsamplingLayer.class) {
            return ConvolutionPlanning.pooling((SubsamplingLayer) conf, flow, plan);
        }
        if (conf.getClass() == BatchNormalization.class) {
            return NormalizationPlanning.normalization(layers[i], (BatchNormalization) conf, flow, plan);
        }
        if (conf.getClass() == ActivationLayer.class) {
            plan.add(new org.fl4j.models.internal.ActivationLayer(
                    flow.length(), Activations.of(((ActivationLayer) conf).getActivationFn())));
            return flow;
        }
        if (conf.getClass() == DropoutLayer.class) {
            return flow;
        }
        if (conf.getClass() == LSTM.class) {
            boolean lastStep = layers[i].getClass() == LastTimeStepLayer.class;
            Layer lstm = lastStep ? ((LastTimeStepLayer) layers[i]).getUnderlying() : layers[i];
            Flow sequence = SequencePlanning.lstm(lstm, (LSTM) conf, flow, plan);
            return lastStep ? SequencePlanning.lastStep(sequence, plan) : sequence;
        }
        if (conf.getClass() == EmbeddingLayer.class) {
            return SequencePlanning.embedding(layers[i], (EmbeddingLayer) conf, flow, plan);
        }
        if (conf.getClass() == EmbeddingSequenceLayer.class) {
            return SequencePlanning.embedding(layers[i], (EmbeddingSequenceLayer) conf, flow, plan);
        }
        throw new NotCoveredException("the layer " + name(i));
    }

    /** A wrapped layer gives out the configuration of what it wraps: it would train as if nothing were around it. */
    private void requireNotWrapped(int i) throws NotCoveredException {
        boolean isLastStep = layers[i] instanceof LastTimeStepLayer last
                && last.getClass() == LastTimeStepLayer.class
                && !(last.getUnderlying() instanceof BaseWrapperLayer);
        if (layers[i] instanceof BaseWrapperLayer && !isLastStep) {
            throw new NotCoveredException("the layer " + i + " ("
                    + layers[i].getClass().getSimpleName() + " around "
                    + layers[i].conf().getLayer().getClass().getSimpleName() + ")");
        }
    }

    /** What comes before a layer's own computation: preprocessor and dropout. */
    private Flow before(int i, Flow in) throws NotCoveredException {
        requireNotWrapped(i);
        org.deeplearning4j.nn.conf.layers.Layer conf = layers[i].conf().getLayer();
        if (conf.getConstraints() != null && !conf.getConstraints().isEmpty()) {
            throw new NotCoveredException("constraints of the layer " + name(i));
        }
        if (conf instanceof BaseLayer base && base.getWeightNoise() != null) {
            throw new NotCoveredException("weight noise of the layer " + name(i));
        }
        @Nullable InputPreProcessor processor = access.preProcessor(i);
        Flow flow = in;
        if (processor != null && SequencePlanning.isOf(processor)) {
            flow = SequencePlanning.through(processor, in);
        } else if (processor != null) {
            flow = ImagePlanning.through(processor, in, plan);
        }
        @Nullable IDropout dropout = conf.getIDropout();
        if (dropout != null && !WITHOUT_DROPOUT.contains(conf.getClass())) {
            NormalizationPlanning.dropout(dropout, flow, plan);
        }
        return flow;
    }

    private String name(int i) {
        return name(layers, i);
    }

    private static String name(Layer[] layers, int i) {
        return i + " (" + layers[i].conf().getLayer().getClass().getSimpleName() + ")";
    }
}
