package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.nd4j.BatchTensors;
import org.fl4j.random.Seeds;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What the adapter does beyond the laws of every model: it trains as DL4J does and reads off networks what they are. */
class Dl4jModelTest {

    private static final double RATE = 0.05;
    private static final long SEED = 11;
    private static final LocalTraining HOW =
            LocalTraining.epochs(2).withBatchSize(10).withLearningRate(RATE);

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of("plain SGD", Networks.mlp(Networks.with(new Sgd(RATE)))),
                Arguments.of("DOUBLE", Networks.mlp(Networks.with(new Sgd(RATE)).dataType(DataType.DOUBLE))),
                Arguments.of(
                        "Adam, L2", Networks.mlp(Networks.with(new Adam(RATE)).l2(0.1))),
                Arguments.of("AdaGrad", Networks.mlp(Networks.with(new AdaGrad(RATE)))),
                Arguments.of("RmsProp", Networks.mlp(Networks.with(new RmsProp(RATE)))),
                Arguments.of(
                        "momentum, weight decay",
                        Networks.mlp(Networks.with(new Nesterovs(RATE, 0.9)).weightDecay(0.1))),
                Arguments.of(
                        "clipping",
                        Networks.mlp(Networks.with(new Sgd(RATE))
                                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                .gradientNormalizationThreshold(0.01))),
                Arguments.of(
                        "sum over the batch",
                        Networks.mlp(Networks.with(new Sgd(RATE)).miniBatch(false))),
                Arguments.of(
                        "dropout, BatchNorm",
                        Networks.stack(
                                Networks.with(new Adam(RATE)),
                                Networks.denseWithDropout(Networks.FEATURES, 5),
                                Networks.batchNorm(5),
                                Networks.softmax(5))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void trainsAsTheNetworkDoesByItself(String name, MultiLayerNetwork network) {
        MultiLayerNetwork alone = network.clone();
        Examples data = Networks.classified(23);
        MiniBatches batches = new MiniBatches(data.size(), HOW, SEED);
        Nd4j.getRandom().setSeed(Seeds.derive(SEED, "dropout"));
        try (BatchTensors batch =
                new BatchTensors(data, HOW.batchSize(), alone.params().dataType())) {
            while (batches.next()) {
                batch.load(batches);
                alone.fit(batch.features(), batch.labels());
            }
        }
        Dl4jModel model = Dl4jModel.of(network).withoutPlans();

        model.train(data, HOW, SEED);

        assertEquals(ModelWeights.copyOf(model.layout(), alone.params()), model.weights());
    }

    @Test
    void findsEveryParameterWhereTheNetworkHasIt() {
        for (MultiLayerNetwork network :
                List.of(Networks.convolutional(), withBatchNorm(true), Networks.mlp(Networks.sgd()))) {
            assertLayout(Dl4jModel.of(network), network.paramTable());
        }
        ComputationGraph graph = Networks.branched(Networks.sgd());
        assertLayout(Dl4jModel.of(graph), graph.paramTable());
    }

    @ParameterizedTest(name = "useLogStd {0}")
    @ValueSource(booleans = {true, false})
    void takesRunningMeansAndVariancesForStatistics(boolean useLogStd) {
        Dl4jModel model = Dl4jModel.of(withBatchNorm(useLogStd));

        assertEquals(List.of("1_mean", useLogStd ? "1_log10stdev" : "1_var"), statistics(model));
    }

    @Test
    void takesOnlyBatchNormOfAGraphForStatisticsWhateverTheNames() {
        assertEquals(
                List.of("a_norm_mean", "a_norm_log10stdev"),
                statistics(Dl4jModel.of(Networks.branched(Networks.sgd()))));
    }

    @Test
    void takesFrozenWeightsAndCentersForStatistics() {
        MultiLayerNetwork network = Networks.stack(
                Networks.sgd(),
                new FrozenLayer(Networks.dense(Networks.FEATURES, 5)),
                Networks.dense(5, 5),
                new FrozenLayerWithBackprop(Networks.dense(5, 5)),
                new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(5)
                        .nOut(Networks.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());

        assertEquals(List.of("0_W", "0_b", "2_W", "2_b", "3_cL"), statistics(Dl4jModel.of(network)));
    }

    /** Adam's bias correction counts iterations; DL4J keeps the count in the configuration. */
    @Test
    void twoModelsOfOneConfigurationDoNotCountEachOthersSteps() {
        MultiLayerNetwork network = Networks.mlp(Networks.with(new Adam()));
        MultiLayerNetwork twin = new MultiLayerNetwork(network.getLayerWiseConfigurations());
        twin.init(network.params(), true);
        Dl4jModel disturbing = Dl4jModel.of(twin).withoutPlans();
        Dl4jModel alone = Dl4jModel.of(Networks.mlp(Networks.with(new Adam()))).withoutPlans();
        network.setListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model trained, int iteration, int epoch) {
                disturbing.train(Networks.classified(10), HOW.withLearningRate(0.5), SEED);
            }
        });
        Dl4jModel disturbed = Dl4jModel.of(network).withoutPlans();
        alone.train(Networks.classified(30), HOW, SEED);
        disturbed.train(Networks.classified(30), HOW, SEED);
        assertEquals(alone.weights(), disturbed.weights());
    }

    @Test
    void keepsTheListenersOfTheNetwork() {
        MultiLayerNetwork network = Networks.mlp(Networks.sgd());
        List<Integer> iterations = new ArrayList<>();
        BaseTrainingListener listener = new BaseTrainingListener() {
            @Override
            public void iterationDone(Model trained, int iteration, int epoch) {
                iterations.add(iteration);
            }
        };
        network.setListeners(listener);
        Dl4jModel model = Dl4jModel.of(network);
        ModelDelta zero = ModelDelta.zero(model.layout());

        model.train(Networks.classified(23), HOW, GradientCorrection.constant(zero), SEED);

        assertEquals(List.of(listener), List.copyOf(network.getListeners()));
        assertEquals(6, iterations.size());
        model.train(Networks.classified(23), HOW, SEED);
        assertEquals(iterations.subList(0, 6), iterations.subList(6, 12));
    }

    @ParameterizedTest(name = "miniBatch({0})")
    @ValueSource(booleans = {true, false})
    void reportsLossesAnExampleWithoutRegularisation(boolean miniBatch) {
        Dl4jModel model = Dl4jModel.of(Networks.mlp(Networks.sgd().l2(0.5).miniBatch(miniBatch)));

        assertEquals(0, Networks.reportedLossLessEvaluated(model), 1e-6);
    }

    @Test
    void evaluatesARegressionByItsOutputLayersLoss() {
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd().l2(0.5), Networks.output(Networks.FEATURES, 2, LossFunction.MSE, Activation.IDENTITY)));
        model.load(ModelWeights.copyOf(model.layout(), new float[model.layout().length()]));
        Examples data = Networks.regression(300);

        Evaluation evaluation = model.evaluate(data);

        // The output is zero, so the squared error is the square of the targets; MSE takes the mean over the two.
        double squares = 0;
        float[] row = new float[2];
        for (int i = 0; i < data.size(); i++) {
            data.copyLabel(i, row, 0);
            squares += (row[0] * row[0] + row[1] * row[1]) / 2;
        }
        assertEquals(300, evaluation.examples());
        assertEquals(List.of(), evaluation.classes());
        assertEquals(squares / data.size(), evaluation.loss(), 1e-6);
    }

    @ParameterizedTest(name = "miniBatch({0})")
    @ValueSource(booleans = {true, false})
    void evaluatesClassesUnderAnotherLossByThatLoss(boolean miniBatch) {
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd().miniBatch(miniBatch),
                Networks.output(Networks.FEATURES, Networks.CLASSES, LossFunction.XENT, Activation.SIGMOID)));
        model.load(ModelWeights.copyOf(model.layout(), new float[model.layout().length()]));

        Evaluation evaluation = model.evaluate(Networks.classified(300));

        // Three outputs of 1/2 each; of equals the lowest class is predicted.
        assertEquals(3 * Math.log(2), evaluation.loss(), 1e-6);
        assertEquals(300, evaluation.classes().get(0).predicted());
    }

    /** Two steps of 0.1 over 20 examples. */
    @Test
    void saysWhetherItsStepsArePlainSgd() {
        assertEquals(OptionalDouble.of(0.2), stepSizes(Networks.mlp(Networks.sgd())));
        assertEquals(
                OptionalDouble.of(0.2),
                stepSizes(Networks.stack(
                        Networks.sgd().l2(0.01), Networks.dense(4, 6), Networks.batchNorm(6), Networks.softmax(6))));
        assertEquals(OptionalDouble.empty(), stepSizes(Networks.mlp(Networks.with(new Adam(0.1)))));
        assertEquals(OptionalDouble.empty(), stepSizes(Networks.mlp(Networks.with(new Nesterovs(0.1, 0.9)))));
        assertEquals(
                OptionalDouble.empty(), stepSizes(Networks.mlp(Networks.sgd().biasUpdater(new Adam(0.1)))));
        assertEquals(
                OptionalDouble.empty(),
                stepSizes(Networks.mlp(Networks.sgd().gradientNormalization(GradientNormalization.ClipL2PerLayer))));
        assertEquals(
                OptionalDouble.empty(), stepSizes(Networks.mlp(Networks.sgd().miniBatch(false))));
        assertEquals(
                OptionalDouble.empty(),
                stepSizes(Networks.mlp(Networks.sgd().constrainWeights(new MaxNormConstraint(0.1, 1)))));
    }

    private static OptionalDouble stepSizes(MultiLayerNetwork network) {
        LocalTraining how = LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1);
        return Dl4jModel.of(network).train(Networks.classified(20), how, 1).stepSizeSum();
    }

    @Test
    void refusesNetworksItCannotTrain() {
        assertRefused(
                "the network has no parameters yet; call init() on it first",
                () -> Dl4jModel.of(new MultiLayerNetwork(
                        Networks.sgd().list(Networks.softmax(4)).build())));
        assertRefused(
                "the network has no parameters yet; call init() on it first",
                () -> Dl4jModel.of(new ComputationGraph(Networks.sgd()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("out", Networks.softmax(4), "in")
                        .setOutputs("out")
                        .build())));
        assertRefused(
                "a graph must have one input and one output to train on Examples, but was 2 inputs and 1 outputs;"
                        + " use Dl4jBatchModel for others",
                () -> Dl4jModel.of(Networks.graph(Networks.sgd()
                        .graphBuilder()
                        .addInputs("left", "right")
                        .addVertex("both", new MergeVertex(), "left", "right")
                        .addLayer("out", Networks.softmax(4), "both")
                        .setOutputs("out")
                        .build())));
        assertRefused(
                "the network must train by one gradient step a mini-batch, with Standard back-propagation and"
                        + " STOCHASTIC_GRADIENT_DESCENT, but was Standard and LBFGS",
                () -> Dl4jModel.of(Networks.mlp(Networks.sgd().optimizationAlgo(OptimizationAlgorithm.LBFGS))));
        MultiLayerNetwork truncated = Networks.mlp(Networks.sgd());
        truncated.getLayerWiseConfigurations().setBackpropType(BackpropType.TruncatedBPTT);
        assertRefused(
                "the network must train by one gradient step a mini-batch, with Standard back-propagation and"
                        + " STOCHASTIC_GRADIENT_DESCENT, but was TruncatedBPTT and STOCHASTIC_GRADIENT_DESCENT",
                () -> Dl4jModel.of(truncated));
    }

    @Test
    void refusesWeightsOfAnotherNetwork() {
        Dl4jModel model = Dl4jModel.of(Networks.mlp(Networks.sgd()));
        Dl4jModel wider =
                Dl4jModel.of(Networks.stack(Networks.sgd(), Networks.dense(Networks.FEATURES, 6), Networks.softmax(6)));

        assertRefused(
                "weights of another model: parameter '0_W' has shape [4, 6] but the global model has [4, 5]",
                () -> model.load(wider.weights()));
    }

    private static MultiLayerNetwork withBatchNorm(boolean useLogStd) {
        return Networks.stack(
                Networks.sgd(),
                Networks.dense(Networks.FEATURES, 5),
                new BatchNormalization.Builder()
                        .nIn(5)
                        .nOut(5)
                        .useLogStd(useLogStd)
                        .build(),
                Networks.softmax(5));
    }

    private static void assertLayout(Dl4jModel model, Map<String, INDArray> parameters) {
        ModelWeights weights = model.weights();
        assertEquals(parameters.size(), model.layout().specs().size());
        parameters.forEach((name, values) -> assertEquals(values, weights.tensor(name), name));
    }

    private static List<String> statistics(Dl4jModel model) {
        return model.layout().specs().stream()
                .filter(spec -> spec.role() == ParameterSpec.Role.STATISTIC)
                .map(ParameterSpec::name)
                .toList();
    }

    private static void assertRefused(String message, Runnable refused) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, refused::run).getMessage());
    }
}
