package org.fl4j.dl4j;

import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.fl4j.models.internal.image.PoolingLayer.Kind;
import org.nd4j.linalg.activations.Activation;

/** The layers of a {@link RandomArchitecture} that keep images. */
final class RandomImages {

    private final RandomArchitecture draw;
    private final boolean flat;
    private int channels;
    private int[] size;

    RandomImages(RandomArchitecture draw) {
        this.draw = draw;
        this.flat = draw.oneIn(3);
        this.channels = draw.upTo(3);
        this.size = new int[] {2 + draw.upTo(5), 2 + draw.upTo(5)};
    }

    long[] features() {
        return flat ? new long[] {(long) channels * size[0] * size[1]} : new long[] {channels, size[0], size[1]};
    }

    InputType input() {
        return flat
                ? InputType.convolutionalFlat(size[0], size[1], channels)
                : InputType.convolutional(size[0], size[1], channels);
    }

    /** Adds as many layers, the first a convolution; the number of values that come out. */
    int layers(int count) {
        for (int i = 0; i < count; i++) {
            int kind = i == 0 ? 0 : draw.upTo(6) - 1;
            if (kind == 4 && draw.batch() > 1) {
                Object[] both = draw.normalization(
                        new BatchNormalization.Builder().nOut(channels), channels, size[0] * size[1], false);
                draw.add((Layer) both[0], (ReferenceLayer) both[1]);
            } else if (kind == 5) {
                draw.function();
            } else if (kind == 0 || kind == 1) {
                convolution();
            } else {
                pooling();
            }
        }
        return channels * size[0] * size[1];
    }

    private record Moves(ConvolutionMode mode, List<Integer> padding, ReferenceImages.Grid grid) {}

    /** DL4J's sizes: with the mode Same the padding is what is needed, and half of it, rounded down, lies in front. */
    private Moves moves(boolean padded) {
        int[] kernel = {draw.upTo(Math.min(3, size[0])), draw.upTo(Math.min(3, size[1]))};
        int[] stride = {draw.upTo(2), draw.upTo(2)};
        int[] dilation = {1, 1};
        int[] padding = {0, 0};
        int[] before = {0, 0};
        int[] outputs = {0, 0};
        boolean same = draw.oneIn(3);
        boolean strict = !same;
        for (int i = 0; i < 2; i++) {
            if (draw.oneIn(8) && 2 * (kernel[i] - 1) + 1 <= size[i]) {
                dilation[i] = 2;
            }
            int span = (kernel[i] - 1) * dilation[i] + 1;
            if (same) {
                outputs[i] = (size[i] + stride[i] - 1) / stride[i];
                before[i] = Math.max(0, (outputs[i] - 1) * stride[i] + span - size[i]) / 2;
                // Where the stride leaves pixels out, DL4J's padding is negative.
                if ((outputs[i] - 1) * stride[i] + span < size[i]) {
                    stride[i] = 1;
                    outputs[i] = size[i];
                    before[i] = (span - 1) / 2;
                }
            } else {
                padding[i] = padded && kernel[i] > 1 && draw.oneIn(3) ? 1 : 0;
                before[i] = padding[i];
                outputs[i] = (size[i] - span + 2 * padding[i]) / stride[i] + 1;
                strict &= (size[i] - span + 2 * padding[i]) % stride[i] == 0;
            }
        }
        ConvolutionMode mode = same ? ConvolutionMode.Same : strict ? ConvolutionMode.Strict : ConvolutionMode.Truncate;
        return new Moves(
                mode,
                List.of(padding[0], padding[1]),
                new ReferenceImages.Grid(channels, size, kernel, stride, dilation, before, outputs));
    }

    private void convolution() {
        Moves moves = moves(true);
        ReferenceImages.Grid grid = moves.grid();
        int filters = draw.upTo(5);
        boolean bias = !draw.oneIn(4);
        Activation f = draw.activation();
        draw.add(
                new ConvolutionLayer.Builder(grid.kernel())
                        .stride(grid.stride())
                        .dilation(grid.dilation())
                        .padding(moves.padding().get(0), moves.padding().get(1))
                        .convolutionMode(moves.mode())
                        .nIn(channels)
                        .nOut(filters)
                        .hasBias(bias)
                        .activation(f)
                        .build(),
                new ReferenceImages.Convolution(grid, filters, bias, f));
        channels = filters;
        size = grid.outputs();
    }

    private void pooling() {
        Moves moves = moves(true);
        ReferenceImages.Grid grid = moves.grid();
        boolean max = !draw.oneIn(3);
        boolean all = draw.oneIn(2);
        SubsamplingLayer.Builder builder = new SubsamplingLayer.Builder(max ? PoolingType.MAX : PoolingType.AVG)
                .kernelSize(grid.kernel())
                .stride(grid.stride())
                .dilation(grid.dilation())
                .padding(moves.padding().get(0), moves.padding().get(1))
                .convolutionMode(moves.mode());
        draw.add(
                builder.avgPoolIncludePadInDivisor(all).build(),
                new ReferenceImages.Pooling(grid, max ? Kind.MAX : all ? Kind.MEAN_OF_ALL : Kind.MEAN_OF_PRESENT));
        size = grid.outputs();
    }
}
