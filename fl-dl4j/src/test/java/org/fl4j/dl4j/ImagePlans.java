package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/** The same network twice, by its plan and, with a listener, by DL4J. */
final class ImagePlans {

    private static final double TOLERANCE = 1e-5;

    /** A tensor that moves less than this share of all is rounding noise: biases in front of a batch normalisation. */
    private static final double NOISE = 1e-6;

    private ImagePlans() {}

    static MultiLayerNetwork network(InputType input, Layer... layers) {
        MultiLayerConfiguration configuration =
                Networks.sgd().list(layers).setInputType(input).build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    static Dl4jModel byDl4j(MultiLayerNetwork network) {
        network.setListeners(new BaseTrainingListener() {});
        return Dl4jModel.of(network);
    }

    static Dl4jModel byPlan(MultiLayerNetwork network, Examples data) {
        assertDoesNotThrow(() -> PlanCompiler.compile(MultiLayerAccess.isolated(network), data, 4));
        return Dl4jModel.of(network);
    }

    /** Steps from the weights that some steps of DL4J lead to, for biases and statistics that are not zero. */
    static void assertTrainsAsDl4j(Supplier<MultiLayerNetwork> network, Examples data) {
        Dl4jModel dl4j = byDl4j(network.get());
        Dl4jModel plan = byPlan(network.get(), data);
        dl4j.train(data, LocalTraining.steps(2).withBatchSize(5).withLearningRate(0.1), 3);
        assertSameStep(dl4j, plan, data, 1);
        assertSameStep(dl4j, plan, data, 7);
        plan.load(dl4j.weights());
        double loss = dl4j.evaluate(data).loss();
        assertEquals(loss, plan.evaluate(data).loss(), TOLERANCE * Math.abs(loss), "loss of the evaluation");
    }

    /** One step of a mini-batch of a size from DL4J's weights. */
    static void assertSameStep(Dl4jModel dl4j, Dl4jModel plan, Examples data, int batch) {
        ModelWeights before = dl4j.weights();
        plan.load(before);
        LocalTraining how = LocalTraining.steps(1).withBatchSize(batch).withLearningRate(0.1);
        LocalTraining.Report expected = dl4j.train(data, how, 11);
        LocalTraining.Report actual = plan.train(data, how, 11);
        assertEquals(expected.loss(), actual.loss(), TOLERANCE * Math.abs(expected.loss()), "loss");
        assertSameMoves(dl4j.displacementFrom(before), plan.displacementFrom(before), dl4j.layout());
    }

    private static void assertSameMoves(ModelDelta expected, ModelDelta actual, ParameterLayout layout) {
        double all = norm(expected, null, 0, layout.length());
        for (ParameterSpec spec : layout.specs()) {
            ParameterLayout.Span span = layout.span(spec.name());
            double moved = norm(expected, null, span.from(), span.to());
            double error = norm(expected, actual, span.from(), span.to());
            assertTrue(
                    error <= Math.max(TOLERANCE * moved, NOISE * all),
                    () -> spec.name() + ": moved " + moved + " of " + all + ", differs by " + error);
        }
    }

    private static double norm(ModelDelta a, ModelDelta b, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            double d = a.get(i) - (b == null ? 0 : b.get(i));
            sum += d * d;
        }
        return Math.sqrt(sum);
    }
}
