package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.Serializable;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** A model's copy of a configuration is complete, and what cannot be copied is refused. */
class SerialCopyTest {

    private static final LocalTraining HOW =
            LocalTraining.epochs(2).withBatchSize(10).withLearningRate(0.05);

    /** Scales by a field that Jackson does not see. */
    static class Scaled extends BaseActivationFunction {

        private static final long serialVersionUID = 1;

        private final double factor;

        Scaled(double factor) {
            this.factor = factor;
        }

        double factor() {
            return factor;
        }

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.muli(factor);
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon.muli(factor), null);
        }
    }

    /** Holds what nobody can write. */
    static final class WithAThread extends Scaled {

        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial") // That it is not is the point.
        private final Thread thread = new Thread(() -> {});

        WithAThread() {
            super(1);
        }

        Thread thread() {
            return thread;
        }
    }

    @Test
    void settingsAndCurrentWeightsSurvive() {
        DenseLayer momentum = Networks.dense(Networks.FEATURES, 5);
        momentum.setIUpdater(new Nesterovs(
                new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.3)),
                new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.9, 4, 0.1))));
        MultiLayerNetwork network = Networks.stack(
                Networks.with(new Adam(0.1, 0.8, 0.9, 1e-4))
                        .biasUpdater(new RmsProp(0.2))
                        .l2(0.01),
                momentum,
                new FrozenLayer(Networks.dense(5, 5)),
                new DenseLayer.Builder()
                        .nIn(5)
                        .nOut(5)
                        .activation(new Scaled(3))
                        .build(),
                new OutputLayer.Builder(new LossMCXENT(Nd4j.createFromArray(1f, 2f, 10f)))
                        .nIn(5)
                        .nOut(Networks.CLASSES)
                        .activation(new ActivationSoftmax())
                        .build());
        network.params().muli(0.75);
        Object before = network.getLayerWiseConfigurations();

        Object copy = SerialCopy.of(before);

        assertNotSame(before, copy);
        assertEquals(before.toString(), copy.toString());
        Dl4jModel model = Dl4jModel.of(network);
        assertEquals(ModelWeights.copyOf(model.layout(), network.params()), model.weights());
        assertEquals(
                List.of("1_W", "1_b"),
                model.layout().specs().stream()
                        .filter(spec -> spec.role() == ParameterSpec.Role.STATISTIC)
                        .map(ParameterSpec::name)
                        .toList());
    }

    @Test
    void anActivationOfTheUsersOwnWorksAsBefore() {
        Examples data = Networks.classified(20);
        Dl4jModel scaled = Dl4jModel.of(scaledBy(3));
        Dl4jModel unscaled = Dl4jModel.of(scaledBy(1));

        scaled.train(data, HOW, 1);
        unscaled.train(data, HOW, 1);

        Dl4jModel notCopied = Dl4jModel.of(Networks.subclass(scaledBy(3).getLayerWiseConfigurations()));
        notCopied.train(data, HOW, 1);
        assertEquals(notCopied.weights(), scaled.weights());
        assertNotEquals(unscaled.weights(), scaled.weights());
    }

    @Test
    void whatIsNotSerializableIsRefused() {
        MultiLayerNetwork network = Networks.stack(
                Networks.sgd(),
                new LastTimeStep(new Bidirectional(new LSTM.Builder()
                        .nIn(Networks.FEATURES)
                        .nOut(3)
                        .activation(new WithAThread())
                        .build())),
                Networks.softmax(6));

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> Dl4jModel.of(network));

        assertEquals(
                "a model needs settings of its own, as learning rates, counts and dropout masks are kept in them, but the"
                        + " MultiLayerConfiguration cannot be copied: class java.lang.Thread is not Serializable; layers,"
                        + " activations, losses, updaters and whatever they refer to must be Serializable",
                refusal.getMessage());
    }

    /** Neither the library's loader nor the thread's could find such a class by its name. */
    @Test
    void classesOfAnotherLoaderAreCopiedWithoutLookingThemUp() throws Exception {
        URL classes = Own.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
            Class<?> foreign = loader.loadClass(Own.class.getName());
            Object original = foreign.getDeclaredConstructor().newInstance();

            Object copy = SerialCopy.of(List.of(original, new Own())).get(0);

            assertSame(foreign, copy.getClass());
            assertNotSame(original, copy);
        }
    }

    /** Without a superclass of DL4J's: the other loader has only this. */
    public static final class Own implements Serializable {

        private static final long serialVersionUID = 1;

        /** For the loader. */
        public Own() {}
    }

    private static MultiLayerNetwork scaledBy(double factor) {
        return Networks.stack(
                Networks.sgd(),
                new DenseLayer.Builder()
                        .nIn(Networks.FEATURES)
                        .nOut(5)
                        .activation(new Scaled(factor))
                        .build(),
                Networks.softmax(5));
    }
}
