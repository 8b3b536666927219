package org.fl4j.privacy.dp;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Folders;

/**
 * The file of a run's {@link NoiseSeeds}: whose they are, then a record of fixed length for each round, appended and forced to
 * disk. Where the file system has such permissions, only its owner may read it. A part of a record at the end is of a seed
 * that was never used.
 *
 * <p>Not thread-safe; an append rejects a file that another writer has changed.
 */
final class SeedFile {

    private static final String KIND = "noise-seeds";
    private static final String SEED_KIND = "noise-seed";
    private static final int VERSION = 1;

    /** A seed and the checksum after it never end in this many zero bytes, but what a crash left may. */
    private static final int NEVER_ZERO = 8;

    private static final int HEAD_LENGTH = head(JournalRecord.hash("", out -> {})).length;

    private final Path file;

    /** How long the file was when this last read or wrote it, and how long without a torn end. */
    private long length;

    private long end;

    /** The last whole record. */
    private byte[] last = new byte[0];

    SeedFile(Path file) {
        this.file = file;
    }

    /** What a file holds; of nobody where there is none, or its creation was cut short. */
    record Content(String owner, List<Seed> seeds) {}

    /**
     * A round's seed.
     *
     * @param plan 32 hexadecimal digits
     * @param key {@value AesCtrBits#KEY_BYTES} bytes in hexadecimal digits
     */
    record Seed(int round, String plan, String key) {

        static final int LENGTH =
                of(0, "0".repeat(32), new byte[AesCtrBits.KEY_BYTES]).toBytes().length;

        static Seed of(int round, String plan, byte[] key) {
            return new Seed(round, plan, HexFormat.of().formatHex(key));
        }

        byte[] keyBytes() {
            return HexFormat.of().parseHex(key);
        }

        byte[] toBytes() {
            return BinaryWriter.toBytes(SEED_KIND, VERSION, out -> {
                out.writeInt(round);
                out.writeString(plan);
                out.writeString(key);
            });
        }

        static Seed fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes, SEED_KIND, VERSION, in -> new Seed(in.readInt(), in.readString(), in.readString()));
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Seed[round=" + round + "]";
        }
    }

    static byte[] head(String owner) {
        return BinaryWriter.toBytes(KIND, VERSION, out -> out.writeString(owner));
    }

    static String ownerOf(byte[] head) {
        return BinaryReader.fromBytes(head, KIND, VERSION, BinaryReader::readString);
    }

    Path path() {
        return file;
    }

    Content read() {
        byte[] bytes;
        try {
            bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw failed(e);
        }
        if (isTorn(bytes, 0, HEAD_LENGTH)) {
            return new Content("", List.of());
        }
        try {
            return parsed(bytes);
        } catch (CorruptDataException e) {
            throw new CorruptDataException(file + " holds no seeds of noise, or is damaged; the run cannot go on", e);
        }
    }

    private Content parsed(byte[] bytes) {
        List<Seed> seeds = new ArrayList<>();
        last = Arrays.copyOf(bytes, HEAD_LENGTH);
        end = HEAD_LENGTH;
        String owner = ownerOf(last);
        for (int at = HEAD_LENGTH; !isTorn(bytes, at, Seed.LENGTH); at += Seed.LENGTH) {
            last = Arrays.copyOfRange(bytes, at, at + Seed.LENGTH);
            end = (long) at + Seed.LENGTH;
            seeds.add(Seed.fromBytes(last));
        }
        length = bytes.length;
        return new Content(owner, seeds);
    }

    /** Whether a last write arrived in part only, or not at all: a crash may leave zeros in its place. */
    private static boolean isTorn(byte[] bytes, int from, int length) {
        int arrived = bytes.length;
        while (arrived > from && bytes[arrived - 1] == 0) {
            arrived--;
        }
        return bytes.length < from + length || arrived <= from + length - NEVER_ZERO;
    }

    /** Makes the file, or replaces it. */
    void create(String owner) {
        byte[] head = head(owner);
        try {
            Files.deleteIfExists(file);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            write(0, head);
            Folders.force(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        } catch (IOException e) {
            throw failed(e);
        }
        endsIn(head, head.length);
    }

    /** Appends a seed, forced to disk. */
    void append(Seed seed) {
        byte[] bytes = seed.toBytes();
        try {
            write(end, bytes);
        } catch (IOException e) {
            throw failed(e);
        }
        endsIn(bytes, end + bytes.length);
    }

    private void endsIn(byte[] record, long at) {
        last = record;
        end = at;
        length = at;
    }

    /** Replaces what is from there on: nothing, or what was torn when the file was read. */
    private void write(long at, byte[] bytes) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            if (out.getChannel().tryLock() == null || (at > 0 && !endsAsKnown(out))) {
                throw changed();
            }
            out.setLength(at);
            out.seek(at);
            out.write(bytes);
            out.getFD().sync();
        } catch (OverlappingFileLockException e) {
            throw changed();
        }
    }

    private boolean endsAsKnown(RandomAccessFile access) throws IOException {
        if (access.length() < end || access.length() > length) {
            return false;
        }
        byte[] there = new byte[last.length];
        access.seek(end - there.length);
        access.readFully(there);
        return Arrays.equals(there, last);
    }

    private GaussianMechanism.JournalException changed() {
        return new GaussianMechanism.JournalException(
                "the seeds of noise in " + file
                        + " are in use or were changed by another writer since this run read them; is the same run running twice?");
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("the seeds of noise in " + file + " cannot be read or written", e);
    }
}
