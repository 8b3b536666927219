package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keyboard, fraud and sensors, small, on data that they generate. */
class UseCasesTest {

    private final PrintStream standardOut = System.out;
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(standardOut);
        System.setErr(standardError);
    }

    @Test
    void aPersonalOutputLayerSuitsPeopleWhoSpellInTheirOwnWay() {
        String[] args = {"--roles", "4", "--cohort", "4", "--sequences", "40", "--cells", "24", "--rounds", "30"};
        assertEquals(0, Commands.run(new Keyboard(), args));

        double commonest = cell("the commonest character", 1);
        double shared = cell("FedAvg", 1);
        double personal = cell("personal output layer", 1);
        assertTrue(personal > commonest + 0.05, () -> personal + " against " + commonest);
        assertTrue(personal > shared, () -> personal + " against " + shared);
    }

    @Test
    void aLongRunGoesOnWhereItWasInterrupted(@TempDir Path folder) throws Exception {
        assertEquals(0, Commands.run(new Keyboard(), longRun(folder.resolve("whole"), 20)));
        assertEquals(0, Commands.run(new Keyboard(), longRun(folder.resolve("parts"), 10)));
        assertEquals(0, Commands.run(new Keyboard(), longRun(folder.resolve("parts"), 20)));

        List<String> whole = curve(folder.resolve("whole"));
        assertEquals(whole, curve(folder.resolve("parts")));
        assertEquals(21, whole.size());
        assertEquals("round training.loss test.accuracy", whole.get(0));
        assertTrue(whole.get(9).matches("9 \\d+\\.\\d+ "), "no test in " + whole.get(9));
        assertTrue(whole.get(20).matches("20 \\d+\\.\\d+ 0\\.\\d+"), whole.get(20));
    }

    private static String[] longRun(Path folder, int rounds) {
        String sizes = "--roles 3 --cohort 2 --sequences 10 --length 20 --layers 2 --cells 8 --batch 4 --clip 0.01";
        return (sizes + " --rounds " + rounds + " --out " + folder).split(" ", -1);
    }

    /** The columns that are the same in every run. */
    private static List<String> curve(Path folder) throws IOException {
        List<String[]> rows = Files.readAllLines(folder.resolve("rounds.csv")).stream()
                .map(line -> line.split(",", -1))
                .toList();
        List<String> header = List.of(rows.get(0));
        int loss = header.indexOf("training.loss");
        int accuracy = header.indexOf("test.accuracy");
        return rows.stream()
                .map(row -> row[1] + " " + row[loss] + " " + row[accuracy])
                .toList();
    }

    @Test
    void banksFindMoreTogether() {
        assertEquals(0, Commands.run(new Fraud(), "--banks", "4"));

        double alone = cell("each bank alone", 1);
        double federated = cell("federated, FedAvg", 1);
        double best = cell("best there is", 1);
        assertTrue(federated > alone + 0.05, () -> federated + " against " + alone);
        assertTrue(federated < best + 0.05, () -> federated + " against the generator's own odds, " + best);
    }

    @Test
    void machinesKeepTheirCalibration() {
        assertEquals(0, Commands.run(new Sensors(), "--machines", "6", "--rounds", "30"));

        double averaged = cell("FedAvg", 1);
        double kept = cell("FedBN", 1);
        assertTrue(averaged < 0.3 && kept > averaged + 0.2, () -> kept + " against " + averaged);
    }

    @Test
    void clientsWithTwoDigitsWantTheirOwnModels(@TempDir Path folder) {
        String[] args = {
            "--clients", "10", "--cohort", "5", "--rounds", "12", "--seeds", "1", "--out", folder.toString()
        };
        assertEquals(0, Commands.run(new PersonalDigits(), args));

        double averaged = cell("FedAvg", 1);
        double alternating = cell("FedRep", 1);
        double own = cell("Ditto", 1);
        assertTrue(alternating > averaged + 0.05, () -> alternating + " against " + averaged);
        assertTrue(own > averaged + 0.05, () -> own + " against " + averaged);
    }

    @Test
    void oneBitACoordinateIsEnough() {
        String[] args = {"--clients", "10", "--cohort", "5", "--rounds", "6"};
        assertEquals(0, Commands.run(new CompressedDigits(), args));

        double fewer = cell("EDEN, 1 bit", 2);
        double whole = cell("none", 4);
        double coded = cell("EDEN, 1 bit", 4);
        assertTrue(fewer > 16, () -> "only " + fewer);
        assertTrue(whole > 0.5 && coded > whole - 0.05, () -> coded + " against " + whole);
    }

    @Test
    void aFolderWithoutPlaysIsNamed() {
        ByteArrayOutputStream error = new ByteArrayOutputStream();
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
        assertEquals(2, Commands.run(new Keyboard(), "--data", "nowhere"));
        assertEquals(
                "keyboard: there is no file nowhere/input.txt; --data names a folder with plays in input.txt:"
                        + " lines 'SPEAKER:', text below, blank lines between speeches (see --help)",
                error.toString(StandardCharsets.UTF_8).strip());
    }

    private double cell(String row, int column) {
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        String line = lines.stream()
                .filter(each -> each.startsWith(row + " "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + row + " in " + lines));
        return Double.parseDouble(line.split("\\|", -1)[column].strip());
    }
}
