package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};

    @TempDir
    private Path folder;

    private final PrintStream standardOut = System.out;
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(standardOut);
        System.setErr(standardError);
    }

    @Test
    void writesCurvePlotAndModelAndEndsWithTheSummary() throws Exception {
        assertEquals(0, run("--clients", "4", "--cohort", "2", "--rounds", "3", "--out", folder.toString()));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals("drawn digits, 4 writers: model, curve and plot in " + folder, lines.get(0));
        // Two clients of 199,210 FP32 values, and less than a kilobyte around each.
        assertTrue(lines.get(1).matches("bytes per round: 1,59[45],\\d{3} down, 1,59[45],\\d{3} up"), lines.get(1));
        assertTrue(
                lines.get(2)
                        .matches("accuracy per client, on its own data:"
                                + " mean 0\\.\\d{4}, 10th percentile 0\\.\\d{4}, worst 0\\.\\d{4} of 4"),
                lines.get(2));
        assertTrue(lines.get(3).matches("accuracy=0\\.\\d{4} rounds=3 seconds=\\d+\\.\\d"), lines.get(3));
        List<String> csv = Files.readAllLines(folder.resolve("accuracy.csv"));
        assertEquals("round,accuracy,loss", csv.get(0));
        assertEquals(4, csv.size());
        assertEquals(
                199_210,
                ModelWeights.load(folder.resolve("model.fl4j")).layout().length());
        byte[] start = new byte[PNG.length];
        System.arraycopy(Files.readAllBytes(folder.resolve("accuracy.png")), 0, start, 0, PNG.length);
        assertEquals(new String(PNG, StandardCharsets.ISO_8859_1), new String(start, StandardCharsets.ISO_8859_1));
        assertEquals("", error.toString(StandardCharsets.UTF_8));
    }

    @Test
    void theSameSeedGivesTheSameWeightsOnAnyNumberOfThreads() {
        Path one = folder.resolve("one");
        Path four = folder.resolve("four");
        for (Path target : List.of(one, four)) {
            String threads = target.equals(one) ? "1" : "4";
            assertEquals(
                    0,
                    run(
                            "--clients",
                            "6",
                            "--cohort",
                            "5",
                            "--rounds",
                            "2",
                            "--threads",
                            threads,
                            "--out",
                            target.toString()));
        }
        assertEquals(ModelWeights.load(one.resolve("model.fl4j")), ModelWeights.load(four.resolve("model.fl4j")));
    }

    @Test
    void aWrongOptionIsOneLineAndStatus2() {
        assertEquals(2, run("--colour", "red"));
        assertEquals("quickstart: Unknown options: '--colour', 'red' (see --help)\n", errors());
    }

    @Test
    void aWrongValueIsOneLineAndStatus2() {
        assertEquals(2, run("--rounds", "many"));
        assertEquals("quickstart: Invalid value for option '--rounds': 'many' is not an int (see --help)\n", errors());
    }

    @Test
    void aValueOutOfRangeIsOneLineAndStatus2() {
        assertEquals(2, run("--rounds", "0", "--clients", "2", "--cohort", "1", "--out", folder.toString()));
        assertEquals("quickstart: rounds must be at least 1, but was 0 (see --help)\n", errors());
    }

    @Test
    void noClientsAreOneLineAndStatus2() {
        assertEquals(2, run("--clients", "0"));
        assertEquals("quickstart: --clients must be at least 1, but was 0 (see --help)\n", errors());
    }

    @Test
    void aFileInPlaceOfTheFolderIsOneLineAndStatus2BeforeAnythingIsTrained() throws Exception {
        Path file = Files.writeString(folder.resolve("taken"), "a file");
        assertEquals(2, run("--clients", "2", "--cohort", "1", "--out", file.toString()));
        assertEquals("quickstart: " + file + " cannot be written or read (see --help)\n", errors());
    }

    @Test
    void trainingThatCameToNothingIsOneLineAndStatus2() {
        String rate = "1e30";
        assertEquals(
                2,
                run(
                        "--clients",
                        "2",
                        "--cohort",
                        "2",
                        "--rounds",
                        "1",
                        "--learning-rate",
                        rate,
                        "--out",
                        folder.toString()));
        assertEquals(
                "quickstart: no round advanced; is the learning rate of 1.0E30 too high? (see --help)",
                errors().lines().reduce((first, last) -> last).orElseThrow());
    }

    @Test
    void aMissingFileIsOneLineAndStatus2() {
        assertEquals(2, run("--data", folder.toString()));
        assertEquals(
                "quickstart: directory " + folder
                        + " has no train-images file of MNIST; looked for train-images-idx3-ubyte,"
                        + " train-images-idx3-ubyte.gz, train-images.idx3-ubyte, train-images.idx3-ubyte.gz (see --help)\n",
                errors());
    }

    @Test
    void aBrokenFileIsOneLineAndStatus2() throws Exception {
        for (String name : List.of("train-images-idx3-ubyte", "train-labels-idx1-ubyte")) {
            Files.writeString(folder.resolve(name), "not an image");
        }
        assertEquals(2, run("--data", folder.toString()));
        assertEquals(1, errors().lines().count(), errors());
        assertTrue(errors().startsWith("quickstart: " + folder.resolve("train-images-idx3-ubyte")), errors());
    }

    @Test
    void helpNamesEveryOption() {
        assertEquals(0, run("--help"));
        String help = out.toString(StandardCharsets.UTF_8);
        for (String option : List.of("--data", "--clients", "--cohort", "--rounds", "--threads", "--seed", "--out")) {
            assertTrue(help.contains(option), help);
        }
    }

    private static int run(String... args) {
        return Commands.run(new Quickstart(), args);
    }

    private String errors() {
        return error.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
}
