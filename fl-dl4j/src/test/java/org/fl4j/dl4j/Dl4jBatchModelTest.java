package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.GradientModelContract;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class Dl4jBatchModelTest {

    private static final int TIME = 5;
    private static final LocalTraining ONE_STEP =
            LocalTraining.steps(1).withBatchSize(64).withLearningRate(0.5);

    /** Networks as everybody has them, by batches. */
    @Nested
    class Contract extends GradientModelContract<BatchSource> {

        @Override
        protected Dl4jBatchModel model() {
            return Dl4jBatchModel.of(Networks.mlp(Networks.sgd()));
        }

        @Override
        protected BatchSource data(int examples) {
            Random random = new Random(7);
            INDArray features = Nd4j.create(examples, Networks.FEATURES);
            INDArray labels = Nd4j.create(examples, Networks.CLASSES);
            for (int i = 0; i < examples; i++) {
                for (int j = 0; j < Networks.FEATURES; j++) {
                    features.putScalar(i, j, random.nextGaussian());
                }
                labels.putScalar(i, random.nextInt(Networks.CLASSES), 1);
            }
            return BatchSource.of(new DataSet(features, labels));
        }

        @Override
        protected int classes() {
            return Networks.CLASSES;
        }

        @Override
        protected StatisticsSpec statistics() {
            return StatisticsSpec.forMetrics(Metric.ROC_AUC, Metric.CALIBRATION_ERROR);
        }
    }

    /** Sequences with masks beside a vector, and two outputs. */
    @Nested
    class ContractOfSequences extends GradientModelContract<BatchSource> {

        @Override
        protected Dl4jBatchModel model() {
            return Dl4jBatchModel.of(twoInputsAndOutputs());
        }

        @Override
        protected BatchSource data(int examples) {
            return BatchSource.of(sequencesBesideVectors(examples, 3));
        }

        @Override
        protected StatisticsSpec statistics() {
            return Metric.PERPLEXITY.needs();
        }

        @Test
        void countsTheStepsThatAreKept() {
            Evaluation steps = model().evaluate(data(30), statistics());
            assertEquals(30, steps.examples());
            assertEquals(
                    sequencesBesideVectors(30, 3)
                            .getLabelsMaskArray(0)
                            .sumNumber()
                            .longValue(),
                    steps.classes().stream()
                            .mapToLong(Evaluation.ClassCounts::examples)
                            .sum());
        }
    }

    private static ComputationGraph twoInputsAndOutputs() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("visits", "person")
                .addLayer("lstm", new LSTM.Builder().nIn(2).nOut(3).build(), "visits")
                .addLayer(
                        "next",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .addLayer("dense", new DenseLayer.Builder().nIn(2).nOut(2).build(), "person")
                .addVertex("both", new MergeVertex(), "dense", "person")
                .addLayer(
                        "age",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nIn(4)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "both")
                .setOutputs("next", "age")
                .setInputTypes(InputType.recurrent(2), InputType.feedForward(2))
                .build());
        graph.init();
        return graph;
    }

    private static MultiDataSet sequencesBesideVectors(int examples, long seed) {
        Random random = new Random(seed);
        INDArray visits = Nd4j.create(examples, 2, TIME);
        INDArray next = Nd4j.create(examples, 2, TIME);
        INDArray mask = Nd4j.create(examples, TIME);
        INDArray person = Nd4j.create(examples, 2);
        INDArray age = Nd4j.create(examples, 1);
        for (int i = 0; i < examples; i++) {
            int length = 1 + random.nextInt(TIME);
            for (int t = 0; t < length; t++) {
                visits.putScalar(new int[] {i, 0, t}, random.nextGaussian());
                visits.putScalar(new int[] {i, 1, t}, random.nextGaussian());
                next.putScalar(new int[] {i, random.nextInt(2), t}, 1);
                mask.putScalar(i, t, 1);
            }
            person.putScalar(i, 0, random.nextGaussian());
            person.putScalar(i, 1, random.nextGaussian());
            age.putScalar(i, 0, random.nextGaussian());
        }
        return new MultiDataSet(
                new INDArray[] {visits, person},
                new INDArray[] {next, age},
                new INDArray[] {mask, null},
                new INDArray[] {mask.dup(), null});
    }

    /** A softmax of its input: the loss of each step is known. */
    private static MultiLayerNetwork identity() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Sgd(1))
                .weightInit(WeightInit.IDENTITY)
                .list()
                .layer(new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(2)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(2))
                .build());
        network.init();
        return network;
    }

    private static double minusLogSoftmax(double right, double wrong) {
        return Math.log1p(Math.exp(wrong - right));
    }

    /** Two sequences of three and of one step: four rows, of which the classes of the first and the last are told. */
    @Test
    void theLossOfMaskedSequencesIsThatByHand() {
        float[][][] inputs = {{{2, -1, 0.5f}, {0, 1, 3}}, {{-1, 99, 99}, {1, -99, 7}}};
        float[][][] labels = {{{1, 1, 1}, {0, 0, 0}}, {{0, 1, 1}, {1, 0, 0}}};
        INDArray mask = Nd4j.create(new float[][] {{1, 1, 1}, {1, 0, 0}});
        DataSet data = new DataSet(Nd4j.create(inputs), Nd4j.create(labels), mask, mask.dup());
        Dl4jBatchModel model = Dl4jBatchModel.of(identity());
        double sum = minusLogSoftmax(2, 0) + minusLogSoftmax(-1, 1) + minusLogSoftmax(0.5, 3) + minusLogSoftmax(1, -1);

        Evaluation evaluation = model.evaluate(BatchSource.of(data));
        assertEquals(2, evaluation.examples());
        assertEquals(sum / 2, evaluation.loss(), 1e-6);
        Evaluation steps = model.evaluate(BatchSource.of(data), Metric.PERPLEXITY.needs());
        assertEquals(Math.exp(sum / 4), Metric.PERPLEXITY.of(steps).orElseThrow(), 1e-5, "a step that is not masked");
        LocalTraining.Report report = model.train(BatchSource.of(data), ONE_STEP, 1);
        assertEquals(sum / 2, report.loss(), 1e-6);
        assertEquals(2, report.examples());
    }

    /** Padding changes nothing: the step of a batch is the mean of the steps of its sequences alone, each as long as it is. */
    @Test
    void paddingIsNotTrainedOn() {
        MultiDataSet all = sequencesBesideVectors(6, 9);
        Dl4jBatchModel model = Dl4jBatchModel.of(twoInputsAndOutputs());
        ModelWeights start = model.weights();
        model.train(BatchSource.of(all), ONE_STEP, 1);
        ModelWeights together = model.weights();
        double[] mean = new double[start.layout().length()];
        for (int i = 0; i < 6; i++) {
            model.load(start);
            model.train(BatchSource.of(alone(all, i)), ONE_STEP, 1);
            for (int j = 0; j < mean.length; j++) {
                mean[j] += (model.weights().get(j) - start.get(j)) / 6;
            }
        }
        for (int j = 0; j < mean.length; j++) {
            assertEquals(start.get(j) + mean[j], together.get(j), 1e-5, "coordinate " + j);
        }
    }

    private static MultiDataSet alone(MultiDataSet all, int i) {
        INDArray mask = all.getFeaturesMaskArray(0);
        long length = mask.getRow(i).sumNumber().longValue();
        return new MultiDataSet(
                new INDArray[] {
                    all.getFeatures(0)
                            .get(NDArrayIndex.interval(i, i + 1), NDArrayIndex.all(), NDArrayIndex.interval(0, length))
                            .dup(),
                    all.getFeatures(1).get(NDArrayIndex.interval(i, i + 1)).dup()
                },
                new INDArray[] {
                    all.getLabels(0)
                            .get(NDArrayIndex.interval(i, i + 1), NDArrayIndex.all(), NDArrayIndex.interval(0, length))
                            .dup(),
                    all.getLabels(1).get(NDArrayIndex.interval(i, i + 1)).dup()
                });
    }

    /** What DL4J does with the same batch, to the last bit. */
    @Test
    void severalInputsAndOutputsTrainAsByDl4j() {
        MultiDataSet all = sequencesBesideVectors(6, 2);
        Dl4jBatchModel model = Dl4jBatchModel.of(twoInputsAndOutputs());
        model.train(BatchSource.of(6, (size, seed) -> new Once(all)), ONE_STEP.withLearningRate(1), 1);
        ComputationGraph theirs = twoInputsAndOutputs();
        theirs.fit(all);
        assertEquals(Dl4jBatchModel.of(theirs).weights(), model.weights());
        assertThrows(IllegalArgumentException.class, () -> Dl4jModel.of(twoInputsAndOutputs()));
    }

    /** An iterator over one mini-batch. */
    private static final class Once extends org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator {

        private static final long serialVersionUID = 1;

        Once(MultiDataSet only) {
            super(only);
        }
    }

    @Test
    void agreesWithTheModelOverExamples() {
        float[] features = new float[4 * 10];
        int[] labels = new int[10];
        Random random = new Random(1);
        for (int i = 0; i < 10; i++) {
            labels[i] = random.nextInt(3);
            for (int j = 0; j < 4; j++) {
                features[4 * i + j] = (float) random.nextGaussian();
            }
        }
        Examples examples = Examples.classified(features, labels, 3, 4);
        INDArray oneHot = Nd4j.create(10, 3);
        for (int i = 0; i < 10; i++) {
            oneHot.putScalar(i, labels[i], 1);
        }
        BatchSource source = BatchSource.of(new DataSet(Nd4j.create(features, new long[] {10, 4}, 'c'), oneHot));
        Dl4jModel one = Dl4jModel.of(Networks.mlp(Networks.sgd())).withoutPlans();
        Dl4jBatchModel other = Dl4jBatchModel.of(Networks.mlp(Networks.sgd()));
        one.train(examples, ONE_STEP, 3);
        other.train(source, ONE_STEP, 3);
        for (int i = 0; i < one.layout().length(); i++) {
            assertEquals(one.weights().get(i), other.weights().get(i), 1e-6);
        }
        Evaluation expected = one.evaluate(examples);
        Evaluation actual = other.evaluate(source);
        assertEquals(expected.classes(), actual.classes());
        assertEquals(expected.loss(), actual.loss(), 1e-6);
    }

    @Test
    void trainsInAFederation() {
        List<ClientId> ids = ClientId.numbered("ward-", 3);
        ServerState[] ends = new ServerState[2];
        for (int threads = 1; threads <= 2; threads++) {
            ModelPool<Dl4jBatchModel> models = ModelPool.of(() -> Dl4jBatchModel.of(twoInputsAndOutputs()));
            ClientProvider clients = ClientProvider.local(
                    ids, id -> BatchSource.of(sequencesBesideVectors(12, ids.indexOf(id))), models);
            try (org.fl4j.client.InProcessRunner runner = org.fl4j.client.InProcessRunner.of(threads);
                    FederatedServer server = FederatedServer.with(new TestMean())
                            .clients(clients)
                            .localTraining(
                                    LocalTraining.epochs(2).withBatchSize(5).withLearningRate(0.1))
                            .runner(runner)
                            .build()) {
                ends[threads - 1] = server.run(ServerState.initial(models.initialWeights(), 4), 3)
                        .state();
            }
        }
        assertEquals(ends[0], ends[1]);
    }

    /** Frozen layers of transfer learning are averaged as they are; freezing by name sends them no more. */
    @Test
    void transferLearningKeepsItsFrozenLayers() {
        MultiLayerNetwork base = Networks.mlp(Networks.sgd());
        MultiLayerNetwork tuned = new TransferLearning.Builder(base)
                .fineTuneConfiguration(
                        new FineTuneConfiguration.Builder().updater(new Sgd(1)).build())
                .setFeatureExtractor(0)
                .build();
        Dl4jModel model = Dl4jModel.of(tuned);
        List<ParameterSpec> frozen = model.layout().specs().stream()
                .filter(spec -> spec.role() == ParameterSpec.Role.STATISTIC)
                .toList();
        assertEquals(
                List.of("0_W", "0_b"), frozen.stream().map(ParameterSpec::name).toList());
        assertEquals(
                List.of("1_W", "1_b"),
                model.freezing(spec -> spec.role() == ParameterSpec.Role.STATISTIC).layout().specs().stream()
                        .map(ParameterSpec::name)
                        .toList());
    }

    @Test
    void readsOneBatchAfterAnother() {
        List<String> calls = new ArrayList<>();
        DataSet whole = new DataSet(Nd4j.rand(10, 4), Nd4j.eye(3).repeat(0, 4).get(NDArrayIndex.interval(0, 10)));
        BatchSource source = BatchSource.ofDataSets(10, (size, seed) -> new Logged(whole, size, calls));
        Dl4jBatchModel.of(Networks.mlp(Networks.sgd()))
                .train(source, LocalTraining.epochs(2).withBatchSize(4).withLearningRate(0.1), 1);
        assertEquals(
                List.of("open", "4", "4", "2", "close", "open", "4", "4", "2", "close"), calls, "and none beforehand");
        calls.clear();
        LocalTraining.Report report = Dl4jBatchModel.of(Networks.mlp(Networks.sgd()))
                .train(source, LocalTraining.steps(4).withBatchSize(4).withLearningRate(0.1), 1);
        assertEquals(List.of("open", "4", "4", "2", "close", "open", "4", "close"), calls);
        assertEquals(4, report.steps());
        calls.clear();
        LocalTraining.Report without = Dl4jBatchModel.of(Networks.mlp(Networks.sgd()))
                .train(source, LocalTraining.epochs(1).withBatchSize(4).withSmallestBatch(3), 1);
        assertEquals(2, without.steps(), "the last one is too small");
        assertEquals(List.of("open", "4", "4", "2", "close"), calls);
    }

    /** Of DL4J's own kind, and closeable. */
    private static final class Logged extends org.nd4j.linalg.dataset.ViewIterator implements AutoCloseable {

        private static final long serialVersionUID = 1;

        private final transient List<String> calls;

        Logged(DataSet whole, int size, List<String> calls) {
            super(whole, size);
            this.calls = calls;
            calls.add("open");
        }

        @Override
        public DataSet next() {
            DataSet batch = super.next();
            calls.add(String.valueOf(batch.numExamples()));
            return batch;
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    @Test
    void sourcesThatAreNotWhatTheySayAreRejected() {
        DataSet whole = new DataSet(Nd4j.rand(10, 4), Nd4j.eye(3).repeat(0, 4).get(NDArrayIndex.interval(0, 10)));
        BatchSource.Opening<DataSetIterator> stubborn = (size, seed) -> new Logged(whole, 10, new ArrayList<>());
        LocalTraining how = LocalTraining.epochs(1).withBatchSize(4);
        Dl4jBatchModel model = Dl4jBatchModel.of(Networks.mlp(Networks.sgd()));
        String large = assertThrows(
                        IllegalStateException.class, () -> model.train(BatchSource.ofDataSets(10, stubborn), how, 1))
                .getMessage();
        assertTrue(large.contains("a mini-batch of 4 examples was asked for, but the source's has 10"), large);
        String count = assertThrows(
                        IllegalStateException.class,
                        () -> model.train(BatchSource.ofDataSets(11, stubborn), how.withBatchSize(10), 1))
                .getMessage();
        assertTrue(count.contains("says that it has 11 examples, but a pass over it had 10"), count);
        assertThrows(
                IllegalArgumentException.class,
                () -> model.train(BatchSource.of(sequencesBesideVectors(3, 1)), how, 1),
                "two inputs for a network of one");
    }
}
