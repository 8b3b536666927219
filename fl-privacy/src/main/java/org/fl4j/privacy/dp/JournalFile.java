package org.fl4j.privacy.dp;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.Folders;
import org.fl4j.privacy.dp.JournalContent.End;
import org.fl4j.privacy.dp.JournalRecord.Charge;
import org.fl4j.privacy.dp.JournalRecord.Head;
import org.jspecify.annotations.Nullable;

/**
 * A file of {@link JournalRecord}s. A charge is forced to disk before its noise may be drawn, so a torn one at the end is of a
 * release that never happened; the next writer cuts it off.
 *
 * <p>The file is read whole once; afterwards each append checks that it still ends where this writer left it, so the later of
 * two writers is rejected.
 *
 * <p>Thread-safe: one writer at a time, in this process or another. Reads and writes continue when their thread is interrupted,
 * so an interrupt leaves no part of a record; it only ends the wait for a lock.
 */
final class JournalFile {

    /**
     * A file's lock keeps other processes out but not other threads: for them it is an error, and closing any channel to the
     * file releases the lock of all.
     */
    private static final ReentrantLock[] THREADS =
            Stream.generate(ReentrantLock::new).limit(64).toArray(ReentrantLock[]::new);

    /** Records: less than a block of a file system, so that a crash leaves no hole between them. */
    private static final int FORCED_TOGETHER = 8;

    private final Path file;
    private @Nullable JournalContent content;

    /** Whether a write failed: then only what was there before is known to be on disk. */
    private boolean unsure;

    JournalFile(Path file) {
        this.file = file;
    }

    Path path() {
        return file;
    }

    /** Whether there is a journal; one whose creation was cut short is none. */
    boolean exists() {
        return Files.exists(file) && (Files.isDirectory(file) || !JournalContent.isCutShort(bytes()));
    }

    /** Reads the journal as it is and changes nothing. */
    JournalContent.Read read() {
        return parsed(bytes());
    }

    private JournalContent.Read parsed(byte[] bytes) {
        if (JournalContent.isCutShort(bytes)) {
            throw missing();
        }
        return JournalContent.parse(file, bytes);
    }

