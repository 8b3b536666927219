package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Models of networks that were built from one configuration object are as independent as those of two. */
class OneConfigurationTest {

    private static final LocalTraining ONE_STEP =
            LocalTraining.steps(1).withBatchSize(10).withLearningRate(0.05);
    private static final long SEED = 11;
    private static final int STEPS = 3;

    static Stream<Arguments> layers() {
        return Stream.of(
                layer("LastTimeStep", () -> new LastTimeStep(lstm(new GaussianDropout(0.5)))),
                layer("Bidirectional", () -> new Bidirectional(lstm(new AlphaDropout(0.5)))),
                layer(
                        "TimeDistributed",
                        () -> new TimeDistributed(
                                new DenseLayer.Builder().nOut(3).dropOut(0.5).build())),
                layer(
                        "MaskZeroLayer",
                        () -> new MaskZeroLayer.Builder()
                                .setUnderlying(
                                        new LSTM.Builder().nOut(3).dropOut(0.5).build())
                                .setMaskValue(-5)
                                .build()),
                layer(
                        "weight noise in a wrapper's wrapper",
                        () -> new LastTimeStep(new Bidirectional(new SimpleRnn.Builder()
                                .nOut(3)
                                .weightNoise(new DropConnect(0.5))
                                .build()))),
                layer(
                        "SelfAttentionLayer",
                        () -> new SelfAttentionLayer.Builder()
                                .nOut(4)
                                .nHeads(1)
                                .projectInput(true)
                                .build()),
                layer(
                        "RecurrentAttentionLayer",
                        () -> new RecurrentAttentionLayer.Builder()
                                .nOut(4)
                                .nHeads(1)
                                .projectInput(true)
                                .build()),
                layer(
                        "LocallyConnected1D",
                        () -> new LocallyConnected1D.Builder()
                                .kernelSize(1)
                                .nOut(3)
                                .build()));
    }

    private static Arguments layer(String name, Supplier<Layer> layer) {
        return Arguments.of(Named.of(name, layer));
    }

    /** Between the forward and the backward pass of one, the other trains on another thread, at another rate. */
    @ParameterizedTest
    @MethodSource("layers")
    void networksDoNotTrainWithEachOthersDropoutAndRates(Supplier<Layer> layer) {
        MultiLayerConfiguration shared = stack(layer);
        Dl4jModel disturbing = Dl4jModel.of(network(shared));
        MultiLayerNetwork network = network(shared);
        network.setListeners(disturbance(disturbing, data(layer)));

        assertTrainsAs(Dl4jModel.of(network(stack(layer))), Dl4jModel.of(network), data(layer));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void graphsDoNotTrainWithEachOthersDropoutAndRates(Supplier<Layer> layer) {
        ComputationGraphConfiguration shared = chain(layer);
        Dl4jModel disturbing = Dl4jModel.of(Networks.graph(shared));
        ComputationGraph graph = Networks.graph(shared);
        graph.setListeners(disturbance(disturbing, data(layer)));

        assertTrainsAs(Dl4jModel.of(Networks.graph(chain(layer))), Dl4jModel.of(graph), data(layer));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void modelsHaveNothingThatChangesInCommon(Supplier<Layer> layer) {
        MultiLayerConfiguration stack = stack(layer);
        ComputationGraphConfiguration chain = chain(layer);
        Set<Object> known = MutableObjects.reachableFrom(stack, chain);
        assertTrue(known.size() > 20, () -> "found only " + known);

        for (Dl4jModel model : List.of(
                Dl4jModel.of(network(stack)),
                Dl4jModel.of(network(stack)),
                Dl4jModel.of(Networks.graph(chain)),
                Dl4jModel.of(Networks.graph(chain)))) {
            Set<Object> own = Collections.newSetFromMap(new IdentityHashMap<>());
            own.addAll(model.exclusiveState());
            own.retainAll(known);
            assertEquals(0, own.size(), () -> "in common: " + own);
            known.addAll(model.exclusiveState());
        }
    }

    /** What two configurations have in common by DL4J's own making must not be taken for sharing. */
    @ParameterizedTest
    @MethodSource("layers")
    void aPoolLendsNetworksThatItCannotCopyIfTheirConfigurationsDiffer(Supplier<Layer> layer) {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> Dl4jModel.of(Networks.subclass(stack(layer))));

        assertEquals(models.initialWeights(), models.with(one -> models.with(Dl4jModel::weights)));
    }

    @Test
    void aPoolRefusesNetworksThatItCannotCopyOverOneConfiguration() {
        MultiLayerConfiguration shared = stack(() -> new LastTimeStep(lstm(new GaussianDropout(0.5))));
        ModelPool<Dl4jModel> models = ModelPool.of(() -> Dl4jModel.of(Networks.subclass(shared)));

        IllegalStateException refusal =
                assertThrows(IllegalStateException.class, () -> models.with(one -> models.with(Dl4jModel::weights)));

        assertTrue(refusal.getMessage().contains("two models that share one "), refusal.getMessage());
    }

    private static void assertTrainsAs(Dl4jModel alone, Dl4jModel disturbed, Examples data) {
        for (int step = 0; step < STEPS; step++) {
            alone.train(data, ONE_STEP, SEED + step);
            disturbed.train(data, ONE_STEP, SEED + step);
            assertEquals(alone.weights(), disturbed.weights());
        }
    }

    private static TrainingListener disturbance(Dl4jModel disturbing, Examples data) {
        return new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model trained, List<INDArray> activations) {
                disturb();
            }

            @Override
            public void onForwardPass(Model trained, Map<String, INDArray> activations) {
                disturb();
            }

            private void disturb() {
                CompletableFuture.runAsync(() -> disturbing.train(data, ONE_STEP.withLearningRate(0.5), SEED + 1))
                        .join();
            }
        };
    }

    /** Sequences with a target at every step, or one in all behind a LastTimeStep. */
    private static Examples data(Supplier<Layer> layer) {
        return layer.get() instanceof LastTimeStep ? Networks.labelledSequences(10) : Networks.sequences(10);
    }

    private static LSTM lstm(IDropout dropout) {
        return new LSTM.Builder().nOut(3).dropOut(dropout).build();
    }

    private static Layer output(Layer below) {
        return below instanceof LastTimeStep
                ? new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build()
                : new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build();
    }

    private static MultiLayerConfiguration stack(Supplier<Layer> layer) {
        Layer first = layer.get();
        return Networks.sgd()
                .list(first, output(first))
                .setInputType(InputType.recurrent(Networks.FEATURES, 3))
                .build();
    }

    private static ComputationGraphConfiguration chain(Supplier<Layer> layer) {
        Layer first = layer.get();
        return Networks.sgd()
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", first, "in")
                .addLayer("out", output(first), "first")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(Networks.FEATURES, 3))
                .build();
    }

    private static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }
}
