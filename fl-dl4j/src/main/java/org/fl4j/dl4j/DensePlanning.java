package org.fl4j.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.fl4j.models.internal.Activation;
import org.fl4j.models.internal.Chunks;
import org.fl4j.models.internal.Head;
import org.fl4j.models.internal.Parameter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** Fully connected layers and heads. */
final class DensePlanning {

    private DensePlanning() {}

    static Flow dense(Layer layer, DenseLayer conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        if (conf.hasLayerNorm()) {
            throw new NotCoveredException("layer normalisation");
        }
        if (in instanceof Flow.Sequence) {
            throw new NotCoveredException("a dense layer on sequences without a preprocessor");
        }
        return products(layer, conf, conf.hasBias(), Activations.of(conf.getActivationFn()), in, plan);
    }

    /** The products of an output layer; its activation is the head's. */
    static Flow sums(Layer layer, BaseOutputLayer conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        return products(layer, conf, conf.hasBias(), Activation.IDENTITY, in, plan);
    }

    private static Flow products(
            Layer layer, FeedForwardLayer conf, boolean hasBias, Activation activation, Flow in, PlanBuilder plan)
            throws NotCoveredException {
        int inputs = Math.toIntExact(conf.getNIn());
        int outputs = Math.toIntExact(conf.getNOut());
        int steps = steps(in);
        if (in instanceof Flow.Image || in.length() != steps * inputs) {
            throw new NotCoveredException("a dense layer of " + inputs + " inputs on " + in);
        }
        INDArray weights = layer.getParam(DefaultParamInitializer.WEIGHT_KEY);
        if (weights.ordering() != 'f' && !weights.isVectorOrScalar()) {
            throw new NotCoveredException("weights in the order '" + weights.ordering() + "'");
        }
        Parameter w = plan.parameter(layer, DefaultParamInitializer.WEIGHT_KEY, null, true);
        @Nullable Parameter b = hasBias ? plan.parameter(layer, DefaultParamInitializer.BIAS_KEY, null, true) : null;
        plan.add(
                new org.fl4j.models.internal.DenseLayer(
                        Math.multiplyExact(plan.capacity(), steps),
                        steps,
                        inputs,
                        outputs,
                        activation,
                        w,
                        b,
                        Chunks.ofThisProcess()),
                layer,
                hasBias
                        ? List.of(DefaultParamInitializer.WEIGHT_KEY, DefaultParamInitializer.BIAS_KEY)
                        : List.of(DefaultParamInitializer.WEIGHT_KEY));
        if (in instanceof Flow.Sequence) {
            return new Flow.Sequence(steps, outputs);
        }
        return in instanceof Flow.Steps ? new Flow.Steps(steps, outputs) : new Flow.Flat(outputs);
    }

    /** Rows an example has. */
    private static int steps(Flow in) {
        if (in instanceof Flow.Sequence sequence) {
            return sequence.steps();
        }
        return in instanceof Flow.Steps rows ? rows.steps() : 1;
    }

    /** The head over sums of a width, of an output layer or a loss layer. */
    static Head head(BaseOutputLayer conf, int width) throws NotCoveredException {
        return head(conf.getActivationFn(), conf.getLossFn(), width);
    }

    static Head head(IActivation function, ILossFunction loss, int width) throws NotCoveredException {
        boolean softmax = function.getClass() == ActivationSoftmax.class;
        Head.Output output = softmax ? new Head.Softmax() : new Head.Elementwise(Activations.of(function));
        Class<?> type = loss.getClass();
        if (type == LossMCXENT.class || type == LossNegativeLogLikelihood.class) {
            LossMCXENT entropy = (LossMCXENT) loss;
            double clip = softmax ? entropy.getSoftmaxClipEps() : 0;
            return new Head(width, output, Head.Loss.CROSS_ENTROPY, weights(entropy.getWeights()), clip);
        }
        if (softmax) {
            throw new NotCoveredException("softmax with " + loss);
        }
        if (type == LossBinaryXENT.class) {
            LossBinaryXENT entropy = (LossBinaryXENT) loss;
            return new Head(
                    width, output, Head.Loss.BINARY_CROSS_ENTROPY, weights(entropy.getWeights()), entropy.getClipEps());
        }
        if (type == LossMSE.class || type == LossL2.class) {
            Head.Loss squares = type == LossMSE.class ? Head.Loss.MEAN_SQUARED_ERROR : Head.Loss.SQUARED_ERROR;
            return new Head(width, output, squares, weights(((LossL2) loss).getWeights()), 0);
        }
        throw new NotCoveredException("the loss " + loss);
    }

    private static float @Nullable [] weights(@Nullable INDArray columns) {
        return columns == null ? null : columns.dup('c').data().asFloat();
    }
}
