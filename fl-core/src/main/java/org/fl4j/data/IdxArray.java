package org.fl4j.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.fl4j.CorruptDataException;

/**
 * One IDX file: {@code 0, 0, type, rank}, then rank sides as big-endian 4-byte integers, then the values. Only unsigned
 * bytes, type 8, are read.
 */
final class IdxArray {

    private static final int UNSIGNED_BYTE = 0x08;
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    private final List<Integer> sides;
    private final byte[] values;

    private IdxArray(List<Integer> sides, byte[] values) {
        this.sides = sides;
        this.values = values;
    }

    static IdxArray read(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
            if (!isGzip(raw)) {
                return parse(file, new DataInputStream(raw));
            }
            WholeGzip packed = new WholeGzip(raw.readAllBytes());
            IdxArray array = parse(file, new DataInputStream(packed));
            if (packed.bytesBehind() != 0) {
                throw new CorruptDataException(file + ": " + packed.bytesBehind()
                        + " bytes follow the end of its gzip stream. Is the file corrupt?");
            }
            return array;
        } catch (EOFException e) {
            throw new CorruptDataException(file + " is truncated: it ends within its header or its gzip stream", e);
        } catch (ZipException e) {
            throw new CorruptDataException(file + " is a damaged gzip file: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** The sides, the first being the number of items. */
    List<Integer> sides() {
        return sides;
    }

    int length() {
        return values.length;
    }

    int get(int index) {
        return values[index] & 0xFF;
    }

    private static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
        in.reset();
        return gzip;
    }

    /**
     * A gzip file that was read whole. The JDK takes whatever follows a gzip stream for the next member, and drops it in
     * silence if it is none; with all bytes in one buffer what it left can be counted.
     */
    private static final class WholeGzip extends GZIPInputStream {

        private static final int TRAILER = 8;

        WholeGzip(byte[] file) throws IOException {
            super(new ByteArrayInputStream(file), file.length);
        }

        /** After the last value was read, how many bytes belong to no member. */
        int bytesBehind() {
            return inf.getRemaining() - TRAILER;
        }
    }

    private static IdxArray parse(Path file, DataInputStream in) throws IOException {
        int magic = in.readInt();
        int rank = magic & 0xFF;
        if (magic >>> 8 != UNSIGNED_BYTE || rank == 0) {
            throw new CorruptDataException(file + ": expected an IDX file of unsigned bytes, plain or gzip, which"
                    + " starts with 00 00 08 and the rank (after unpacking). Found: " + hex(magic));
        }
        List<Integer> sides = new ArrayList<>(rank);
        long length = 1;
        for (int i = 0; i < rank; i++) {
            int side = in.readInt();
            sides.add(side);
            if (side < (i == 0 ? 0 : 1) || length * side > LONGEST) {
                throw new CorruptDataException(file + ": the header gives sides " + sides + " of " + rank
                        + "; expected positive sides of at most " + LONGEST + " values in all. Is the file corrupt?");
            }
            length *= side;
        }
        byte[] values = in.readNBytes((int) length); // grows as it reads: a false header cannot make it allocate
        if (values.length < length) {
            throw new CorruptDataException(file + " is truncated: the header " + sides + " promises " + length
                    + " values. Found: " + values.length);
        }
        if (in.read() >= 0) {
            throw new CorruptDataException(file + ": the header " + sides + " promises " + length
                    + " values, but more follow. Is the file corrupt?");
        }
        return new IdxArray(Collections.unmodifiableList(sides), values);
    }

    private static String hex(int magic) {
        return String.format(
                "%02x %02x %02x %02x", magic >>> 24, magic >>> 16 & 0xFF, magic >>> 8 & 0xFF, magic & 0xFF);
    }
}
