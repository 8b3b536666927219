package org.fl4j.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Writes a record in the library's binary form: the four bytes {@code FL4J}, the record's kind (text), its version
 * (int), the record's own fields, and a CRC-32C of all that. Numbers are big-endian; text is UTF-8 after its length in
 * bytes; arrays follow their length in elements. {@link BinaryReader} reads it.
 *
 * <p>Not thread-safe; lives only for the call that hands it out.
 */
public sealed class BinaryWriter {

    static final int MAGIC = 0x464C344A;

    /** In bytes. */
    static final int LONGEST_KIND = 255;

    private static final int CHUNK = 1 << 13;

    private final DataOutputStream out;
    private final byte[] bytes;
    private final ByteBuffer chunk;

    private BinaryWriter(OutputStream out, int chunkSize) {
        this.out = new DataOutputStream(out);
        this.bytes = new byte[chunkSize];
        this.chunk = ByteBuffer.wrap(bytes);
    }

    /**
     * Writes a record to an array.
     *
     * @param kind what it is, such as {@code "server-state"}; at most 255 bytes
     * @param version the version of the kind's form, at least 1
     * @param body writes the fields
     * @return the bytes
     * @throws IllegalArgumentException if kind or version is out of range
     */
    public static byte[] toBytes(String kind, int version, Consumer<BinaryWriter> body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(bytes, kind, version, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Writes a record to a file: to a temporary file beside it, forced to disk, then renamed over it. After a crash at
     * any point the file is the old one or the new one, whole.
     *
     * @param file the target; its folder is made if need be
     * @param kind what it is; at most 255 bytes
     * @param version the version of the kind's form, at least 1
     * @param body writes the fields
     * @throws UncheckedIOException if the file system reports an error
     * @throws IllegalArgumentException if kind or version is out of range
     */
    public static void toFile(Path file, String kind, int version, Consumer<BinaryWriter> body) {
        try {
            AtomicFile.replace(file, out -> write(out, kind, version, body));
        } catch (IOException e) {
            throw unwritten(file, e);
        } catch (UncheckedIOException e) {
            throw unwritten(file, Objects.requireNonNull(e.getCause()));
        }
    }

    /**
     * The SHA-256 of a record, the same as of the bytes or the file it would be written to; it is not held as a whole.
     *
     * @param kind what it is; at most 255 bytes
     * @param version the version of the kind's form, at least 1
     * @param body writes the fields
     * @return 64 lowercase hexadecimal digits
     * @throws IllegalArgumentException if kind or version is out of range
     */
    public static String sha256(String kind, int version, Consumer<BinaryWriter> body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            write(new DigestOutputStream(OutputStream.nullOutputStream(), digest), kind, version, body);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The length of a record, the same as of the bytes or the file it would be written to. Nothing is encoded and no array is
     * read, so it takes no longer for more values. Text that {@link #toBytes} rejects is counted, not rejected.
     *
     * @param kind what it is; at most 255 bytes
     * @param version the version of the kind's form, at least 1
     * @param body writes the fields
     * @return in bytes
     */
    public static long length(String kind, int version, Consumer<BinaryWriter> body) {
        return lengthOfFields(out -> {
            out.writeHead(kind, version);
            body.accept(out);
            out.writeInt(0);
        });
    }

    /**
     * The length of fields alone, without what makes a record of them.
     *
     * @param fields writes them
     * @return in bytes
     */
    public static long lengthOfFields(Consumer<BinaryWriter> fields) {
        Counter counter = new Counter();
        fields.accept(counter);
        return counter.count;
    }

    private static UncheckedIOException unwritten(Path file, IOException e) {
        return new UncheckedIOException("'" + file + "' could not be written: " + reason(e), e);
    }

    /** Some have no message, such as that of an interrupt. */
    static String reason(IOException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private static void write(OutputStream target, String kind, int version, Consumer<BinaryWriter> body)
            throws IOException {
        if (kind.getBytes(StandardCharsets.UTF_8).length > LONGEST_KIND || version < 1) {
            throw new IllegalArgumentException("a kind has at most " + LONGEST_KIND
                    + " bytes and a version of at least 1, but was '" + kind + "' and " + version);
        }
        CheckedOutputStream checked = new CheckedOutputStream(target, new CRC32C());
        BinaryWriter writer = new BinaryWriter(checked, CHUNK);
        writer.writeHead(kind, version);
        body.accept(writer);
        writer.writeInt((int) checked.getChecksum().getValue());
        writer.out.flush();
    }

    private void writeHead(String kind, int version) {
        writeInt(MAGIC);
        writeString(kind);
        writeInt(version);
    }

    /**
     * Writes fields whose length is known, so that it need not be counted again.
     *
     * @param length of the fields, in bytes
     * @param fields writes them
     */
    public void writeOfLength(long length, Consumer<BinaryWriter> fields) {
        fields.accept(this);
    }

    /**
     * Writes 4 bytes.
     *
     * @param value any
     */
    public void writeInt(int value) {
        raw(chunk.clear().putInt(value));
    }

    /** Writes 4 bytes, 1 or 0. */
    public void writeFlag(boolean value) {
        writeInt(value ? 1 : 0);
    }

    /**
     * Writes 8 bytes.
     *
     * @param value any
     */
    public void writeLong(long value) {
        raw(chunk.clear().putLong(value));
    }

    /**
     * Writes 8 bytes, the IEEE bits.
     *
     * @param value any
     */
    public void writeDouble(double value) {
        raw(chunk.clear().putDouble(value));
    }

    /**
     * Writes text.
     *
     * @param value any that UTF-8 can write
     * @throws IllegalArgumentException if it has an unpaired surrogate, which would read back as another character
     */
    public void writeString(String value) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
            byte[] text = new byte[encoded.remaining()];
            encoded.get(text);
            writeBytes(text);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "text must be such that UTF-8 can write it, but it has an unpaired surrogate", e);
        }
    }

    /**
     * Writes bytes after their length.
     *
     * @param values any
     */
    public void writeBytes(byte[] values) {
        writeInt(values.length);
        try {
            out.write(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes floats after their length.
     *
     * @param values any
     */
    public void writeFloats(float[] values) {
        writeInt(values.length);
        int step = CHUNK / Float.BYTES;
        for (int from = 0; from < values.length; from += step) {
            int n = Math.min(step, values.length - from);
            chunk.clear().asFloatBuffer().put(values, from, n);
            raw(chunk.position(n * Float.BYTES));
        }
    }

    /**
     * Writes doubles after their length.
     *
     * @param values any
     */
    public void writeDoubles(double[] values) {
        writeInt(values.length);
        int step = CHUNK / Double.BYTES;
        for (int from = 0; from < values.length; from += step) {
            int n = Math.min(step, values.length - from);
            chunk.clear().asDoubleBuffer().put(values, from, n);
            raw(chunk.position(n * Double.BYTES));
        }
    }

    private void raw(ByteBuffer filled) {
        try {
            out.write(bytes, 0, filled.position());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts the bytes and writes none. */
    private static final class Counter extends BinaryWriter {

        private long count;

        Counter() {
            super(OutputStream.nullOutputStream(), 0);
        }

        @Override
        public void writeOfLength(long length, Consumer<BinaryWriter> fields) {
            count += length;
        }

        @Override
        public void writeInt(int value) {
            count += Integer.BYTES;
        }

        @Override
        public void writeLong(long value) {
            count += Long.BYTES;
        }

        @Override
        public void writeDouble(double value) {
            count += Double.BYTES;
        }

        @Override
        public void writeString(String value) {
            count += Integer.BYTES + utf8Length(value);
        }

        private static long utf8Length(String value) {
            long length = value.length();
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c >= 0x80) {
                    // A pair of surrogates has 4 bytes, 2 each.
                    boolean isPaired = Character.isSurrogate(c) && Character.charCount(value.codePointAt(i)) == 2;
                    length += c < 0x800 ? 1 : 2;
                    i += isPaired ? 1 : 0;
                }
            }
            return length;
        }

        @Override
        public void writeBytes(byte[] values) {
            count += Integer.BYTES + (long) values.length;
        }

        @Override
        public void writeFloats(float[] values) {
            count += Integer.BYTES + (long) Float.BYTES * values.length;
        }

        @Override
        public void writeDoubles(double[] values) {
            count += Integer.BYTES + (long) Double.BYTES * values.length;
        }
    }
}
