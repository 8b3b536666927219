package org.fl4j.privacy.dp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.fl4j.binary.CorruptDataException;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.jspecify.annotations.Nullable;

/**
 * An append-only file of booked rounds. A record is round (4 bytes), noise multiplier (8), sampling probability (8), CRC-32
 * of those (4), big-endian, after a head of 8 bytes. A record is forced to disk before its round may draw noise, so a torn
 * one at the end is of a round that never ran; it is cut off. A record of round 0 was carried over: the run knew of it and
 * the journal did not.
 *
 * <p>Thread-safe: whoever opens it waits until nobody else has it open, in this process or another.
 */
record ReleaseJournal(Path file) {

    private static final byte[] HEAD = "FL4JDPJ1".getBytes(StandardCharsets.US_ASCII);
    private static final int RECORD = 24;
    private static final int CHECKED = 20;
    private static final int CARRIED = 0;

    /**
     * A file's lock keeps other processes out but not other threads: for them it is an error, and closing any channel to the
     * file gives up the lock of all.
     */
    private static final ReentrantLock[] THREADS =
            Stream.generate(ReentrantLock::new).limit(64).toArray(ReentrantLock[]::new);

    /** Reads the journal and keeps it locked until closed. */
    Open open() {
        try {
            Path folder = file.toAbsolutePath().getParent();
            boolean fresh = !Files.exists(file);
            if (fresh && folder != null) {
                Files.createDirectories(folder);
            }
            ReentrantLock thread = threadLock(folder);
            thread.lock();
            try {
                Open open = opened(thread);
                if (fresh && folder != null) {
                    force(folder);
                }
                return open;
            } catch (IOException | RuntimeException e) {
                thread.unlock();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the privacy journal " + file + " cannot be read or written", e);
        }
    }

    private ReentrantLock threadLock(@Nullable Path folder) throws IOException {
        Path real = Files.exists(file) || folder == null
                ? file.toRealPath()
                : folder.toRealPath().resolve(file.getFileName());
        return THREADS[Math.floorMod(real.hashCode(), THREADS.length)];
    }

    private Open opened(ReentrantLock thread) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            FileLock lock = channel.lock();
            return new Open(file, channel, lock, thread, read(channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private Content read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // Until all is there.
        }
        bytes.flip();
        byte[] head = new byte[Math.min(HEAD.length, bytes.remaining())];
        bytes.get(head);
        if (!Arrays.equals(head, Arrays.copyOf(HEAD, head.length))) {
            throw new CorruptDataException(file + " is not a privacy journal");
        }
        if (head.length < HEAD.length) {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(HEAD), 0);
            channel.force(true);
        }
        Composition spent = Composition.empty();
        boolean complete = true;
        int records = bytes.remaining() / RECORD;
        for (int i = 0; i < records; i++) {
            ByteBuffer fields = record(bytes, i);
            complete &= fields.getInt() != CARRIED;
            spent = spent.plus(Bookings.event(fields.getDouble(), fields.getDouble()));
        }
        channel.position(HEAD.length + (long) records * RECORD);
        channel.truncate(channel.position());
        return new Content(spent, complete);
    }

    private ByteBuffer record(ByteBuffer bytes, int index) {
        byte[] checked = new byte[CHECKED];
        bytes.get(checked);
        if (bytes.getInt() != crc(checked)) {
            throw new CorruptDataException(
                    file + ": record " + (index + 1) + " is damaged; what was spent is not known, so no round can run");
        }
        return ByteBuffer.wrap(checked);
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** So that the file's name outlives a crash of the machine; not every system lets a folder be forced. */
    private static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The file itself is forced with every record.
            return;
        }
    }

    /** All events on record; complete unless some were carried over. */
    private record Content(Composition spent, boolean complete) {}

    /** The journal under lock; closed by the thread that opened it. */
    static final class Open implements AutoCloseable {

        private final Path file;
        private final FileChannel channel;
        private final FileLock lock;
        private final ReentrantLock thread;
        private final Content content;

        private Open(Path file, FileChannel channel, FileLock lock, ReentrantLock thread, Content content) {
            this.file = file;
            this.channel = channel;
            this.lock = lock;
            this.thread = thread;
            this.content = content;
        }

        Composition spent() {
            return content.spent();
        }

        /** Whether each of these rounds was on record before it drew noise. */
        boolean covers(Composition known) {
            return content.complete()
                    && Bookings.missing(known, content.spent()).events().isEmpty();
        }

        /**
         * Puts a round on record, behind those the caller knows of and the journal does not: without them, the next to resume
         * could not tell this round from one of those.
         */
        void append(int round, PrivacyEvent event, Composition known) {
            try {
                for (Map.Entry<PrivacyEvent, Long> lacking :
                        Bookings.missing(known, content.spent()).events().entrySet()) {
                    write(CARRIED, lacking.getKey(), lacking.getValue());
                }
                write(round, event, 1);
                channel.force(true);
            } catch (IOException e) {
                throw new UncheckedIOException("the privacy journal " + file + " cannot be written", e);
            }
        }

        private void write(int round, PrivacyEvent event, long times) throws IOException {
            byte[] checked = ByteBuffer.allocate(CHECKED)
                    .putInt(round)
                    .putDouble(event.noiseMultiplier())
                    .putDouble(event.samplingProbability())
                    .array();
            ByteBuffer records = ByteBuffer.allocate(Math.toIntExact(times * RECORD));
            for (long i = 0; i < times; i++) {
                records.put(checked).putInt(crc(checked));
            }
            records.flip();
            while (records.hasRemaining()) {
                channel.write(records);
            }
        }

        @Override
        public void close() {
            try {
                lock.release();
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the privacy journal " + file + " cannot be closed", e);
            } finally {
                thread.unlock();
            }
        }
    }
}
