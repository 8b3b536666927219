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
import java.util.zip.CRC32;
import org.fl4j.binary.CorruptDataException;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;

/**
 * An append-only file of booked rounds. A record is round (4 bytes), noise multiplier (8), sampling probability (8), CRC-32
 * of those (4), big-endian, after a head of 8 bytes. A record is forced to disk before its round may draw noise, so a torn
 * one at the end is of a round that never ran; it is cut off.
 */
record ReleaseJournal(Path file) {

    private static final byte[] HEAD = "FL4JDPJ1".getBytes(StandardCharsets.US_ASCII);
    private static final int RECORD = 24;
    private static final int CHECKED = 20;

    /** Reads the journal and keeps it locked until closed. */
    Open open() {
        try {
            Path folder = file.toAbsolutePath().getParent();
            boolean fresh = !Files.exists(file);
            if (fresh && folder != null) {
                Files.createDirectories(folder);
            }
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            try {
                FileLock lock = channel.lock();
                Open open = new Open(file, channel, lock, read(channel));
                if (fresh && folder != null) {
                    force(folder);
                }
                return open;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the privacy journal " + file + " cannot be read or written", e);
        }
    }

    private Composition read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // Until all is there.
        }
        bytes.flip();
        if (bytes.remaining() < HEAD.length) {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(HEAD), 0);
            channel.force(true);
            channel.position(HEAD.length);
            return Composition.empty();
        }
        byte[] head = new byte[HEAD.length];
        bytes.get(head);
        if (!Arrays.equals(head, HEAD)) {
            throw new CorruptDataException(file + " is not a privacy journal");
        }
        Composition spent = Composition.empty();
        int records = bytes.remaining() / RECORD;
        for (int i = 0; i < records; i++) {
            spent = spent.plus(record(bytes, i));
        }
        channel.position(HEAD.length + (long) records * RECORD);
        channel.truncate(channel.position());
        return spent;
    }

    private PrivacyEvent record(ByteBuffer bytes, int index) {
        byte[] checked = new byte[CHECKED];
        bytes.get(checked);
        if (bytes.getInt() != crc(checked)) {
            throw new CorruptDataException(
                    file + ": record " + (index + 1) + " is damaged; what was spent is not known, so no round can run");
        }
        ByteBuffer fields = ByteBuffer.wrap(checked);
        fields.getInt();
        return Bookings.event(fields.getDouble(), fields.getDouble());
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

    /** The journal under lock. */
    static final class Open implements AutoCloseable {

        private final Path file;
        private final FileChannel channel;
        private final FileLock lock;
        private final Composition spent;

        Open(Path file, FileChannel channel, FileLock lock, Composition spent) {
            this.file = file;
            this.channel = channel;
            this.lock = lock;
            this.spent = spent;
        }

        Composition spent() {
            return spent;
        }

        void append(int round, PrivacyEvent event) {
            byte[] checked = ByteBuffer.allocate(CHECKED)
                    .putInt(round)
                    .putDouble(event.noiseMultiplier())
                    .putDouble(event.samplingProbability())
                    .array();
            ByteBuffer whole = ByteBuffer.allocate(RECORD)
                    .put(checked)
                    .putInt(crc(checked))
                    .flip();
            try {
                while (whole.hasRemaining()) {
                    channel.write(whole);
                }
                channel.force(true);
            } catch (IOException e) {
                throw new UncheckedIOException("the privacy journal " + file + " cannot be written", e);
            }
        }

        @Override
        public void close() {
            try {
                lock.release();
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the privacy journal " + file + " cannot be closed", e);
            }
        }
    }
}
