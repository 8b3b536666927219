package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.nd4j.BatchTensors;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.listeners.BaseListener;
import org.nd4j.autodiff.listeners.Operation;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** What the adapter does beyond the laws of every model: it trains as SameDiff does and names what does not fit. */
class SameDiffModelTest {

    private static final double RATE = 0.05;
    private static final long SEED = 11;
    private static final LocalTraining HOW =
            LocalTraining.epochs(2).withBatchSize(10).withLearningRate(RATE);

    static Stream<Arguments> twins() {
        return Stream.of(
                twins("plain SGD", () -> Graphs.mlp(DataType.FLOAT, new Sgd(RATE))),
                twins("DOUBLE, Adam", () -> Graphs.mlp(DataType.DOUBLE, new Adam(RATE))),
                twins("AdaGrad, L1", () -> Graphs.mlp(DataType.FLOAT, new AdaGrad(RATE), new L1Regularization(0.01))),
                twins(
                        "momentum, L2, weight decay",
                        () -> Graphs.mlp(
                                DataType.FLOAT,
                                new Nesterovs(RATE, 0.9),
                                new L2Regularization(0.1),
                                new WeightDecay(0.1, true))));
    }

    private static Arguments twins(String name, Supplier<SameDiff> graph) {
        return Arguments.of(name, graph.get(), graph.get());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twins")
    void trainsAsTheGraphDoesByItself(String name, SameDiff alone, SameDiff graph) {
        SameDiffModel model = Graphs.model(graph);
        Examples data = Networks.classified(23);
        MiniBatches batches = new MiniBatches(data.size(), HOW, SEED);
        try (BatchTensors batch =
                new BatchTensors(data, HOW.batchSize(), model.layout().dtype())) {
            while (batches.next()) {
                batch.load(batches);
                alone.fit(new DataSet(batch.features(), batch.labels()));
            }
        }

        model.train(data, HOW, SEED);

        ModelWeights expected = ModelWeights.gather(
                model.layout(), parameter -> alone.getVariable(parameter).getArr());
        assertEquals(expected, model.weights());
    }

    @Test
    void saysWhetherItsStepsArePlainSgd() {
        LocalTraining how = LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1);

        assertEquals(
                OptionalDouble.of(0.2),
                Graphs.model(Graphs.mlp(DataType.FLOAT, new Sgd(1)))
                        .train(Networks.classified(20), how, 1)
                        .stepSizeSum());
        assertEquals(
                OptionalDouble.empty(),
                Graphs.model(Graphs.mlp(DataType.FLOAT, new Adam(1)))
                        .train(Networks.classified(20), how, 1)
                        .stepSizeSum());
    }

    @Test
    void takesVariablesInTheOrderOfTheirNames() {
        SameDiffModel model =
                SameDiffModel.of(Graphs.mlp(DataType.FLOAT, new Sgd()), Graphs.NAMES.withStatistics("b0"));

        assertEquals(
                new ParameterLayout(
                        DataType.FLOAT,
                        List.of(
                                ParameterSpec.trainable("W0", 4, 5),
                                ParameterSpec.trainable("W1", 5, 3),
                                ParameterSpec.statistic("b0", 5),
                                ParameterSpec.trainable("b1", 3))),
                model.layout());
    }

    @Test
    void reportsTheMeanLossWithoutRegularisation() {
        SameDiffModel model = Graphs.model(Graphs.mlp(DataType.FLOAT, new Sgd(), new L2Regularization(0.5)));

        assertEquals(0, Networks.reportedLossLessEvaluated(model), 1e-6);
    }

    @Test
    void evaluatesTheLossAloneWithoutScores() {
        SameDiff graph = Graphs.mlp(DataType.FLOAT, new Sgd());
        SameDiffModel model = SameDiffModel.of(graph, SameDiffModel.Names.of("input", "labels", "loss"));
        model.load(ModelWeights.copyOf(model.layout(), new float[model.layout().length()]));

        Evaluation evaluation = model.evaluate(Networks.classified(300));

        assertEquals(300, evaluation.examples());
        assertEquals(Math.log(3), evaluation.loss(), 1e-6);
        assertEquals(List.of(), evaluation.classes());
    }

