package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Memory does not grow with the cohort, the population or the number of rounds; each run in a JVM with a fixed heap. */
class MemoryLawTest {

    private static final int WINDOW = 4;
    private static final double ROUNDS_TOLERANCE = 0.006;

    /** A few small arrays of a thread that first trains late; the smallest leak in every round would be 12,000 bytes. */
    private static final long NATIVE_ALLOWANCE = 4096;

    /** A list of a million ids would be about 80 MB; numbered ids are made on demand, so a twentieth of it is generous. */
    private static final long POPULATION_ALLOWANCE = 4L << 20;

    /**
     * The data set is the same 10,000 images in both. Beside it the larger cohort may hold one more FP64 vector, the third
     * level of the merge tree, and by chance of the moment the sum of a second block, as two threads can be at work on two,
     * and the FP32 updates of a full window, four for two threads.
     */
    @Test
    void aCohortOf400NeedsTheMemoryOfACohortOf20() throws Exception {
        Map<String, Long> few = probe("cohort", 20);
        Map<String, Long> many = probe("cohort", 400);
        report("peak with 20 and 400 clients a round", few.get("peak"), many.get("peak"));
        long parameters = few.get("parameters");
        long more = many.get("peak") - few.get("peak");
        assertTrue(more <= (2 * Double.BYTES + WINDOW * Float.BYTES) * parameters, () -> more + " bytes more");
    }

    @Test
    void aMillionClientsCostNoMoreThanAThousand() throws Exception {
        Map<String, Long> thousand = probe("population", 1_000);
        Map<String, Long> million = probe("population", 1_000_000);
        report("in use with 1,000 and 1,000,000 clients known", thousand.get("used"), million.get("used"));
        assertEquals(1_000_000, million.get("clients"));
        assertTrue(
                million.get("used") - thousand.get("used") <= POPULATION_ALLOWANCE,
                () -> thousand.get("used") + " and " + million.get("used") + " bytes");
    }

    /**
     * What grows with the rounds grows in every five hundred. The JVM may take a region of the heap, one megabyte, for itself
     * once, and on a busy machine late: the least growth of two stretches is the law's.
     */
    @Test
    void twoThousandRoundsAreFlat() throws Exception {
        Map<String, Long> used = probe("rounds", 2_000);
        report("heap after 1,000 and 2,000 rounds", used.get("heap1000"), used.get("heap2000"));
        report("native memory after 500 and 2,000 rounds", used.get("native500"), used.get("native2000"));
        long least = Math.min(used.get("heap1500") - used.get("heap1000"), used.get("heap2000") - used.get("heap1500"));
        assertTrue(least <= ROUNDS_TOLERANCE / 2 * used.get("heap1000"), used::toString);
        assertTrue(used.get("native2000") - used.get("native500") <= NATIVE_ALLOWANCE, used::toString);
    }

    /**
     * The first of 400 clients with updates of 1 MB is the last to finish, in a heap of 256 MB: 15 updates of its block wait,
     * and one FP64 sum for each of 24 blocks. Without the straggler none does, and the bits are the same.
     */
    @Test
    void aStragglerUnderADeadlineHoldsBackItsBlockAndNotTheCohort() throws Exception {
        Map<String, Long> without = run("-Xmx256m", StragglerProbe.class, "400", "0");
        Map<String, Long> with = run("-Xmx256m", StragglerProbe.class, "400", "1");
        report("peak of 400 updates without and with a straggler", without.get("peak"), with.get("peak"));
        assertEquals(400, without.get("completed"));
        assertEquals(400, with.get("completed"));
        assertEquals(without.get("bits"), with.get("bits"));
        long waiting = (15 * Float.BYTES + 24 * Double.BYTES) * 250_000L;
        long chance = WINDOW * 2 * Double.BYTES * 250_000L;
        assertTrue(with.get("peak") - without.get("peak") <= waiting + chance, () -> without + " and " + with);
    }

    private static void report(String what, long first, long second) {
        System.out.printf("%s: %.3f and %.3f MB%n", what, first / 1e6, second / 1e6);
    }

    private static Map<String, Long> probe(String what, int n) throws IOException, InterruptedException {
        return run("-Xmx512m", MemoryProbe.class, what, Integer.toString(n));
    }

    private static Map<String, Long> run(String heap, Class<?> program, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(heap, "-cp", System.getProperty("java.class.path")));
        command.add(program.getName());
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        Map<String, Long> values = new HashMap<>();
        output.lines().map(line -> line.split("=", -1)).forEach(pair -> values.put(pair[0], Long.valueOf(pair[1])));
        return values;
    }
}
