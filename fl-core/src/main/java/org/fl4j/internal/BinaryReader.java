package org.fl4j.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;

/**
 * Reads what {@link BinaryWriter} wrote. A length that promises more than the data holds is rejected before anything is
 * allocated, so damaged input costs an exception and no memory.
 *
 * <p>Not thread-safe; lives only for the call that hands it out.
 */
public final class BinaryReader {

    private static final int CHUNK = 1 << 13;
    private static final int BUFFER = 1 << 16;

    private final CheckedInputStream in;
    private final String source;
    private final byte[] bytes = new byte[CHUNK];
    private final ByteBuffer chunk = ByteBuffer.wrap(bytes);
    private long remaining;
    private int version;

    private BinaryReader(InputStream in, long length, String source) {
        this.in = new CheckedInputStream(in, new CRC32C());
        this.remaining = length;
        this.source = source;
    }

    /**
     * Reads a record from an array.
     *
     * @param <T> what it is read into
     * @param data all its bytes
     * @param kind the kind expected
     * @param newest the newest version that {@code body} understands
     * @param body reads the fields
     * @return what {@code body} made of them
     * @throws CorruptDataException if the bytes are not a whole, unaltered record of that kind
     * @throws NewerVersionException if they are one, in a newer version
     */
    public static <T> T fromBytes(byte[] data, String kind, int newest, Function<BinaryReader, T> body) {
        return new BinaryReader(new ByteArrayInputStream(data), data.length, kind + " of " + data.length + " bytes")
                .read(kind, newest, body);
    }

