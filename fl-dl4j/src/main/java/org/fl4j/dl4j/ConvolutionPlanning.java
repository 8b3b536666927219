package org.fl4j.dl4j;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.fl4j.models.internal.Activation;
import org.fl4j.models.internal.Parameter;
import org.fl4j.models.internal.image.PoolingLayer;
import org.fl4j.models.internal.image.Window;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Convolution and pooling of images. */
final class ConvolutionPlanning {

    private ConvolutionPlanning() {}

    static Flow convolution(Layer layer, ConvolutionLayer conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        Flow.Image image = image(conf.getCnn2dDataFormat(), in);
        if (image.channels() != conf.getNIn()) {
            throw new NotCoveredException("a convolution of " + conf.getNIn() + " channels on " + in);
        }
        Window window = new Window(
                axis(
                        0,
                        image.height(),
                        conf.getConvolutionMode(),
                        conf.getKernelSize(),
                        conf.getStride(),
                        conf.getDilation(),
                        conf.getPadding()),
                axis(
                        1,
                        image.width(),
                        conf.getConvolutionMode(),
                        conf.getKernelSize(),
                        conf.getStride(),
                        conf.getDilation(),
                        conf.getPadding()),
                image.channels());
        int filters = Math.toIntExact(conf.getNOut());
        Activation activation = Activations.of(conf.getActivationFn());
        boolean passesOn = plan.stages().stream()
                .anyMatch(stage -> !stage.layer().parameters().isEmpty());
        Parameter weights = plan.parameter(
                layer, ConvolutionParamInitializer.WEIGHT_KEY, tapMajor(layer, conf, image.channels(), filters), true);
        @Nullable
        Parameter bias =
                conf.hasBias() ? plan.parameter(layer, ConvolutionParamInitializer.BIAS_KEY, null, true) : null;
        plan.add(
                new org.fl4j.models.internal.image.ConvolutionLayer(
                        plan.capacity(), window, filters, activation, weights, bias, passesOn),
                layer,
                conf.hasBias()
                        ? List.of(ConvolutionParamInitializer.WEIGHT_KEY, ConvolutionParamInitializer.BIAS_KEY)
                        : List.of(ConvolutionParamInitializer.WEIGHT_KEY));
        return new Flow.Image(window.rows().outputs(), window.columns().outputs(), filters);
    }

    /** From [taps, channels, filters] to DL4J's [filters, channels, taps], row-major. */
    private static int[] tapMajor(Layer layer, ConvolutionLayer conf, int channels, int filters)
            throws NotCoveredException {
        INDArray weights = layer.getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        int[] kernel = conf.getKernelSize();
        long[] shape = {filters, channels, kernel[0], kernel[1]};
        if (!Arrays.equals(weights.shape(), shape) || !isRowMajor(weights)) {
            throw new NotCoveredException("convolution weights of shape " + Arrays.toString(weights.shape())
                    + " and strides " + Arrays.toString(weights.stride()));
        }
        int taps = kernel[0] * kernel[1];
        int[] order = new int[taps * channels * filters];
        for (int t = 0; t < taps; t++) {
            for (int c = 0; c < channels; c++) {
                for (int f = 0; f < filters; f++) {
                    order[(t * channels + c) * filters + f] = (f * channels + c) * taps + t;
                }
            }
        }
        return order;
    }

    private static boolean isRowMajor(INDArray weights) {
        long stride = 1;
        for (int i = weights.rank() - 1; i >= 0; i--) {
            if (weights.size(i) > 1 && weights.stride(i) != stride) {
                return false;
            }
            stride *= weights.size(i);
        }
        return true;
    }

    static Flow pooling(SubsamplingLayer conf, Flow in, PlanBuilder plan) throws NotCoveredException {
        Flow.Image image = image(conf.getCnn2dDataFormat(), in);
        PoolingLayer.Kind kind;
        if (conf.getPoolingType() == PoolingType.MAX) {
            kind = PoolingLayer.Kind.MAX;
        } else if (conf.getPoolingType() == PoolingType.AVG) {
            kind = conf.isAvgPoolIncludePadInDivisor()
                    ? PoolingLayer.Kind.MEAN_OF_ALL
                    : PoolingLayer.Kind.MEAN_OF_PRESENT;
        } else {
            throw new NotCoveredException("pooling of type " + conf.getPoolingType());
        }
        Window window = new Window(
                axis(
                        0,
                        image.height(),
                        conf.getConvolutionMode(),
                        conf.getKernelSize(),
                        conf.getStride(),
                        conf.getDilation(),
                        conf.getPadding()),
                axis(
                        1,
                        image.width(),
                        conf.getConvolutionMode(),
                        conf.getKernelSize(),
                        conf.getStride(),
                        conf.getDilation(),
                        conf.getPadding()),
                image.channels());
        if (window.rows().hasEmptyWindow() || window.columns().hasEmptyWindow()) {
            throw new NotCoveredException("pooling windows that lie in padding alone");
        }
        plan.add(new PoolingLayer(plan.capacity(), window, kind));
        return new Flow.Image(window.rows().outputs(), window.columns().outputs(), image.channels());
    }

    private static Flow.Image image(@Nullable CNN2DFormat format, Flow in) throws NotCoveredException {
        if (format == CNN2DFormat.NHWC) {
            throw new NotCoveredException("images in the format " + format);
        }
        if (in instanceof Flow.Image image) {
            return image;
        }
        throw new NotCoveredException("convolution or pooling of " + in);
    }

    /** DL4J's output sizes and, for the mode Same, its padding in front: half of what is needed, rounded down. */
    private static Window.Axis axis(
            int i, int size, ConvolutionMode mode, int[] kernel, int[] stride, int[] dilation, int[] padding)
            throws NotCoveredException {
        int span = (kernel[i] - 1) * dilation[i] + 1;
        int outputs;
        int before;
        switch (mode) {
            case Same -> {
                outputs = (size + stride[i] - 1) / stride[i];
                before = ((outputs - 1) * stride[i] + span - size) / 2;
            }
            case Strict, Truncate -> {
                outputs = (size - span + 2 * padding[i]) / stride[i] + 1;
                before = padding[i];
            }
            default -> throw new NotCoveredException("the convolution mode " + mode);
        }
        if (outputs < 1 || before < 0) {
            throw new NotCoveredException("a kernel of " + kernel[i] + " with stride " + stride[i] + " on " + size);
        }
        return new Window.Axis(size, kernel[i], stride[i], dilation[i], before, outputs);
    }
}