    private byte[] bytes() {
        if (!Files.exists(file)) {
            throw missing();
        }
        try {
            ReentrantLock thread = threadLock();
            thread.lock();
            try (FileInputStream in = new FileInputStream(file.toFile())) {
                return in.readAllBytes();
            } finally {
                thread.unlock();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    GaussianMechanism.JournalException missing() {
        return new GaussianMechanism.JournalException("there is no privacy journal at " + file
                + ", or its creation was cut short; what was spent is not known. Is the path right and the volume mounted?"
                + " Only newJournal(...) starts another in its place");
    }

    GaussianMechanism.JournalException present() {
        return new GaussianMechanism.JournalException("there is a privacy journal at " + file
                + " already; continue it with journal(...), or start one under another name");
    }

    /** Makes the journal where there is none, and leaves it closed. */
    void create(Head head) {
        make(head, JournalContent::isCutShort, this::present);
    }

    /** Replaces a journal in which nothing is charged, and leaves it closed. */
    void replaceUnused(Head head) {
        make(
                head,
                old -> JournalContent.isCutShort(old)
                        || parsed(old).content().spent().isEmpty(),
                this::changed);
    }

    private void make(Head head, Predicate<byte[]> mayGo, Supplier<GaussianMechanism.JournalException> otherwise) {
        byte[] bytes = head.toBytes();
        try {
            ReentrantLock thread = lockThread();
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                lock(out);
                if (!mayGo.test(all(out))) {
                    throw otherwise.get();
                }
                out.setLength(0);
                out.write(bytes);
                out.getFD().sync();
                forceFolder();
                content = JournalContent.parse(file, bytes).content();
                unsure = false;
            } finally {
                thread.unlock();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Locks the journal until closed, and reads it if it is not known yet. */
    Open open() {
        if (!Files.exists(file)) {
            throw missing();
        }
        try {
            ReentrantLock thread = lockThread();
            RandomAccessFile access = null;
            try {
                access = new RandomAccessFile(file.toFile(), "rw");
                lock(access);
                return new Open(access, thread, checked(access));
            } catch (Throwable e) {
                letGo(access, thread, e);
                throw e;
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Unlocks even if closing fails: a lock that is kept stops every later round of the process. */
    static void letGo(@Nullable Closeable access, ReentrantLock thread, Throwable cause) {
        try {
            if (access != null) {
                access.close();
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        } finally {
            thread.unlock();
        }
    }

    private JournalContent checked(RandomAccessFile access) throws IOException {
        JournalContent known = content;
        if (known != null && !unsure) {
            if (access.length() != known.end().length() || !endsIn(access, known.end())) {
                throw changed();
            }
            return known;
        }
        JournalContent.Read read = parsed(all(access));
        if (known != null && !read.has(known.end().hash())) {
            throw changed();
        }
        long whole = read.content().end().length();
        if (access.length() > whole) {
            access.setLength(whole);
            access.getFD().sync();
        }
        content = read.content();
        unsure = false;
        return read.content();
    }

    /** Whether the last record, or the head, is the one that was there. */
    private static boolean endsIn(RandomAccessFile access, End end) throws IOException {
        byte[] last = new byte[end.last().remaining()];
        access.seek(end.length() - last.length);
        access.readFully(last);
        return ByteBuffer.wrap(last).equals(end.last());
    }

    private GaussianMechanism.JournalException changed() {
        return new GaussianMechanism.JournalException("the privacy journal " + file
                + " was written or replaced by another writer since this run read it; two runs must not share a journal."
                + " Is the same run running twice?");
    }

    private static byte[] all(RandomAccessFile access) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(access.length())];
        access.seek(0);
        access.readFully(bytes);
        return bytes;
    }

    private ReentrantLock threadLock() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path real = Files.exists(file) || folder == null
                ? file.toRealPath()
                : folder.toRealPath().resolve(file.getFileName());
        return THREADS[Math.floorMod(real.hashCode(), THREADS.length)];
    }

    private ReentrantLock lockThread() throws IOException {
        ReentrantLock thread = threadLock();
        try {
            thread.lockInterruptibly();
            return thread;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
    }

    /** Keeps other processes out until the file is closed. */
    private void lock(RandomAccessFile access) throws IOException {
        try {
            access.getChannel().lock();
        } catch (FileLockInterruptionException | ClosedByInterruptException e) {
            throw interrupted();
        }
    }

    private RunInterruptedException interrupted() {
        return new RunInterruptedException(
                "interrupted while waiting for the privacy journal " + file + "; nothing was charged");
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("the privacy journal " + file + " cannot be read or written", e);
    }

    /** So that the file's name outlives a crash of the machine. */
    private void forceFolder() {
        // An interrupt would close the channel.
        boolean interrupted = Thread.interrupted();
        try {
            Folders.force(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        } catch (IOException e) {
            // Not every system lets a folder be forced; the file itself is, with every record.
            return;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The journal under lock; closed by the thread that opened it. */
    final class Open implements AutoCloseable {

        private final RandomAccessFile access;
        private final ReentrantLock thread;
        private final JournalContent held;

        private Open(RandomAccessFile access, ReentrantLock thread, JournalContent held) {
            this.access = access;
            this.thread = thread;
            this.held = held;
        }

        JournalContent content() {
            return held;
        }

        /** Whether the chain holds a hash. For any but the last, which is the common case, the journal is read again. */
        boolean has(String hash) {
            try {
                return hash.equals(held.end().hash()) || parsed(all(access)).has(hash);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        /** Appends charges, a record each, forced to disk; returns the last one's hash. */
        String append(String owner, PrivacyLedger.Charges charges) {
            try {
                unsure = true;
                for (int i = 1; i <= charges.times(); i++) {
                    Charge charge = Charge.after(
                            held.end().hash(), owner, charges.round(), charges.attempt(), charges.release());
                    byte[] bytes = charge.toBytes();
                    access.seek(held.end().length());
                    access.write(bytes);
                    if (i % FORCED_TOGETHER == 0 || i == charges.times()) {
                        access.getFD().sync();
                    }
                    held.add(charge, bytes);
                }
                unsure = false;
                return held.end().hash();
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void close() {
            try {
                access.close();
            } catch (IOException e) {
                throw failed(e);
            } finally {
                thread.unlock();
            }
        }
    }
}
