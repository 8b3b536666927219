package org.fl4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A file is the old one or the new one, and nothing is left beside it. */
class AtomicFileTest {

    private static final String KIND = "test";

    @TempDir
    private Path folder;

    @Test
    void theNewFileReplacesTheOld() throws IOException {
        Path file = folder.resolve("state");
        write(file, 1);
        write(file, 2);

        assertEquals(2, read(file));
        assertEquals(List.of(file), files(folder));
    }

    @Test
    void theFolderIsMade() throws IOException {
        Path file = folder.resolve("a/b/state");
        write(file, 1);

        assertEquals(1, read(file));
        assertEquals(List.of(file), files(file.getParent()));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void theFolderMayBeASymbolicLink() throws IOException {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), disk);
        write(link.resolve("state"), 1);

        assertEquals(1, read(disk.resolve("state")));
    }

    @Test
    void theOldFileSurvivesABodyThatThrows() throws IOException {
        Path file = folder.resolve("state");
        write(file, 1);
        RuntimeException bug = new IllegalStateException("half way");
        Error fatal = new AssertionError("half way");

        assertSame(bug, assertThrows(IllegalStateException.class, () -> writeAndThrow(file, bug)));
        assertSame(
                fatal,
                assertThrows(
                        AssertionError.class,
                        () -> AtomicFile.replace(file, out -> {
                            out.write(new byte[100_000]);
                            throw fatal;
                        })));
        IOException full = new IOException("no space left");
        assertSame(
                full,
                assertThrows(
                        IOException.class,
                        () -> AtomicFile.replace(file, out -> {
                            out.write(new byte[100_000]);
                            throw full;
                        })));

        assertEquals(1, read(file));
        assertEquals(List.of(file), files(folder));
    }

    @Test
    void aBodyThatThrowsLeavesNothingWhereThereWasNoFile() throws IOException {
        Path file = folder.resolve("state");

        assertThrows(IllegalStateException.class, () -> writeAndThrow(file, new IllegalStateException("half way")));

        assertEquals(List.of(), files(folder));
    }

    @Test
    void aTargetThatCannotBeAFileIsNamedAndLeavesNothing() throws IOException {
        Path occupied = Files.createDirectories(folder.resolve("state/inside")).getParent();

        UncheckedIOException thrown = assertThrows(UncheckedIOException.class, () -> write(occupied, 1));

        assertEquals(
                "'" + occupied + "' could not be written: " + thrown.getCause().getMessage(), thrown.getMessage());
        assertEquals(List.of(occupied), files(folder));
    }

    /** A full disk fails inside the body, where a field is written, as an unchecked exception without the file's name. */
    @Test
    void aFileThatFailsWhileAFieldIsWrittenIsNamed() throws IOException {
        Path file = folder.resolve("state");
        UncheckedIOException full = new UncheckedIOException(new IOException("no space left"));

        assertEquals(
                "'" + file + "' could not be written: no space left",
                assertThrows(UncheckedIOException.class, () -> writeAndThrow(file, full))
                        .getMessage());
        assertEquals(List.of(), files(folder));
    }

    @Test
    void theRootIsNotAFile() {
        Path root = FileSystems.getDefault().getRootDirectories().iterator().next();

        assertEquals(
                "'" + root + "' could not be written: '" + root + "' is not a file that can be written",
                assertThrows(UncheckedIOException.class, () -> write(root, 1)).getMessage());
    }

    /** The reader goes on until the writer is done; a file seen half-written would be corrupt, one removed absent. */
    @Test
    void aReaderNeverSeesAFileInBetween() throws InterruptedException, ExecutionException {
        Path file = folder.resolve("state");
        write(file, 0);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> writer = thread.submit(() -> {
                for (int i = 1; i <= 50; i++) {
                    write(file, i);
                }
            });
            int last = 0;
            while (!writer.isDone()) {
                int now = read(file);
                assertTrue(now >= last, "went back from " + last + " to " + now);
                last = now;
            }
            writer.get();
            assertEquals(50, read(file));
        } finally {
            thread.shutdownNow();
        }
        assertFalse(Files.isDirectory(file));
    }

    private static void write(Path file, int value) {
        BinaryWriter.toFile(file, KIND, 1, out -> {
            out.writeInt(value);
            out.writeBytes(new byte[200_000]);
        });
    }

    private static void writeAndThrow(Path file, RuntimeException bug) {
        BinaryWriter.toFile(file, KIND, 1, out -> {
            out.writeBytes(new byte[200_000]);
            throw bug;
        });
    }

    private static int read(Path file) {
        return BinaryReader.fromFile(file, KIND, 1, in -> {
            int value = in.readInt();
            in.readBytes();
            return value;
        });
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> listed = Files.list(in)) {
            return listed.toList();
        }
    }
}