    /** Why the adapter does not train by fit: the gradient is gone when a listener is asked. */
    @Test
    void cannotUsePreUpdateOfSameDiffsListenersAsItComesAfterTheUpdater() {
        SameDiff graph = Graphs.mlp(DataType.FLOAT, new Sgd(RATE));
        DataSet data = new DataSet(
                Nd4j.ones(DataType.FLOAT, 2, 4), Nd4j.ones(DataType.FLOAT, 2, 3).divi(3));
        INDArray gradient = graph.calculateGradients(
                        Map.of("input", data.getFeatures(), "labels", data.getLabels()), "W1")
                .get("W1");
        List<INDArray> shown = new ArrayList<>();
        graph.setListeners(new BaseListener() {
            @Override
            public boolean isActive(Operation operation) {
                return true;
            }

            @Override
            public void preUpdate(SameDiff sd, At at, Variable variable, INDArray update) {
                if (variable.getName().equals("W1")) {
                    shown.add(update.dup());
                }
            }
        });

        graph.fit(data);

        assertEquals(List.of(gradient.mul(RATE)), shown);
    }

    @Test
    void refusesGraphsItCannotTrain() {
        SameDiff bare = SameDiff.create();
        assertRefused(
                "the graph must have a training configuration that minimises;"
                        + " call setTrainingConfig with an updater on it first",
                () -> Graphs.model(bare));
        SameDiff graph = Graphs.mlp(DataType.FLOAT, new Sgd());
        assertRefused(
                "the graph has no placeholder 'in'; its inputs are [input, labels]",
                () -> SameDiffModel.of(graph, SameDiffModel.Names.of("in", "labels", "loss")));
        assertRefused(
                "the graph has no variable 'cost'; there are [W0, W1, add, b0, b1, input, labels, logits, loss, matmul,"
                        + " matmul_1, sd_var, tanh]",
                () -> SameDiffModel.of(graph, SameDiffModel.Names.of("input", "labels", "cost")));
        assertRefused(
                "the graph has these variables of type VARIABLE: [W0, W1, b0, b1]."
                        + " Named as statistics but none of them: [mean]",
                () -> SameDiffModel.of(graph, Graphs.NAMES.withStatistics("mean", "b0")));
        SameDiff loose = Graphs.mlp(DataType.FLOAT, new Sgd());
        loose.var("unused", Nd4j.ones(DataType.FLOAT, 2));
        assertRefused(
                "the loss 'loss' does not depend on variable 'unused'; name it as a statistic or make it a constant",
                () -> Graphs.model(loose));
        SameDiff mixed = Graphs.mlp(DataType.FLOAT, new Sgd());
        mixed.var("wide", Nd4j.ones(DataType.DOUBLE, 2));
        assertRefused(
                "parameters, features and labels must have one dtype, here FLOAT, but was 'wide' is DOUBLE",
                () -> Graphs.model(mixed));
    }

    @Test
    void refusesALossForEachExample() {
        SameDiff graph = SameDiff.create();
        SDVariable input = graph.placeHolder("input", DataType.FLOAT, -1, 2);
        SDVariable labels = graph.placeHolder("labels", DataType.FLOAT, -1, 2);
        SDVariable weights = graph.var("W", Nd4j.ones(DataType.FLOAT, 2));
        graph.math.square("loss", input.mul(weights).sub(labels));
        graph.setTrainingConfig(TrainingConfig.builder()
                .updater(new Sgd())
                .dataSetFeatureMapping("input")
                .dataSetLabelMapping("labels")
                .build());
        SameDiffModel model = SameDiffModel.of(graph, SameDiffModel.Names.of("input", "labels", "loss"));

        assertRefused(
                "the loss 'loss' must be a scalar, the mean over the mini-batch. Its shape is [5, 2]",
                () -> model.evaluate(
                        Examples.withTargets(new float[10], new long[] {2}, new float[10], new long[] {2})));
    }

    @Test
    void refusesDataOfAnotherShape() {
        SameDiffModel model = Graphs.model(Graphs.mlp(DataType.FLOAT, new Sgd()));

        assertRefused(
                "client data have features [5] but placeholder 'input' is [-1, 4]",
                () -> model.train(Networks.classified(3, 5), HOW, SEED));
        assertRefused(
                "client data have labels [2] but placeholder 'labels' is [-1, 3]",
                () -> model.evaluate(Networks.regression(3)));
    }

    private static void assertRefused(String message, Runnable refused) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, refused::run).getMessage());
    }
}
