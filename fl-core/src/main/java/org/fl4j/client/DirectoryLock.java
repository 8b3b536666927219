package org.fl4j.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a directory to one store of one process. The lock ends with the process, however that ends. */
final class DirectoryLock implements AutoCloseable {

    /**
     * The directories held in this JVM. It is asked before the lock file is opened: on POSIX systems, closing any channel
     * of a file gives up every lock the process has on it, so a second store that found the file locked and closed it
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
     * @throws IllegalStateException if it is locked already
     */
    static DirectoryLock acquire(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            throw inUse(directory, "this process");
        }
        boolean acquired = false;
        try {
            FileChannel channel =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                acquired = channel.tryLock() != null;
            } catch (OverlappingFileLockException e) {
                throw inUse(directory, "this process");
            } finally {
                if (!acquired) {
                    channel.close();
                }
            }
            if (!acquired) {
                throw inUse(directory, "another process");
            }
            return new DirectoryLock(real, channel);
        } finally {
            if (!acquired) {
                HELD.remove(real);
            }
        }
    }

    private static IllegalStateException inUse(Path directory, String whose) {
        return new IllegalStateException("'" + directory + "' is in use by a client state store of " + whose
                + "; close that one first, or give each run a directory of its own");
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(directory);
        }
    }
}
