package org.fl4j.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Replaces a file as a whole: a reader sees the old bytes or the new ones, also after a power cut. */
public final class AtomicFile {

    private static final int BUFFER = 1 << 16;

    /** Writes what a file is to hold. */
    public interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes a file, forced to disk, and renames it into place.
     *
     * @param target is replaced if it exists; its folder is made if need be
     * @param body writes all of it
     * @throws IOException if the file system reports an error; the target is as it was
     */
    public static void replace(Path target, Body body) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("'" + target + "' is not a file that can be written");
        }
        Folders.create(folder);
        // Not createTempFile: its files are the owner's alone to read, and so would be the renamed one.
        Path temporary = folder.resolve(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
                body.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Folders.force(folder);
        } catch (IOException | RuntimeException | Error e) {
            discard(temporary, e);
            throw e;
        }
    }

    /** What went wrong is reported, not that what it left could not be deleted. */
    private static void discard(Path temporary, Throwable reported) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            reported.addSuppressed(e);
        }
    }
}
