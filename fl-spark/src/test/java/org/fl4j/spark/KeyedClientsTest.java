package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.server.selection.ClientSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.Tuple2;

/** Clients that are keys of a host's RDD. */
@Timeout(120)
class KeyedClientsTest {

    private static final int PARTITIONS = 3;

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    /** Which partitions were read, and how often; all executors are in this JVM. */
    private static final Map<Integer, Integer> READ = new HashMap<>();

    @Test
    void blocksOfOnePartitionAndOfSeveralHaveTheSameBits() throws Exception {
        for (RunsOnSpark.Setting setting : List.of(
                RunsOnSpark.Setting.of(FedAvg::byExamples),
                RunsOnSpark.Setting.of(Scaffold::uniform),
                RunsOnSpark.Setting.of(CoordinateMedian::of))) {
            RunsOnSpark.Run there;
            try (SparkRunner runner = SparkRunner.overKeys(seeds(), setting.rule(), KeyedClientsTest::clients)) {
                there = run(setting, runner.clients(), runner);
                assertEquals(ids(), runner.clients().ids());
            }
            assertEquals(here(setting), there);
        }
    }

    /** In the population's order most blocks are of one partition, which is read once a block. */
    @Test
    void aPartitionIsReadOnceABlock() throws Exception {
        try (SparkRunner runner = SparkRunner.overKeys(seeds(), FedAvg::byExamples, KeyedClientsTest::clients)) {
            READ.clear();
            RunsOnSpark.run(
                    RunsOnSpark.Setting.of(FedAvg::byExamples),
                    runner.clients(),
                    runner,
                    1,
                    builder -> builder.selector(ClientSelector.all()));
        }
        // 48 clients, 16 a partition and a block; each client evaluates once more.
        assertEquals(Map.of(0, 17, 1, 17, 2, 17), READ);
    }

    @Test
    void aKeyThatIsThereTwiceIsNamed() {
        JavaPairRDD<String, Integer> twice = CLUSTER.context()
                .parallelizePairs(List.of(new Tuple2<>("ann", 1), new Tuple2<>("bob", 2), new Tuple2<>("ann", 3)), 2);
        assertEquals(
                "the key 'ann' must be there once, as it is a client, but is there several times; give each client one value,"
                        + " as by groupByKey",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SparkRunner.overKeys(twice, FedAvg::byExamples, KeyedClientsTest::clients))
                        .getMessage());
    }

    /** Data that are asked for too early would be another partition's. */
    @Test
    void dataThatAreNotHereAreNamed() throws Exception {
        RunsOnSpark.Setting setting = RunsOnSpark.Setting.of(FedAvg::byExamples);
        try (SparkRunner runner = SparkRunner.overKeys(seeds(), setting.rule(), KeyedClientsTest::greedy)) {
            String message = assertThrows(
                            FederatedLearningException.class, () -> run(setting, runner.clients(), runner))
                    .getMessage();
            assertTrue(
                    message.startsWith("on executor driver on ")
                            && message.endsWith(
                                    "client 'client-0': its data are not here, but where its partition is; ask for"
                                            + " them only while it trains or evaluates"),
                    message);
        }
    }

    private static RunsOnSpark.Run here(RunsOnSpark.Setting setting) throws Exception {
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            return run(setting, clients(ids(), id -> number(id)), runner);
        }
    }

    private static RunsOnSpark.Run run(RunsOnSpark.Setting setting, ClientProvider clients, ClientRunner runner)
            throws Exception {
        return RunsOnSpark.run(
                setting,
                clients,
                runner,
                2,
                builder ->
                        builder.selector(ClientSelector.uniform(Digits.COHORT).inOrder()));
    }

    private static List<ClientId> ids() {
        return IntStream.range(0, 16 * PARTITIONS)
                .mapToObj(i -> new ClientId("client-" + i))
                .toList();
    }

    private static int number(ClientId id) {
        return Integer.parseInt(id.value().substring("client-".length()));
    }

    /** A key and what its data are made from, in three partitions; not cached, so that each read is counted. */
    private static JavaPairRDD<String, Integer> seeds() {
        List<Tuple2<String, Integer>> pairs = new ArrayList<>(
                ids().stream().map(id -> new Tuple2<>(id.value(), number(id))).toList());
        return CLUSTER.context()
                .parallelizePairs(pairs, PARTITIONS)
                .mapPartitionsWithIndex(
                        (partition, its) -> {
                            synchronized (READ) {
                                READ.merge(partition, 1, Integer::sum);
                            }
                            return its;
                        },
                        true)
                .mapToPair(pair -> pair);
    }

    private static ClientProvider clients(List<ClientId> ids, Function<ClientId, Integer> data) {
        StrokeDigits digits = StrokeDigits.of(4);
        return ClientProvider.local(ids, id -> digits.writer(data.apply(id), 20), Digits.models());
    }

    private static ClientProvider greedy(List<ClientId> ids, Function<ClientId, Integer> data) {
        if (ids.isEmpty()) {
            int unused = data.apply(new ClientId("client-0"));
        }
        return clients(ids, data);
    }
}
