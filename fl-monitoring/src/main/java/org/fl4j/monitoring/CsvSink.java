package org.fl4j.monitoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A CSV file (RFC 4180, UTF-8, lines that end with LF): a header, then a row a round. The first columns are {@code run}, {@code round},
 * {@code outcome} and {@code reason}; each figure has a column of its own, empty where a round does not have it. The first
 * round with a new figure adds its column, for which the file is replaced as a whole.
 *
 * <p>It appends, and may hold many runs. When a run starts from the state of round r, the rows it has of later rounds are superseded
 * and removed, so a resumed run has each round once. A row reaches the operating system when its round is handed on, so
 * that it outlives the process, and is forced to disk when the run ends. One process at a time writes to a file.
 */
public final class CsvSink implements RunSink {

    private static final String FIRST_COLUMNS = "run,round,outcome,reason";
    private static final int FIXED = 4;

    private final RowFile rows;
    private final Set<String> columns = new LinkedHashSet<>();

    private CsvSink(RowFile rows) {
        this.rows = rows;
    }

    /**
     * Opens a file, or makes it with its folder.
     *
     * @param file of this sink alone
     * @return the sink
     * @throws java.io.UncheckedIOException if it cannot be written
     * @throws org.fl4j.CorruptDataException if it holds lines that are not this sink's; the file is as it was
     */
    public static CsvSink in(Path file) {
        CsvSink sink = new CsvSink(RowFile.open(file, new RowFile.Format(FIRST_COLUMNS, 1, CsvSink::key)));
        List<String> lines = sink.rows.lines().lines();
        if (lines.isEmpty()) {
            sink.rows.lines().append(FIRST_COLUMNS);
            return sink;
        }
        List<String> header = List.of(lines.get(0).split(",", -1));
        sink.columns.addAll(header.subList(FIXED, header.size()));
        return sink;
    }

    @Override
    public void runStarted(RunStart run) {
        rows.runStarted(run);
    }

    @Override
    public void roundEnded(RoundRecord round) {
        int before = columns.size();
        columns.addAll(round.figures().keySet());
        if (columns.size() > before) {
            addColumns(columns.size() - before);
        }
        StringBuilder line = new StringBuilder();
        line.append(rows.run().run()).append(',').append(round.round()).append(',');
        line.append(round.outcome().name().toLowerCase(Locale.ROOT)).append(',').append(Lines.csv(round.reason()));
        for (String column : columns) {
            line.append(',');
            round.figure(column).ifPresent(value -> line.append(Numbers.exact(value)));
        }
        rows.append(round.round(), line.toString());
    }

    @Override
    public void runEnded() {
        rows.lines().force();
    }

    @Override
    public void close() {
        rows.lines().close();
    }

    @Override
    public String toString() {
        return "CsvSink[" + rows.lines() + "]";
    }

    private void addColumns(int count) {
        List<String> lines = new ArrayList<>(rows.lines().lines());
        lines.replaceAll(line -> line + ",".repeat(count));
        lines.set(0, FIRST_COLUMNS + "," + String.join(",", columns));
        rows.lines().replace(lines);
    }

    private static RowFile.Key key(String line) {
        String[] fields = line.split(",", 3);
        return new RowFile.Key(fields[0], Integer.parseInt(fields[1]));
    }
}
