package org.fl4j.monitoring;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JSON Lines file: one flat object a round, which Python's pandas reads by {@code read_json(path, lines=True)}:
 *
 * <pre>{@code
 * {"run":"3fa2b1c0-91d4e77a","round":12,"outcome":"advanced","reason":"","training.loss":0.312,"central.accuracy":0.912}
 * }</pre>
 *
 * <p>It appends, and may hold many runs. When a run starts from the state of round r, the rows it has of later rounds are superseded
 * and removed, so a resumed run has each round once. A row reaches the operating system when its round is handed on, so
 * that it outlives the process, and is forced to disk when the run ends. One process at a time writes to a file.
 */
public final class JsonLinesSink implements RunSink {

    private static final Pattern START =
            Pattern.compile("\\{\"run\":\"([A-Za-z0-9-]+)\",\"round\":([0-9]{1,10}),.*\\}");

    private final RowFile rows;

    private JsonLinesSink(RowFile rows) {
        this.rows = rows;
    }

    /**
     * Opens a file, or makes it with its folder.
     *
     * @param file of this sink alone
     * @return the sink
     * @throws java.io.UncheckedIOException if it cannot be written
     * @throws org.fl4j.CorruptDataException if it holds lines that are no rows of this sink; the file is as it was
     */
    public static JsonLinesSink in(Path file) {
        return new JsonLinesSink(RowFile.open(file, new RowFile.Format("{\"run\":\"", 0, JsonLinesSink::key)));
    }

    @Override
    public void runStarted(RunStart run) {
        rows.runStarted(run);
    }

    @Override
    public void roundEnded(RoundRecord round) {
        StringBuilder line = new StringBuilder();
        line.append("{\"run\":").append(Lines.json(rows.run().run()));
        line.append(",\"round\":").append(round.round());
        line.append(",\"outcome\":").append(Lines.json(round.outcome().name().toLowerCase(Locale.ROOT)));
        line.append(",\"reason\":").append(Lines.json(round.reason()));
        round.figures()
                .forEach((name, value) ->
                        line.append(',').append(Lines.json(name)).append(':').append(Numbers.exact(value)));
        rows.append(round.round(), line.append('}').toString());
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
        return "JsonLinesSink[" + rows.lines() + "]";
    }

    private static RowFile.Key key(String line) {
        Matcher row = START.matcher(line);
        if (!row.matches()) {
            throw new IllegalArgumentException(line);
        }
        return new RowFile.Key(row.group(1), Integer.parseInt(row.group(2)));
    }
}
