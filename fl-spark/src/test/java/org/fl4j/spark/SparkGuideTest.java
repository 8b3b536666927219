package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.Tuple2;

/** Runs the snippets of docs/spark.md: each is a region of this file, word for word. */
@Timeout(120)
class SparkGuideTest {

    private static final Path GUIDE = Path.of("../docs/spark.md");
    private static final Path THIS = Path.of("src/test/java/org/fl4j/spark/SparkGuideTest.java");
    private static final Pattern IN_GUIDE =
            Pattern.compile("<!-- snippet:(\\w+) -->\\n```java\\n(.*?)```\\n", Pattern.DOTALL);
    private static final Pattern HERE =
            Pattern.compile("^ *// snippet:(\\w+)\\n(.*?)^ *// end:\\1\\n", Pattern.DOTALL | Pattern.MULTILINE);

    private static final int PIXELS = 784;

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    private static final class Writers {
        // snippet:population
        /** Called on the driver, and once in each executor's JVM. */
        static ClientProvider population() {
            StrokeDigits digits = StrokeDigits.of(1); // drawn; clients with real data would read a folder or a table
            return Population.generated(100, writer -> digits.writer(writer, 20))
                    .over(models());
        }

        static ModelPool<DenseModel> models() {
            return ModelPool.of(() -> DenseModel.perceptron(784, 24, 10).withSeed(7));
        }
        // end:population
    }

    @Test
    void theFirstProgramHasTheBitsOfOneProcess() {
        JavaSparkContext spark = CLUSTER.context();
        // snippet:program
        ServerState end;
        try (SparkRunner runner = SparkRunner.over(spark, FedAvg::byExamples, Writers::population);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(runner.clients())
                        .runner(runner)
                        .selector(ClientSelector.uniform(40))
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                        .listeners(FederatedEvaluation.every(
                                2,
                                runner.clients(),
                                runner,
                                (round, result) -> System.out.printf(
                                        "round %d: accuracy %.2f%n",
                                        round, result.accuracy().orElseThrow())))
                        .build()) {
            end = server.run(ServerState.initial(Writers.models().initialWeights(), 42), 2)
                    .state();
        }
        // end:program
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(Writers.population())
                        .runner(runner)
                        .selector(ClientSelector.uniform(40))
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                        .build()) {
            assertEquals(
                    server.run(ServerState.initial(Writers.models().initialWeights(), 42), 2)
                            .state()
                            .weights(),
                    end.weights());
        }
    }

    @Test
    void keysAreClients() {
        JavaPairRDD<String, float[]> rows = CLUSTER.context().parallelizePairs(rows(), 3);
        ServerState end;
        // snippet:keys
        // one client a key; the executors keep the partitions from round to round
        JavaPairRDD<String, Iterable<float[]>> byWriter = rows.groupByKey(2).persist(StorageLevel.MEMORY_AND_DISK());
        try (SparkRunner runner = SparkRunner.overKeys(
                        byWriter,
                        FedAvg::byExamples,
                        (ids, data) -> ClientProvider.local(ids, id -> examples(data.apply(id)), Writers.models()));
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(runner.clients())
                        .runner(runner)
                        .selector(ClientSelector.uniform(40).inOrder())
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                        .build()) {
            end = server.run(ServerState.initial(Writers.models().initialWeights(), 42), 2)
                    .state();
        }
        // end:keys
        assertNotEquals(Writers.models().initialWeights(), end.weights());
    }

    /** Of 48 writers, five each. */
    private static List<Tuple2<String, float[]>> rows() {
        StrokeDigits digits = StrokeDigits.of(1);
        List<Tuple2<String, float[]>> rows = new ArrayList<>();
        for (int writer = 0; writer < 48; writer++) {
            Examples its = digits.writer(writer, 5);
            for (int i = 0; i < its.size(); i++) {
                float[] row = new float[PIXELS + 1];
                its.copyFeatures(i, row, 0);
                row[PIXELS] = its.label(i);
                rows.add(new Tuple2<>("writer-" + writer, row));
            }
        }
        return rows;
    }

    /** Rows of pixels, the class last. */
    private static Examples examples(Iterable<float[]> rows) {
        List<float[]> all = new ArrayList<>();
        rows.forEach(all::add);
        float[] pixels = new float[PIXELS * all.size()];
        int[] classes = new int[all.size()];
        for (int i = 0; i < classes.length; i++) {
            System.arraycopy(all.get(i), 0, pixels, PIXELS * i, PIXELS);
            classes[i] = (int) all.get(i)[PIXELS];
        }
        return Examples.classified(pixels, classes, 10, PIXELS);
    }

    @Test
    void guideShowsTheRegionsOfThisFile() throws IOException {
        Map<String, String> regions = snippets(HERE, THIS);
        assertEquals(regions, snippets(IN_GUIDE, GUIDE));
        assertEquals(3, regions.size());
    }

    private static Map<String, String> snippets(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file).replace("\r\n", "\n"))
                .results()
                .collect(
                        Collectors.toMap(found -> found.group(1), SparkGuideTest::code, (a, b) -> a + b, TreeMap::new));
    }

    private static String code(MatchResult found) {
        // The last line counts for the indentation, also where it is empty.
        return found.group(2).stripTrailing().stripIndent();
    }
}
