package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** A pool lends no two models over the same memory: two clients on two threads would train one set of weights. */
class SharedParametersTest {

    private static final String OVERLAP =
            "the factory of a ModelPool must make a model of its own on every call, but it"
                    + " returned two models over the same memory for parameters: trained on two threads, each would change the"
                    + " other; build the network, its configuration and its arrays inside the factory";

    static Stream<Arguments> factories() {
        MultiLayerNetwork network = Networks.mlp(Networks.sgd());
        ComputationGraph graph = Networks.branched(Networks.sgd());
        SameDiff sameDiff = Graphs.mlp(DataType.FLOAT, new Sgd());
        INDArray weights = Nd4j.ones(DataType.FLOAT, 2);
        INDArray buffer = Nd4j.ones(DataType.FLOAT, 1, 43 + 20);
        AtomicInteger upwards = new AtomicInteger();
        AtomicInteger downwards = new AtomicInteger(1);
        return Stream.of(
                factory("one network", () -> Dl4jModel.of(network)),
                factory("one graph", () -> Dl4jModel.of(graph)),
                factory("networks over one array", () -> Dl4jModel.of(over(network.params()))),
                factory(
                        "networks over slices that overlap",
                        () -> Dl4jModel.of(over(slice(buffer, 20L * (upwards.getAndIncrement() % 2))))),
                factory(
                        "networks over slices that overlap, the second below the first",
                        () -> Dl4jModel.of(over(slice(buffer, 20L * (downwards.getAndIncrement() % 2))))),
                factory("a SameDiff graph's array", () -> SameDiffModel.of(square(weights), names())),
                factory("one SameDiff graph", () -> Graphs.model(sameDiff)));
    }

    private static Arguments factory(String name, Supplier<Model<Examples>> factory) {
        return Arguments.of(Named.of(name, factory));
    }

    @ParameterizedTest
    @MethodSource("factories")
    void aPoolRefusesASecondModelOverTheMemoryOfTheFirst(Supplier<Model<Examples>> factory) {
        ModelPool<Model<Examples>> models = ModelPool.of(factory);

        models.with(first -> {
            IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> models.with(Model::layout));
            assertTrue(
                    refusal.getMessage().contains(" that share ")
                            || refusal.getMessage().equals(OVERLAP),
                    refusal.getMessage());
            return first;
        });

        assertThrows(
                IllegalStateException.class,
                () -> models.with(Model::layout),
                "clients that get the first model would go on without the others");
    }

    @Test
    void aPoolLendsModelsOverPartsOfOneArrayThatDoNotOverlap() {
        INDArray buffer = Nd4j.ones(DataType.FLOAT, 1, 86);
        AtomicInteger calls = new AtomicInteger();
        ModelPool<Dl4jModel> models =
                ModelPool.of(() -> Dl4jModel.of(over(slice(buffer, 43L * calls.getAndIncrement()))));

        models.with(first -> models.with(second -> {
            assertNotSame(first, second);
            return second;
        }));
    }

    @Test
    void aPoolThatLendsOneModelAtATimeNeedsNoSecond() {
        MultiLayerNetwork network = Networks.mlp(Networks.sgd());
        ModelPool<Dl4jModel> models = ModelPool.of(() -> Dl4jModel.of(network));

        assertEquals(models.initialWeights(), models.with(Model::weights));
    }

    @Test
    void graphsOfOneTrainingConfigurationHaveNoSettingsInCommon() {
        IUpdater updater = new Nesterovs(0.1, new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.9)));
        Set<Object> known = MutableObjects.reachableFrom(updater);
        for (SameDiffModel model : List.of(
                Graphs.model(Graphs.mlp(DataType.FLOAT, updater)), Graphs.model(Graphs.mlp(DataType.FLOAT, updater)))) {
            for (Object state : model.exclusiveState()) {
                assertTrue(known.add(state), () -> "in common: " + state.getClass());
            }
        }
    }

    private static MultiLayerNetwork over(INDArray parameters) {
        MultiLayerConfiguration configuration =
                Networks.sgd().list(Networks.dense(4, 5), Networks.softmax(5)).build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(parameters, false);
        return network;
    }

    private static INDArray slice(INDArray buffer, long from) {
        return buffer.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + 43));
    }

    private static SameDiffModel.Names names() {
        return SameDiffModel.Names.of("input", "labels", "loss");
    }

    private static SameDiff square(INDArray weights) {
        SameDiff graph = SameDiff.create();
        SDVariable input = graph.placeHolder("input", DataType.FLOAT, -1, weights.length());
        SDVariable labels = graph.placeHolder("labels", DataType.FLOAT, -1, weights.length());
        SDVariable error = input.mul(graph.var("W", weights)).sub(labels);
        graph.math.square(error).mean("loss");
        graph.setTrainingConfig(TrainingConfig.builder()
                .updater(new Sgd())
                .dataSetFeatureMapping("input")
                .dataSetLabelMapping("labels")
                .build());
        return graph;
    }
}
