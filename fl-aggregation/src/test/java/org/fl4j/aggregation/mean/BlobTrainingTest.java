package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** End to end: a DL4J network learns by federated averaging, and the same seed gives the same bits. */
@Timeout(120)
class BlobTrainingTest {

    private static final int ROUNDS = 2;

    @Test
    void federatedAveragingLearns() {
        BlobTraining training = new BlobTraining();
        double before = training.evaluate(training.start()).accuracy().orElseThrow();
        double after = training.evaluate(training.run(4, 2)).accuracy().orElseThrow();

        assertTrue(before < 0.5, () -> "a fresh network guesses one of four classes, here with accuracy " + before);
        assertTrue(after > 0.9, () -> "accuracy " + after);
    }

    @Test
    void theBitsAreTheSameOnOneTwoAndEightThreadsAndWithUsedModels() {
        ServerState once = new BlobTraining().run(ROUNDS, 1);
        BlobTraining again = new BlobTraining();

        assertEquals(once, again.run(ROUNDS, 2));
        assertEquals(once, again.run(ROUNDS, 8));
        assertEquals(once, again.run(ROUNDS, 1), "its models have been trained by other clients");
        assertNotEquals(once.weights(), again.start().weights());
    }

    /** With the native threads of another machine, too: OMP_NUM_THREADS stands for its number of cores. */
    @Test
    void theBitsAreTheSameInAnotherJvmWithOtherNativeThreads(@TempDir Path folder) throws Exception {
        String one = digestOfAnotherJvm(folder.resolve("one.txt"), 1);
        String four = digestOfAnotherJvm(folder.resolve("four.txt"), 4);

        assertEquals(one, four);
    }

    private static String digestOfAnotherJvm(Path output, int nativeThreads) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx512m",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                BlobTraining.class.getName(),
                String.valueOf(ROUNDS),
                "2"));
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(nativeThreads));
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the other JVM did not end within a minute");
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), () -> String.join("\n", lines));
        return lines.stream()
                .filter(line -> line.startsWith("digest "))
                .findFirst()
                .orElseThrow();
    }
}
