package org.fl4j.monitoring;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.fl4j.internal.Folders;
import org.jspecify.annotations.Nullable;

/**
 * Event files for TensorBoard: each run is a folder, each figure a scalar, each round a step. {@code tensorboard --logdir FOLDER}
 * shows them, {@code central.accuracy} as {@code central/accuracy}. Values are FP32, as event files have them.
 *
 * <p>A resumed run has another file in its folder, which begins by superseding the steps after the state that it resumes from.
 * A round reaches the operating system when it is handed on, and the disk when the run ends.
 *
 * <p>Written as TFRecord frames with masked CRC-32C and TensorFlow's {@code event.proto}, version 2, without TensorFlow.
 */
public final class TensorBoardSink implements RunSink {

    private final Path folder;
    private RunStart run = RunStart.NONE;
    private @Nullable FileOutputStream out;

    private TensorBoardSink(Path folder) {
        this.folder = folder;
    }

    /**
     * Event files in a folder, which is made if need be.
     *
     * @param folder the log directory
     * @return the sink
     * @throws UncheckedIOException if it cannot be written to
     */
    public static TensorBoardSink in(Path folder) {
        try {
            Folders.create(folder);
            Files.delete(Files.createTempFile(folder, "events", ".tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write event files in " + folder, e);
        }
        return new TensorBoardSink(folder);
    }

    @Override
    public void runStarted(RunStart start) {
        try {
            if (!start.run().equals(run.run())) {
                closeFile();
                out = newFile(start);
                out.write(EventRecord.fileStart(start.at()));
            }
            run = start;
            open().write(EventRecord.sessionStart(start.at(), start.from() + 1));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void roundEnded(RoundRecord round) {
        try {
            open().write(EventRecord.scalars(round.at(), round.round(), round.figures()));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void runEnded() {
        try {
            open().getFD().sync();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() {
        try {
            closeFile();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public String toString() {
        return "TensorBoardSink[" + folder + "]";
    }

    private FileOutputStream open() throws IOException {
        if (out == null) {
            throw new IOException("no run has started");
        }
        return out;
    }

    /** Readers take a folder's files in the order of their names. */
    private FileOutputStream newFile(RunStart start) throws IOException {
        Path its = folder.resolve(start.run());
        Folders.create(its);
        long before;
        try (Stream<Path> files = Files.list(its)) {
            before = files.count();
        }
        return new FileOutputStream(its.resolve(String.format(
                        "events.out.tfevents.%010d.fl4j.%06d", start.at().getEpochSecond(), before))
                .toFile());
    }

    private void closeFile() throws IOException {
        FileOutputStream file = out;
        if (file != null) {
            out = null;
            file.getFD().sync();
            file.close();
        }
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("cannot write event files in " + folder.resolve(run.run()), e);
    }
}
