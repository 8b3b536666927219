package org.fl4j.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a directory to one owner in one process, by an exclusive lock on its file {@code lock}. The lock ends with the
 * process, however that ends. The file stays.
 *
 * <p>Thread-safe.
 */
public final class DirectoryLock implements AutoCloseable {

    /**
     * The directories held in this JVM. It is asked before the lock file is opened: on POSIX systems, closing any channel
     * of a file releases every lock the process has on it, so a second store that found the file locked and closed it
     * would unlock the first.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Locks a directory.
     *
     * @param directory exists
     * @param owner what locks it, for the message of who comes second: {@code "a client state store"}
     * @return to be closed
     * @throws IllegalStateException if it is locked already, by this process or another
     * @throws IOException if the file system reports an error
     */
    public static DirectoryLock acquire(Path directory, String owner) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            throw inUse(directory, owner, "this process");
        }
        boolean acquired = false;
        try {
            FileChannel channel =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                acquired = channel.tryLock() != null;
            } catch (OverlappingFileLockException e) {
                throw inUse(directory, owner, "this process");
            } finally {
                if (!acquired) {
                    channel.close();
                }
            }
            if (!acquired) {
                throw inUse(directory, owner, "another process");
            }
            return new DirectoryLock(real, channel);
        } finally {
            if (!acquired) {
                HELD.remove(real);
            }
        }
    }

    private static IllegalStateException inUse(Path directory, String owner, String whose) {
        return new IllegalStateException("'" + directory + "' is in use by " + owner + " of " + whose
                + "; end that one first, or give each run a directory of its own");
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(directory);
        }
    }
}
