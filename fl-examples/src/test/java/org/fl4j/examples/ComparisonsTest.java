package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that compare algorithms, on data that they draw. */
class ComparisonsTest {

    @TempDir
    private Path folder;

    private final PrintStream standardOut = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(standardOut);
    }

    @Test
    void hospitalsComparesAloneFederatedAndPooled() throws Exception {
        assertEquals(0, Commands.run(new Hospitals(), "--splits", "2", "--rounds", "10", "--out", folder.toString()));

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals("standardized with each hospital's own statistics, 2 splits", lines.get(1));
        double alone = accuracy(lines, "one hospital's, mean");
        double pooled = accuracy(lines, "pooled patients");
        double federated = accuracy(lines, "FedAvg");
        assertTrue(pooled > alone && federated > alone, () -> alone + ", " + pooled + ", " + federated);
        assertTrue(federated > 0.6, () -> "a coin would have 0.5, this has " + federated);
        for (String file : List.of("own.csv", "pooled.csv")) {
            List<String> csv = Files.readAllLines(folder.resolve(file));
            assertEquals("trained,split,pooled,drawn-cleveland,drawn-hungarian,drawn-switzerland,drawn-va", csv.get(0));
            assertEquals(1 + 2 * lines.stream().filter(l -> l.contains(" (0.")).count() / 2, csv.size());
        }
    }

    @Test
    void nonIidCountsRounds() throws Exception {
        String[] args = {"--rounds", "2", "--seeds", "5", "--targets", "0.05,0.999", "--out", folder.toString()};
        assertEquals(0, Commands.run(new NonIid(), args));

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals("drawn digits, Dirichlet(0.1): rounds to 0.05, 10 clients a round", lines.get(1));
        assertTrue(lines.get(3).matches("FedAvg +\\| +1 \\| 0\\.\\d{4}"), lines.get(3));
        String second = lines.stream()
                .filter(line -> line.startsWith("FedAvg"))
                .reduce((a, b) -> b)
                .orElseThrow();
        assertTrue(second.matches("FedAvg +\\| +> 2 \\| 0\\.\\d{4}"), second);
        assertEquals(
                "algorithm,seed,target,rounds,best",
                Files.readAllLines(folder.resolve("digits.csv")).get(0));
        assertTrue(Files.size(folder.resolve("synthetic.png")) > 1000);
    }

    @Test
    void stragglersAreComparedInVirtualTime() throws Exception {
        String[] args = {
            "--clients",
            "30",
            "--cohort",
            "10",
            "--seeds",
            "5",
            "--rates",
            "0.1,0.2",
            "--target",
            "0.15",
            "--updates",
            "3",
            "--out",
            folder.toString()
        };
        assertEquals(0, Commands.run(new Stragglers(), args));

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(
                "drawn digits, 30 writers, latency redrawn for each task: minutes of virtual time to 0.15",
                lines.get(1));
        assertTrue(lines.get(3).matches("waiting for all +\\| 0\\.[12]0 \\| \\[.*\\d.*]"), lines.get(3));
        assertTrue(lines.get(6).startsWith("FedBuff "), lines.get(6));
        List<String> csv = Files.readAllLines(folder.resolve("per-client.csv"));
        assertEquals("way,rate,seed,target,minutes,updates", csv.get(0));
        assertEquals(5, csv.size());
        assertTrue(Files.size(folder.resolve("redrawn.png")) > 1000);
    }

    /** Bytes of one seal, header and padding beside 199,210 coordinates of 25 bits, then of 7, and of 8 for every other. */
    @Test
    void sketchedSumsCountsBytes() {
        String[] args = {"--clients", "10", "--rounds", "2", "--target", "0.05"};
        assertEquals(0, Commands.run(new SketchedSums(), args));

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals("drawn digits, 10 writers, 10 a round, 199210 parameters, 2 rounds, seed 42", lines.get(0));
        assertTrue(
                lines.get(2).matches("any number +\\| +\\d+ \\| +62\\d{4} \\| +25.01 \\| +[012] \\| +0.\\d+ \\| +0"),
                lines.get(2));
        assertTrue(
                lines.get(4).matches("rotation +\\| +\\d+ \\| +17\\d{4} \\| +7.01 \\| +[012] \\| +0.\\d+ \\| +0"),
                lines.get(4));
        assertTrue(
                lines.get(5).matches("rotation, random-k\\(0.5\\) +\\|.* +4.01 \\| +[012] \\| +0.\\d+ \\| +0"),
                lines.get(5));
    }

    @Test
    void privateDigitsSaysWhatWasSpent() throws Exception {
        String[] args = {
            "--clients",
            "40",
            "--probability",
            "0.5",
            "--rounds",
            "3",
            "--epsilons",
            "Infinity,4",
            "--noise",
            "server,clients,correlated,like-clients",
            "--out",
            folder.toString()
        };
        assertEquals(0, Commands.run(new PrivateDigits(), args));

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(
                "drawn digits, 40 clients, each in a round with probability 0.5, 3 rounds, clip 0.5, delta 1.0E-5",
                lines.get(0));
        // Without noise there is none of the clients, nor one that is correlated.
        String row = " +\\| +4\\.0 \\| +\\d\\.\\d{3} \\| +[1-4]\\.\\d{4} to [1-4]\\.\\d{4} +\\| 0\\.\\d{4}";
        int line = 3;
        for (String noise : List.of("server", "clients", "correlated")) {
            assertTrue(lines.get(line).matches(noise + row), lines.get(line));
            line++;
        }
        assertTrue(lines.get(7).matches("like-clients" + row), lines.get(7));
        assertTrue(lines.get(9).endsWith(" at delta 1.0E-5 after 3 rounds"), lines.get(9));
        assertEquals(7, Files.readAllLines(folder.resolve("accuracy.csv")).size());
        assertTrue(Files.readString(folder.resolve("statement.json")).contains("\"rounds\":3"));
        assertTrue(Files.size(folder.resolve("accuracy.png")) > 1000);
    }

    @Test
    void secureSumsComesToTheAccuracyOfTheClearRuns() {
        // With this seed two vanish of the eight, and the same two of the six: just what is tolerated.
        String[] args = {"--clients", "8", "--signers", "6", "--rounds", "1", "--vanishing", "0.2", "--seed", "14"};
        assertEquals(0, Commands.run(new SecureSums(), args));

        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals("drawn digits, 20 % of the writers vanish in a round, 1 rounds", lines.get(0));
        assertEquals(8, lines.size(), lines::toString);
        for (int first : new int[] {2, 5}) {
            double clear = accuracyAtTheEnd(lines.get(first), "each update");
            assertTrue(clear > 0.2, () -> "a guess would have 0.1, this has " + clear);
            for (int row = first + 1; row < first + 3; row++) {
                assertEquals(clear, accuracyAtTheEnd(lines.get(row), "a sum; "), 0.002);
            }
        }
    }

    private static double accuracyAtTheEnd(String row, String sees) {
        assertTrue(row.matches(" +\\d+ \\| " + sees + ".*\\| +\\d+\\.\\d\\d \\| +0 \\| 0\\.\\d{4}"), row);
        return Double.parseDouble(row.substring(row.lastIndexOf('|') + 1).strip());
    }

    private static double accuracy(List<String> lines, String name) {
        String row = lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .orElseThrow();
        String cell = row.substring(row.indexOf('|') + 1).strip();
        return Double.parseDouble(cell.substring(0, cell.indexOf(' ')));
    }
}
