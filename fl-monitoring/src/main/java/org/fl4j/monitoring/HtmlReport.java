package org.fl4j.monitoring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.fl4j.internal.AtomicFile;
import org.fl4j.internal.Folders;

/**
 * A page a run, {@code run-3fa2b1c0-91d4e77a.html}, to look at, send and keep: accuracy and loss, epsilon, participation, failures
 * by kind, time, bytes, how clients differ, rounds that did not advance, and what the run ran on. It needs nothing else: no
 * script, no network, a phone will do. The rounds are in it as CSV, so a resumed run goes on with its page; rounds after the state
 * that it resumes from are superseded.
 *
 * <p>It is written as a whole, forced to disk: after the first round, then every ten seconds, or every hundred times as long as
 * the last writing took if that is more, when a run of more than one round ends, and when the sink is closed. 2,000 rounds are less
 * than 2 MB. Figures have six digits.
 */
public final class HtmlReport implements RunSink {

    private static final long BETWEEN_NANOS = 10_000_000_000L;

    /** So writing takes a hundredth of a run's time at most, however slow the disk. */
    private static final int TIMES = 100;

    private final Path folder;
    private final LongSupplier nanos;
    private final List<RoundRecord> rounds = new ArrayList<>();
    private RunStart run = RunStart.NONE;
    private long written;
    private long wait;
    private boolean isWritten = true;

    private HtmlReport(Path folder, LongSupplier nanos) {
        this.folder = folder;
        this.nanos = nanos;
    }

    /**
     * Reports in a folder, which is made if need be.
     *
     * @param folder for one page a run; pages of other runs are left alone
     * @return the sink
     * @throws UncheckedIOException if it cannot be written to
     */
    public static HtmlReport in(Path folder) {
        return in(folder, System::nanoTime);
    }

    static HtmlReport in(Path folder, LongSupplier nanos) {
        try {
            Folders.create(folder);
            Files.delete(Files.createTempFile(folder, "run-", ".tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write reports in " + folder, e);
        }
        return new HtmlReport(folder, nanos);
    }

    /**
     * Where the page of the run is that was started last.
     *
     * @return the file, whether or not it is written yet
     */
    public Path page() {
        return folder.resolve("run-" + run.run() + ".html");
    }

    @Override
    public void runStarted(RunStart start) {
        boolean continues = run.run().equals(start.run());
        run = start;
        if (continues) {
            rounds.removeIf(round -> round.round() > start.from());
        } else {
            rounds.clear();
            wait = 0;
            rounds.addAll(earlier());
        }
    }

    @Override
    public void roundEnded(RoundRecord round) {
        rounds.add(round);
        isWritten = false;
        if (nanos.getAsLong() - written >= wait) {
            write();
        }
    }

    @Override
    public void runEnded() {
        if (run.rounds() > 1) {
            write();
        }
    }

    @Override
    public void close() {
        write();
    }

    @Override
    public String toString() {
        return "HtmlReport[" + folder + "]";
    }

    private List<RoundRecord> earlier() {
        try {
            return run.from() == 0 || !Files.exists(page())
                    ? List.of()
                    : ReportData.read(Files.readString(page(), StandardCharsets.UTF_8), run.from());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + page(), e);
        }
    }

    private void write() {
        if (isWritten) {
            return;
        }
        long start = nanos.getAsLong();
        byte[] page = new HtmlPage(run, rounds).text().getBytes(StandardCharsets.UTF_8);
        try {
            AtomicFile.replace(page(), out -> out.write(page));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + page(), e);
        }
        isWritten = true;
        written = nanos.getAsLong();
        wait = Math.max(BETWEEN_NANOS, TIMES * (written - start));
    }
}
