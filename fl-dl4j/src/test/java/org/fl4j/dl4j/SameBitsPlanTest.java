package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** A plan's training gives the same bits on any number of threads, one model each, and in another process. */
@Timeout(120)
class SameBitsPlanTest {

    private static final int CLIENTS = 24;

    private static List<String> onOneThread = List.of();

    @BeforeAll
    static void trainOnOneThread() {
        onOneThread = trained(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void onThreads(int threads) {
        assertEquals(onOneThread, trained(threads));
    }

    @Test
    void inAnotherProcess() throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = other.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().filter(line -> line.startsWith("bits ")).forEach(said::add);
        } finally {
            other.destroyForcibly();
            other.waitFor();
        }
        assertEquals(onOneThread, said);
    }

    /** Trains the clients, on two threads. */
    static final class Other {

        private Other() {}

        public static void main(String... args) {
            trained(2).forEach(System.out::println);
            System.exit(0);
        }
    }

    /** A line a client: the checksum of its weights. Each is a random architecture with an updater of its own. */
    private static List<String> trained(int threads) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<String>> futures = new ArrayList<>();
            for (Callable<String> client : clients()) {
                futures.add(pool.submit(client));
            }
            List<String> lines = new ArrayList<>();
            for (Future<String> future : futures) {
                lines.add(future.get());
            }
            return lines;
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Built one after another: DL4J draws initial weights from one generator. */
    private static List<Callable<String>> clients() {
        List<Callable<String>> clients = new ArrayList<>();
        for (long client = 0; client < CLIENTS; client++) {
            long seed = client;
            RandomArchitecture architecture = RandomArchitecture.of(seed, DataType.FLOAT);
            Examples data = architecture.data();
            NetworkAccess network = architecture.network(RandomSteps.of(seed, architecture.normalises()));
            assertDoesNotThrow(() -> PlanCompiler.compile(network, data, 1));
            Dl4jModel model = ArchitectureComparison.model(network);
            LocalTraining how =
                    LocalTraining.epochs(5).withBatchSize(architecture.batch()).withLearningRate(1e-3);
            clients.add(() -> {
                model.train(data, how, seed);
                return "bits " + seed + " " + Long.toHexString(checksum(model.weights()));
            });
        }
        return clients;
    }

    private static long checksum(ModelWeights weights) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * weights.layout().length());
        for (int i = 0; i < weights.layout().length(); i++) {
            bytes.putDouble(weights.get(i));
        }
        CRC32 sum = new CRC32();
        sum.update(bytes.array());
        return sum.getValue();
    }
}
