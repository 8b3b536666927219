package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.data.Examples;
import org.fl4j.weights.GradientCorrection;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;

/** Convolution and pooling by a plan are DL4J's, at equal weights. */
class ConvolutionPlanTest {

    private static final int SIDE = 8;
    private static final int CHANNELS = 2;
    private static final Examples IMAGES = Networks.classified(14, CHANNELS, SIDE, SIDE - 1);
    private static final Examples FLAT = Networks.classified(14, (long) CHANNELS * SIDE * (SIDE - 1));
    private static final Examples GREY = Networks.classified(14, (long) SIDE * SIDE);

    private static Layer convolution(int rows, int columns, int filters, UnaryOperator<ConvolutionLayer.Builder> how) {
        return how.apply(new ConvolutionLayer.Builder(rows, columns)
                        .nOut(filters)
                        .activation(Activation.TANH))
                .build();
    }

    private static Layer first() {
        return convolution(3, 3, 4, b -> b.convolutionMode(ConvolutionMode.Same));
    }

    private static Layer output() {
        return Networks.softmax(0);
    }

    private static Layer pooling(PoolingType type, UnaryOperator<SubsamplingLayer.Builder> how) {
        return how.apply(new SubsamplingLayer.Builder(type)).build();
    }

    static Stream<Named<Layer>> seconds() {
        return Stream.of(
                Named.of("same", convolution(3, 2, 3, b -> b.convolutionMode(ConvolutionMode.Same))),
                Named.of("same, even", convolution(4, 2, 3, b -> b.convolutionMode(ConvolutionMode.Same))),
                Named.of(
                        "same, stride",
                        convolution(
                                3,
                                5,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Same).stride(2, 3))),
                Named.of(
                        "same, wide and strided",
                        convolution(
                                2,
                                9,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Same).stride(1, 2))),
                Named.of(
                        "strict, padded",
                        convolution(
                                2,
                                3,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Strict).padding(1, 2))),
                Named.of(
                        "truncate, stride",
                        convolution(
                                3,
                                3,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Truncate)
                                        .stride(2, 3)
                                        .padding(1, 0))),
                Named.of(
                        "stride beyond the kernel",
                        convolution(
                                1,
                                2,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Truncate).stride(3, 3))),
                Named.of("dilated", convolution(3, 2, 3, b -> b.dilation(2, 3))),
                Named.of(
                        "dilated, same",
                        convolution(
                                3,
                                3,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Same).dilation(2, 1))),
                Named.of(
                        "dilated, stride",
                        convolution(
                                2,
                                2,
                                3,
                                b -> b.convolutionMode(ConvolutionMode.Truncate)
                                        .dilation(3, 2)
                                        .stride(2, 2))),
                Named.of("1 by 1, no bias", convolution(1, 1, 3, b -> b.hasBias(false))),
                Named.of("relu", convolution(3, 3, 3, b -> b.activation(Activation.RELU))),
                Named.of("identity, 20 filters", convolution(3, 3, 20, b -> b.activation(Activation.IDENTITY))),
                Named.of("sigmoid", convolution(2, 2, 3, b -> b.activation(Activation.SIGMOID))),
                Named.of(
                        "max",
                        pooling(
                                PoolingType.MAX,
                                b -> b.kernelSize(2, 2).stride(2, 2).convolutionMode(ConvolutionMode.Truncate))),
                Named.of(
                        "max, overlapping",
                        pooling(PoolingType.MAX, b -> b.kernelSize(3, 2).stride(1, 1))),
                Named.of(
                        "max, same",
                        pooling(
                                PoolingType.MAX,
                                b -> b.kernelSize(3, 3).stride(2, 2).convolutionMode(ConvolutionMode.Same))),
                Named.of(
                        "max, padded, dilated",
                        pooling(
                                PoolingType.MAX,
                                b -> b.kernelSize(2, 2)
                                        .stride(1, 2)
                                        .padding(1, 1)
                                        .dilation(2, 1)
                                        .convolutionMode(ConvolutionMode.Truncate))),
                Named.of(
                        "mean",
                        pooling(
                                PoolingType.AVG,
                                b -> b.kernelSize(2, 3).stride(2, 2).convolutionMode(ConvolutionMode.Truncate))),
                Named.of(
                        "mean of the present",
                        pooling(
                                PoolingType.AVG,
                                b -> b.kernelSize(3, 3).stride(2, 2).convolutionMode(ConvolutionMode.Same))),
                Named.of(
                        "mean of all",
                        pooling(
                                PoolingType.AVG,
                                b -> b.kernelSize(3, 3)
                                        .stride(2, 1)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .avgPoolIncludePadInDivisor(true))));
    }

    @ParameterizedTest
    @MethodSource("seconds")
    void behindAConvolutionOfColourImages(Layer second) {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.convolutional(SIDE, SIDE - 1, CHANNELS), first().clone(), second.clone(), output()),
                IMAGES);
    }

    @ParameterizedTest
    @MethodSource("seconds")
    void inFront(Layer second) {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.convolutional(SIDE, SIDE - 1, CHANNELS), second.clone(), first(), output()),
                IMAGES);
    }

    @Test
    void ofFlatFeatures() {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.convolutionalFlat(SIDE, SIDE - 1, CHANNELS),
                        first(),
                        pooling(
                                PoolingType.MAX,
                                b -> b.kernelSize(2, 2).stride(2, 2).convolutionMode(ConvolutionMode.Truncate)),
                        Networks.dense(0, 6),
                        output()),
                FLAT);
    }

    @Test
    void ofOneChannel() {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.convolutionalFlat(SIDE, SIDE, 1),
                        convolution(
                                5,
                                5,
                                32,
                                b -> b.convolutionMode(ConvolutionMode.Same).activation(Activation.RELU)),
                        pooling(PoolingType.MAX, b -> b.kernelSize(2, 2).stride(2, 2)),
                        convolution(
                                3,
                                3,
                                18,
                                b -> b.convolutionMode(ConvolutionMode.Same).activation(Activation.RELU)),
                        Networks.dense(0, 6),
                        output()),
                GREY);
    }

    /** FedProx and SCAFFOLD: their vectors lie in DL4J's order, a convolution's weights in another. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    void corrections(double l2) {
        Compared networks = Compared.of(
                Networks.sgd()
                        .l2(l2)
                        .list(first(), convolution(2, 3, 3, b -> b.convolutionMode(ConvolutionMode.Same)), output())
                        .setInputType(InputType.convolutional(SIDE, SIDE - 1, CHANNELS))
                        .build(),
                IMAGES);
        GradientCorrection correction = GradientCorrection.towards(
                        networks.start().plus(Compared.delta(networks.start(), 0.1, 5)), 0.7)
                .withConstant(Compared.delta(networks.start(), 0.1, 3));

        networks.assertSameSteps(4, 4, 0.1, correction, Compared.TOLERANCE);
    }

    /** With weights of zero all values are the bias: the gradient at the weights tells which place got it. */
    @Test
    void ofEqualValuesTheFirstGetsTheGradient() {
        Supplier<MultiLayerNetwork> network = () -> ImagePlans.network(
                InputType.convolutional(SIDE, SIDE - 1, CHANNELS),
                convolution(3, 3, 4, b -> b.weightInit(WeightInit.ZERO)),
                pooling(
                        PoolingType.MAX,
                        b -> b.kernelSize(3, 2).stride(2, 2).padding(1, 1).convolutionMode(ConvolutionMode.Truncate)),
                output());
        ImagePlans.assertSameStep(
                ImagePlans.byDl4j(network.get()), ImagePlans.byPlan(network.get(), IMAGES), IMAGES, 5);
    }

    @Test
    void whatIsNotCoveredSaysSo() {
        assertNotCovered(
                "pooling of type PNORM",
                pooling(PoolingType.PNORM, b -> b.kernelSize(2, 2).stride(1, 1).pnorm(2)));
        assertNotCovered("the activation softmax", convolution(2, 2, 3, b -> b.activation(Activation.SOFTMAX)));
    }

    private static void assertNotCovered(String what, Layer second) {
        NotCoveredException thrown = assertThrows(
                NotCoveredException.class,
                () -> PlanCompiler.compile(
                        MultiLayerAccess.isolated(ImagePlans.network(
                                InputType.convolutional(SIDE, SIDE - 1, CHANNELS), first(), second, output())),
                        IMAGES,
                        4));
        assertEquals(what, thrown.getMessage());
    }

    @Test
    void channelsLastAreNotCovered() {
        Layer layer = convolution(2, 2, 3, b -> b.dataFormat(CNN2DFormat.NHWC));
        NotCoveredException thrown = assertThrows(
                NotCoveredException.class,
                () -> PlanCompiler.compile(
                        MultiLayerAccess.isolated(ImagePlans.network(
                                InputType.convolutional(SIDE, SIDE - 1, CHANNELS, CNN2DFormat.NHWC), layer, output())),
                        Networks.classified(4, SIDE, SIDE - 1, CHANNELS),
                        4));
        assertEquals("images in the format NHWC", thrown.getMessage());
    }
}
