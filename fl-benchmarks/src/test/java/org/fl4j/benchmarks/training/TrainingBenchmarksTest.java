package org.fl4j.benchmarks.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.data.Examples;
import org.fl4j.data.Partition;
import org.fl4j.data.StrokeDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Every benchmark, as small as it goes. */
class TrainingBenchmarksTest {

    private record Outcome(int status, String out, String err) {}

    private static Outcome run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = TrainingBenchmarks.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
        return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static List<JsonNode> lines(String... args) throws Exception {
        Outcome outcome = run(args);
        assertEquals(0, outcome.status, outcome.err);
        List<JsonNode> lines = new ArrayList<>();
        for (String line : outcome.out.lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    private static JsonNode line(String... args) throws Exception {
        List<JsonNode> lines = lines(args);
        assertEquals(1, lines.size(), lines.toString());
        return lines.get(0);
    }

    /** Steps are clients times epochs times mini-batches. */
    @ParameterizedTest
    @CsvSource({
        "2nn-mnist, 12, 4, true",
        "cnn-mnist, 12, 20, true",
        "cifar10-cnn, 12, 4, true",
        "blazefl-cnn, 12, 10, true",
        "shakespeare-lstm, 12, 4, false",
        "population, 12, 4, true"
    })
    void workload(String name, int examples, int steps, boolean hasAccuracy) throws Exception {
        JsonNode line = line(name, "--clients", "2", "--rounds", "1", "--examples", Integer.toString(examples));

        assertEquals(name, line.get("workload").asText());
        assertEquals(steps, line.get("steps").asInt(), line.toString());
        assertEquals(1, line.get("rounds").asInt());
        assertEquals(0, line.get("abandoned").asInt());
        assertEquals(1, line.get("threads").asInt());
        assertEquals(hasAccuracy, line.has("accuracy"), line.toString());
        assertTrue(line.get("seconds").asDouble() >= line.get("secondsInRounds").asDouble(), line.toString());
        assertEquals(
                line.get("secondsInRounds").asDouble() * 1e6,
                line.get("microsecondsAStep").asDouble() * steps,
                1e3,
                line.toString());
        for (String field : List.of("peakMegabytes", "peakIsOf", "jdk", "cpu", "blas", "blasCore")) {
            assertTrue(line.hasNonNull(field), field + " in " + line);
        }
    }

    @Test
    void plainRunTakesTheSameSteps() throws Exception {
        JsonNode byPlan = line("lr-mnist", "--clients", "10", "--rounds", "2", "--threads", "2");
        JsonNode plain = line("lr-mnist", "--clients", "10", "--rounds", "2", "--plain");

        assertEquals(false, byPlan.get("plain").asBoolean());
        assertEquals(true, plain.get("plain").asBoolean());
        assertEquals(byPlan.get("steps").asInt(), plain.get("steps").asInt());
        assertEquals(byPlan.get("loss").asDouble(), plain.get("loss").asDouble(), 1e-3);
    }

    @Test
    void targetEndsTheRun() throws Exception {
        JsonNode line = line("population", "--clients", "20", "--rounds", "50", "--target", "0");

        assertEquals(5, line.get("rounds").asInt(), "evaluated every five rounds");
    }

    @Test
    void roundsToAnAccuracyChooseTheRateOnIidData() throws Exception {
        List<JsonNode> lines = lines("rounds-2nn", "--clients", "4", "--examples", "50", "--rounds", "2");

        assertEquals(
                List.of("0.1 IID", "0.2 IID", "0.05 IID", "0.1 two shards a client"),
                lines.stream()
                        .map(line -> line.get("learningRate").asText() + " "
                                + line.get("data").asText().replace("drawn digits, ", ""))
                        .toList());
        lines.forEach(line -> {
            assertTrue(line.get("roundsToTarget").isNull(), line.toString());
            assertEquals(2, line.get("rounds").asInt());
            assertTrue(line.get("outsideTraining").asDouble() < 1, line.toString());
        });
        assertEquals(664, lines.get(3).get("publishedRounds").asInt());
    }

    @Test
    void schedulerCostsLessThanTraining() throws Exception {
        List<JsonNode> lines =
                lines("scheduler", "--clients", "4", "--examples", "20", "--rounds", "1", "--repetitions", "1");

        assertEquals(
                List.of("synchronous", "over-selection", "FedBuff", "FedAsync"),
                lines.stream().map(line -> line.get("driver").asText()).toList());
        lines.forEach(line -> assertTrue(line.get("microsecondsAClient").asDouble() > 0, line.toString()));
    }

    @Test
    void twoThreadsRunBesideTwoProcesses() throws Exception {
        JsonNode line =
                line("two-threads", "--of", "population", "--clients", "4", "--rounds", "1", "--repetitions", "1");

        assertEquals(
                line.get("stepsASecondOfTwoThreads").asDouble()
                        / line.get("stepsASecondOfTwoProcesses").asDouble(),
                line.get("threadsOverProcesses").asDouble(),
                0.01);
    }

    @Test
    void singleSteps() throws Exception {
        List<JsonNode> lines = lines("step", "--repetitions", "1", "--turn", "0.001", "--warm-up", "0");

        assertEquals(Measured.all().size(), lines.size());
        lines.forEach(line -> assertTrue(line.get("dl4jOverPlan").asDouble() > 0, line.toString()));
    }

    @Test
    void products() throws Exception {
        JsonNode line = line("dense", "--repetitions", "3", "--turn", "0.01", "--warm-up", "0.1");

        assertTrue(line.get("productsMicroseconds").asDouble() > 0, line.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "nothing",
        "2nn-mnist --rounds -1",
        "step --turn 0",
        "two-threads --of nothing",
        "lr-mnist --data does-not-exist"
    })
    void mistakesAreOneLine(String args) {
        Outcome outcome = run(args.split(" ", -1));

        assertEquals(2, outcome.status);
        assertEquals("", outcome.out);
        assertEquals(1, outcome.err.lines().count(), outcome.err);
    }

    @Test
    void textIsEscaped() {
        assertEquals(
                "{\"a\\\"\\\\\\u000a\": \"b\", \"c\": null, \"d\": 1.50}",
                new JsonLine()
                        .add("a\"\\\n", "b")
                        .add("c", Double.NaN, 2)
                        .add("d", 1.5, 2)
                        .toString());
    }

    @Test
    void clientsHaveTwoDigitsAndUnequalSizes() {
        Examples digits = Examples.union(Stream.iterate(0, writer -> writer + 1)
                .limit(20)
                .map(writer -> StrokeDigits.of(1).writer(writer, 100))
                .toList());

        Partition division = Digits.twoDigits(digits, 40, 7);

        for (int client = 0; client < 40; client++) {
            int[] labels = Arrays.stream(division.examplesOf(client))
                    .map(digits::label)
                    .distinct()
                    .sorted()
                    .toArray();
            int[] expected = {client % 10, (client + 1) % 10};
            Arrays.sort(expected);
            assertEquals(Arrays.toString(expected), Arrays.toString(labels));
            assertTrue(division.size(client) >= 10);
        }
    }
}
