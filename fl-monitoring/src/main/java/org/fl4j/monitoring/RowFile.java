package org.fl4j.monitoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.fl4j.CorruptDataException;

/**
 * A file with a row for each round of any number of runs. When a run starts from a state, rows of that run's later rounds are
 * superseded and removed: they are of rounds that will be played again. Rows of other runs stay.
 */
final class RowFile {

    /** Whose row it is. */
    record Key(String run, int round) {}

    /**
     * What lines are.
     *
     * @param start what the first line begins with
     * @param headers how many lines come before the rows
     * @param keys reads a row's key; throws what it likes for a line that is none
     */
    record Format(String start, int headers, Function<String, Key> keys) {}

    private final LineFile file;
    private final Format format;
    private RunStart run = RunStart.NONE;
    private int written;

    private RowFile(LineFile file, Format format) {
        this.file = file;
        this.format = format;
    }

    /**
     * Opens or makes it, and removes what a crash left of a last line.
     *
     * @param format what its lines are
     * @throws CorruptDataException if something in it is of another format; the file is as it was
     */
    static RowFile open(Path path, Format format) {
        LineFile file = LineFile.open(path);
        RowFile rows = new RowFile(file, format);
        try {
            rows.requireOwn(file.content());
            return rows;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void requireOwn(LineFile.Content content) {
        List<String> lines = content.lines();
        String first = lines.isEmpty() ? content.torn() : lines.get(0);
        boolean isTornStart = lines.isEmpty() && format.start().startsWith(first);
        if (!isTornStart && !first.startsWith(format.start())) {
            throw new CorruptDataException(
                    file + " must begin with " + format.start() + ", but does not; give this sink a file of its own");
        }
        for (int i = format.headers(); i < lines.size(); i++) {
            key(lines.get(i), i + 1);
        }
        if (!content.torn().isEmpty()) {
            file.replace(lines);
        }
    }

    LineFile lines() {
        return file;
    }

    RunStart run() {
        return run;
    }

    /** The same run that goes on where its last row is needs no look at the file. */
    void runStarted(RunStart start) {
        if (!run.run().equals(start.run()) || written > start.from()) {
            removeSuperseded(start);
            written = start.from();
        }
        run = start;
    }

    void append(int round, String line) {
        file.append(line);
        written = round;
    }

    private void removeSuperseded(RunStart start) {
        List<String> all = file.lines();
        List<String> kept = new ArrayList<>(all.subList(0, Math.min(format.headers(), all.size())));
        for (int i = format.headers(); i < all.size(); i++) {
            Key key = key(all.get(i), i + 1);
            if (!key.run().equals(start.run()) || key.round() <= start.from()) {
                kept.add(all.get(i));
            }
        }
        if (kept.size() < all.size()) {
            file.replace(kept);
        }
    }

    private Key key(String line, int number) {
        try {
            return format.keys().apply(line);
        } catch (RuntimeException e) {
            throw new CorruptDataException(
                    file + ", line " + number + ": is no row of a round, which begins with its run"
                            + " and round; give this sink a file of its own");
        }
    }
}
