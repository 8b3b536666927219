package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.CsvText;
import org.fl4j.server.report.Disclosure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CSV and JSON Lines, byte for byte. */
class RowFilesTest {

    @TempDir
    private Path folder;

    @Test
    void jsonLinesAreFlatObjects() throws Exception {
        Path file = folder.resolve("new").resolve("rounds.jsonl");
        try (JsonLinesSink sink = JsonLinesSink.in(file)) {
            sink.runStarted(start("a-1", 0));
            sink.roundEnded(round(1, "training.loss", 0.1, "clients.failed", 5));
            sink.roundEnded(new RoundRecord(
                    2, RoundRecord.Outcome.ABANDONED, "client \"x\\y\":\n no\tdata", Instant.EPOCH, Map.of()));
            sink.runEnded();
        }
        assertEquals("""
                {"run":"a-1","round":1,"outcome":"advanced","reason":"","training.loss":0.1,"clients.failed":5}
                {"run":"a-1","round":2,"outcome":"abandoned","reason":"client \\"x\\\\y\\":\\u000a no\\u0009data"}
                """, Files.readString(file));
    }

    @Test
    void csvHasAColumnForEachFigureAndGrowsBySome() throws Exception {
        Path file = folder.resolve("rounds.csv");
        try (CsvSink sink = CsvSink.in(file)) {
            sink.runStarted(start("a-1", 0));
            sink.roundEnded(round(1, "training.loss", 0.1));
            sink.roundEnded(
                    new RoundRecord(2, RoundRecord.Outcome.REFUSED, "=1+1, \"so\"\nit is", Instant.EPOCH, Map.of()));
            sink.roundEnded(round(3, "central.accuracy", 0.5, "training.loss", 0.25));
        }
        assertEquals("""
                run,round,outcome,reason,training.loss,central.accuracy
                a-1,1,advanced,,0.1,
                a-1,2,refused,"'=1+1, ""so"" it is",,
                a-1,3,advanced,,0.25,0.5
                """, Files.readString(file));
    }

    @Test
    void aRealRunIsReadBackByACsvReader() throws Exception {
        Path file = folder.resolve("rounds.csv");
        try (Monitoring monitoring = Monitoring.to(CsvSink.in(file))) {
            Federation.run(Federation.START, 3, monitoring);
        }
        List<Integer> completed = CsvText.parse(file, ',', parser -> {
            List<Integer> column = new ArrayList<>();
            int[] at = {-1};
            parser.forEach(record -> {
                if (at[0] < 0) {
                    at[0] = record.toList().indexOf("clients.completed");
                } else {
                    column.add(Integer.valueOf(record.get(at[0])));
                }
            });
            return column;
        });
        assertEquals(List.of(18, 18, 18), completed);
    }

    /** Rounds 3 and 4 were played, but the state that the process resumes from is that after round 2. */
    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl"})
    void aResumedRunHasEachRoundOnceAndOtherRunsKeepTheirs(String kind) throws Exception {
        Path file = folder.resolve("rounds." + kind);
        write(kind, file, "other", 0, 1, 5);
        write(kind, file, "mine", 0, 1, 4);
        write(kind, file, "mine", 2, 3, 6);

        assertEquals(
                List.of(
                        "other 1", "other 2", "other 3", "other 4", "other 5", "mine 1", "mine 2", "mine 3", "mine 4",
                        "mine 5", "mine 6"),
                rows(kind, file));
    }

    /** A host that calls the server round by round, and goes back once. */
    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl"})
    void aRunThatGoesBackInTheSameProcessHasEachRoundOnce(String kind) throws Exception {
        Path file = folder.resolve("rounds." + kind);
        try (RunSink sink = open(kind).apply(file)) {
            for (int round : new int[] {1, 2, 3, 2, 3, 4}) {
                sink.runStarted(start("mine", round - 1));
                sink.roundEnded(round(round, "training.loss", round));
                sink.runEnded();
            }
        }
        assertEquals(List.of("mine 1", "mine 2", "mine 3", "mine 4"), rows(kind, file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl"})
    void aLineThatACrashCutIsDropped(String kind) throws Exception {
        Path file = folder.resolve("rounds." + kind);
        write(kind, file, "mine", 0, 1, 2);
        String whole = Files.readString(file);
        for (int cut = 1; cut < whole.length(); cut++) {
            Files.writeString(file, whole.substring(0, whole.length() - cut));
            write(kind, file, "mine", 0, 1, 2);
            assertEquals(whole, Files.readString(file), "cut by " + cut);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl"})
    void aFileOfSomethingElseIsRefusedAndLeftAlone(String kind) throws Exception {
        Path file = folder.resolve("thesis.txt");
        for (String text : List.of("years of work", "years of work\n", "\nmine,1\n", "run,round\n", "{\"run\"}\nx")) {
            Files.writeString(file, text);
            assertThrows(CorruptDataException.class, () -> open(kind).apply(file), text);
            assertEquals(text, Files.readString(file));
        }
    }

    @Test
    void aRowThatIsNoneIsNamedByItsLine() throws Exception {
        Path file = folder.resolve("rounds.csv");
        Files.writeString(file, "run,round,outcome,reason\nmine,1,advanced,\nmine,zwei,advanced,\n");
        assertEquals(
                file
                        + ", line 3: is no row of a round, which begins with its run and round; give this sink a file of its own",
                assertThrows(CorruptDataException.class, () -> CsvSink.in(file)).getMessage());
    }

    @Test
    void whatCannotBeOpenedThrowsWhenItIsWired() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        Path below = folder.resolve("file").resolve("rounds.csv");
        assertThrows(UncheckedIOException.class, () -> CsvSink.in(below));
        assertThrows(UncheckedIOException.class, () -> JsonLinesSink.in(below));
        assertThrows(UncheckedIOException.class, () -> JsonLinesSink.in(folder));
    }

    private static void write(String kind, Path file, String run, int from, int first, int last) throws Exception {
        try (RunSink sink = open(kind).apply(file)) {
            sink.runStarted(start(run, from));
            for (int round = first; round <= last; round++) {
                sink.roundEnded(round(round, "training.loss", round));
            }
        }
    }

    private static Function<Path, RunSink> open(String kind) {
        return kind.equals("csv") ? CsvSink::in : JsonLinesSink::in;
    }

    private static List<String> rows(String kind, Path file) throws Exception {
        return Files.readAllLines(file).stream()
                .skip(kind.equals("csv") ? 1 : 0)
                .map(line -> line.replaceAll("[{\":]|run|round", "").split(","))
                .map(fields -> fields[0] + " " + fields[1])
                .toList();
    }

    static RunStart start(String run, int from) {
        return new RunStart(run, from, 10, Disclosure.CLIENTS, Instant.EPOCH, Map.of());
    }

    static RoundRecord round(int round, Object... figures) {
        Map<String, Double> all = new LinkedHashMap<>();
        for (int i = 0; i < figures.length; i += 2) {
            all.put((String) figures[i], ((Number) figures[i + 1]).doubleValue());
        }
        return new RoundRecord(round, RoundRecord.Outcome.ADVANCED, "", Instant.EPOCH.plusSeconds(round), all);
    }
}
