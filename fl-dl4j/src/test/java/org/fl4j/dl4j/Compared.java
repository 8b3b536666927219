package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * A network that trains by a plan beside the same one that trains by DL4J, which a training listener makes it do. Both
 * begin at the same weights; what is compared are losses and, a parameter tensor at a time, displacements.
 */
final class Compared {

    /** Of a displacement, relative to its Euclidean norm in a tensor. */
    static final double TOLERANCE = 1e-5;

    private final Dl4jModel byPlan;
    private final Dl4jModel byDl4j;
    private final Examples data;
    private final ModelWeights start;

    private Compared(NetworkAccess access, Dl4jModel byPlan, Dl4jModel byDl4j, Examples data) {
        assertDoesNotThrow(() -> PlanCompiler.compile(access, data, 4), "trains by a plan");
        this.byPlan = byPlan;
        this.byDl4j = byDl4j;
        this.data = data;
        this.start = weights(byPlan.weights(), 1);
    }

    static Compared of(MultiLayerConfiguration configuration, Examples data) {
        MultiLayerNetwork listened = network(configuration);
        listened.setListeners(new BaseTrainingListener() {});
        return new Compared(
                MultiLayerAccess.isolated(network(configuration)),
                Dl4jModel.of(network(configuration)),
                Dl4jModel.of(listened),
                data);
    }

    static Compared of(ComputationGraphConfiguration configuration, Examples data) {
        ComputationGraph listened = graph(configuration);
        listened.setListeners(new BaseTrainingListener() {});
        return new Compared(
                GraphAccess.isolated(graph(configuration)),
                Dl4jModel.of(graph(configuration)),
                Dl4jModel.of(listened),
                data);
    }

    static void assertNotCovered(String what, MultiLayerConfiguration configuration, Examples data) {
        NotCoveredException e = assertThrows(
                NotCoveredException.class,
                () -> PlanCompiler.compile(MultiLayerAccess.isolated(network(configuration)), data, 4));
        assertEquals(what, e.getMessage());
    }

    private static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
        network.init();
        return network;
    }

    private static ComputationGraph graph(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = new ComputationGraph(configuration.clone());
        graph.init();
        return graph;
    }

    /** The network's weights with something added to all of them, so that no bias is zero. */
    private static ModelWeights weights(ModelWeights initial, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[initial.layout().length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (initial.get(i) + 0.2 * random.nextDouble() - 0.1);
        }
        return ModelWeights.copyOf(initial.layout(), values);
    }

    ModelWeights start() {
        return start;
    }

    /** Uniform values of up to a size. */
    static ModelDelta delta(ModelWeights at, double size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = random.doubles(at.layout().length(), -size, size).toArray();
        return ModelDelta.scaled(at.layout(), values, 0, 1);
    }

    void assertSameSteps(int steps, int batchSize, double rate) {
        assertSameSteps(steps, batchSize, rate, GradientCorrection.none(), TOLERANCE);
    }

    /** Trains both for some steps from {@link #start}. */
    void assertSameSteps(int steps, int batchSize, double rate, GradientCorrection correction, double tolerance) {
        LocalTraining how = LocalTraining.steps(steps).withBatchSize(batchSize).withLearningRate(rate);
        assertSame(how, start, correction, tolerance);
    }

    /** Single steps, each from where the one before led by DL4J: small differences do not add up. */
    void assertSameAlongTrajectory(int points, int batchSize, double rate) {
        ModelWeights at = start;
        for (int i = 0; i < points; i++) {
            LocalTraining how = LocalTraining.steps(1).withBatchSize(batchSize).withLearningRate(rate);
            assertSame(how, at, GradientCorrection.none(), TOLERANCE);
            at = byDl4j.weights();
        }
    }

    void assertSame(LocalTraining how, ModelWeights from, GradientCorrection correction, double tolerance) {
        byPlan.load(from);
        byDl4j.load(from);
        LocalTraining.Report mine = byPlan.train(data, how, correction, 7);
        LocalTraining.Report theirs = byDl4j.train(data, how, correction, 7);

        assertEquals(theirs.loss(), mine.loss(), 1e-5 * Math.abs(theirs.loss()), "loss");
        assertEquals(theirs.steps(), mine.steps());
        assertEquals(theirs.stepSizeSum(), mine.stepSizeSum());
        assertSameDisplacements(from, tolerance);
    }

    private void assertSameDisplacements(ModelWeights from, double tolerance) {
        ModelDelta mine = byPlan.displacementFrom(from);
        ModelDelta theirs = byDl4j.displacementFrom(from);
        List<String> differing = new ArrayList<>();
        for (ParameterSpec tensor : from.layout().specs()) {
            double error = 0;
            double norm = 0;
            ParameterLayout.Span span = from.layout().span(tensor.name());
            for (int i = span.from(); i < span.to(); i++) {
                error += Math.pow(mine.get(i) - theirs.get(i), 2);
                norm += Math.pow(theirs.get(i), 2);
            }
            assertTrue(norm > 0, tensor.name() + " moves");
            if (!(Math.sqrt(error / norm) <= tolerance)) {
                differing.add(tensor.name() + ": " + Math.sqrt(error / norm));
            }
        }
        assertEquals(List.of(), differing, "relative errors above " + tolerance);
    }

    /** One step of one example from such weights. */
    void assertSameValueByValue(float[] weights, double rate, double tolerance) {
        ModelWeights from = ModelWeights.copyOf(start.layout(), weights);
        LocalTraining how = LocalTraining.steps(1).withBatchSize(1).withLearningRate(rate);
        byPlan.load(from);
        byDl4j.load(from);
        byPlan.train(data, how, 7);
        byDl4j.train(data, how, 7);
        ModelDelta mine = byPlan.displacementFrom(from);
        ModelDelta theirs = byDl4j.displacementFrom(from);
        for (int i = 0; i < weights.length; i++) {
            String where = from.layout().at(i).name() + " at " + weights[i] + ", number " + i;
            assertEquals(theirs.get(i), mine.get(i), tolerance * Math.max(1, Math.abs(theirs.get(i))), where);
        }
    }

    void assertSameEvaluation() {
        byPlan.load(start);
        byDl4j.load(start);
        double theirs = byDl4j.evaluate(data).loss();

        assertEquals(theirs, byPlan.evaluate(data).loss(), 1e-5 * Math.abs(theirs));
        assertEquals(byDl4j.evaluate(data).accuracy(), byPlan.evaluate(data).accuracy());
    }
}