    /**
     * Reads a record from a file.
     *
     * @param <T> what it is read into
     * @param file the file
     * @param kind the kind expected
     * @param newest the newest version that {@code body} understands
     * @param body reads the fields
     * @return what {@code body} made of them
     * @throws CorruptDataException if the file is not a whole, unaltered record of that kind
     * @throws NewerVersionException if it is one, in a newer version
     * @throws UncheckedIOException if it cannot be read
     */
    public static <T> T fromFile(Path file, String kind, int newest, Function<BinaryReader, T> body) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            return new BinaryReader(in, Files.size(file), "'" + file + "'").read(kind, newest, body);
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' could not be read: " + BinaryWriter.reason(e), e);
        }
    }

    /**
     * Whether bytes name a kind. What follows is not read.
     *
     * @param data all bytes of a record
     * @param kind the kind asked for
     * @return false for other kinds and for bytes that name none
     */
    public static boolean isOfKind(byte[] data, String kind) {
        try {
            return new BinaryReader(new ByteArrayInputStream(data), data.length, kind)
                    .readHead()
                    .equals(kind);
        } catch (CorruptDataException e) {
            return false;
        }
    }

    private <T> T read(String kind, int newest, Function<BinaryReader, T> body) {
        String found = readHead();
        if (!found.equals(kind)) {
            throw corrupt("expected a record of kind '" + kind + "' but it holds '" + found + "'");
        }
        version = readInt();
        if (version < 1) {
            throw corrupt("versions of '" + kind + "' are counted from 1, and it says " + version);
        }
        if (version > newest) {
            skipToChecksum();
            checkEnd();
            throw new NewerVersionException(
                    source + " is of version " + version + " of '" + kind + "', and this library reads 1 to " + newest
                            + "; read it with the library that wrote it or a newer one");
        }
        T record = checkedBody(body);
        checkEnd();
        return record;
    }

    private void checkEnd() {
        int expected = (int) in.getChecksum().getValue();
        int actual = readInt();
        if (expected != actual) {
            throw corrupt("its checksum is " + Integer.toHexString(actual) + " but its bytes give "
                    + Integer.toHexString(expected) + "; the data was altered");
        }
        if (remaining != 0) {
            throw corrupt(remaining + " bytes follow its end");
        }
    }

    /** The checksum ends a record of any version, so it tells a newer one from an altered one. */
    private void skipToChecksum() {
        while (remaining > Integer.BYTES) {
            fill(bytes, (int) Math.min(CHUNK, remaining - Integer.BYTES));
        }
    }

    private <T> T checkedBody(Function<BinaryReader, T> body) {
        try {
            return body.apply(this);
        } catch (CorruptDataException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            // The checksum comes last, so damage may reach the checks of any type first, whatever they throw.
            throw new CorruptDataException(message("a field is not valid: " + e.getMessage()), e);
        }
    }

    private String readHead() {
        if (remaining < Integer.BYTES || readInt() != BinaryWriter.MAGIC) {
            throw corrupt("it does not start with the bytes FL4J");
        }
        return readKind();
    }

    /** Not any text: where the length is damaged it could be the whole file, and then stand in the message. */
    private String readKind() {
        int length = readInt();
        if (length < 0 || length > BinaryWriter.LONGEST_KIND) {
            throw corrupt("it does not name its kind");
        }
        byte[] kind = new byte[length];
        fill(kind, length);
        return new String(kind, StandardCharsets.UTF_8);
    }

    /**
     * An exception about the data being read.
     *
     * @param why what is wrong with it
     * @return to be thrown
     */
    public CorruptDataException corrupt(String why) {
        return new CorruptDataException(message(why));
    }

    private String message(String why) {
        return source + " is damaged or not of this library: " + why;
    }

    /**
     * The version the record was written in.
     *
     * @return at least 1
     */
    public int version() {
        return version;
    }

    /**
     * Reads 4 bytes.
     *
     * @return the value
     */
    public int readInt() {
        return fill(Integer.BYTES).getInt();
    }

    /**
     * Reads what {@link BinaryWriter#writeFlag} wrote.
     *
     * @throws CorruptDataException if it is neither 0 nor 1
     */
    public boolean readFlag() {
        int flag = readInt();
        if (flag != 0 && flag != 1) {
            throw corrupt("a flag must be 0 or 1, but was " + flag);
        }
        return flag == 1;
    }

    /**
     * Reads 8 bytes.
     *
     * @return the value
     */
    public long readLong() {
        return fill(Long.BYTES).getLong();
    }

    /**
     * Reads 8 bytes.
     *
     * @return the value
     */
    public double readDouble() {
        return fill(Double.BYTES).getDouble();
    }

    /**
     * Reads text.
     *
     * @return the text
     */
    public String readString() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(readBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw corrupt("text in it is not UTF-8");
        }
    }

    /**
     * Reads a count of things that follow, each of at least one byte.
     *
     * @return at least 0
     */
    public int readCount() {
        return readLength(1);
    }

    /**
     * Reads bytes.
     *
     * @return a new array
     */
    public byte[] readBytes() {
        byte[] values = new byte[readLength(1)];
        fill(values, values.length);
        return values;
    }

    /**
     * Reads floats.
     *
     * @return a new array
     */
    public float[] readFloats() {
        float[] values = new float[readLength(Float.BYTES)];
        int step = CHUNK / Float.BYTES;
        for (int from = 0; from < values.length; from += step) {
            int n = Math.min(step, values.length - from);
            fill(n * Float.BYTES).asFloatBuffer().get(values, from, n);
        }
        return values;
    }

    /**
     * Reads doubles.
     *
     * @return a new array
     */
    public double[] readDoubles() {
        double[] values = new double[readLength(Double.BYTES)];
        int step = CHUNK / Double.BYTES;
        for (int from = 0; from < values.length; from += step) {
            int n = Math.min(step, values.length - from);
            fill(n * Double.BYTES).asDoubleBuffer().get(values, from, n);
        }
        return values;
    }

    private int readLength(int bytesEach) {
        int length = readInt();
        if (length < 0 || (long) length * bytesEach > remaining) {
            throw corrupt("a length of " + length + " is not possible with " + remaining + " bytes left");
        }
        return length;
    }

    private ByteBuffer fill(int count) {
        fill(bytes, count);
        return chunk.clear().limit(count);
    }

    private void fill(byte[] into, int count) {
        try {
            if (count > remaining || in.readNBytes(into, 0, count) < count) {
                throw corrupt("it ends too early");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(source + " could not be read: " + BinaryWriter.reason(e), e);
        }
        remaining -= count;
    }
}
