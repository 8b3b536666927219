package org.fl4j.monitoring;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.AtomicFile;
import org.fl4j.internal.Folders;

/**
 * A text file of whole lines that grows. A line reaches the operating system when it is appended, and the disk when the file
 * is forced.
 */
final class LineFile {

    /**
     * Whole lines, and what follows the last of them.
     *
     * @param lines without their ends
     * @param torn what a crash left of a line; empty otherwise
     */
    record Content(List<String> lines, String torn) {}

    private final Path file;
    private FileOutputStream out;

    private LineFile(Path file, FileOutputStream out) {
        this.file = file;
        this.out = out;
    }

    /** Opens or makes it, folders included. */
    static LineFile open(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Folders.create(folder);
            }
            return new LineFile(file, appending(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** What it holds. */
    Content content() {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            List<String> pieces = new ArrayList<>(List.of(text.split("\n", -1)));
            String torn = pieces.remove(pieces.size() - 1);
            return new Content(pieces, torn);
        } catch (CharacterCodingException e) {
            throw new CorruptDataException(file + " is not text in UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** All whole lines, without their ends. */
    List<String> lines() {
        return content().lines();
    }

    void append(String line) {
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Replaces all lines at once, forced to disk. */
    void replace(List<String> lines) {
        try {
            AtomicFile.replace(file, body -> {
                for (String line : lines) {
                    body.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
            });
            out.close();
            out = appending(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    void force() {
        try {
            out.getFD().sync();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot force " + file + " to disk", e);
        }
    }

    void close() {
        force();
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /** A stream and no channel: an interrupt closes those. */
    private static FileOutputStream appending(Path file) throws IOException {
        return new FileOutputStream(file.toFile(), true);
    }
}
