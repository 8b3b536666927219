package org.fl4j.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.Function;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A record comes back as it was written, or not at all. */
class BinaryRecordTest {

    private static final String KIND = "test";

    /**
     * Magic, kind, version 2, then 7, -2, 1.5, "é!", floats {1, -0}, doubles {infinity}, and a CRC-32C by a bitwise
     * program (reflected polynomial 82F63B78) that gives E3069283 for "123456789", as the CRC catalogues ask.
     */
    private static final String KNOWN = "464c344a" + "00000004" + "74657374" + "00000002"
            + "00000007" + "fffffffffffffffe" + "3ff8000000000000" + "00000003c3a921"
            + "000000023f80000080000000" + "000000017ff0000000000000" + "324d9e40";

    private static final byte[] RECORD = record(7);

    @Test
    void hasTheDocumentedForm() {
        byte[] bytes = BinaryWriter.toBytes(KIND, 2, out -> {
            out.writeInt(7);
            out.writeLong(-2);
            out.writeDouble(1.5);
            out.writeString("é!");
            out.writeFloats(new float[] {1, -0f});
            out.writeDoubles(new double[] {Double.POSITIVE_INFINITY});
        });

        assertEquals(KNOWN, HexFormat.of().formatHex(bytes));
        BinaryReader.fromBytes(bytes, KIND, 2, in -> {
            assertEquals(2, in.version());
            assertEquals(7, in.readInt());
            assertEquals(-2, in.readLong());
            assertEquals(1.5, in.readDouble());
            assertEquals("é!", in.readString());
            assertArrayEquals(new float[] {1, -0f}, in.readFloats());
            assertArrayEquals(new double[] {Double.POSITIVE_INFINITY}, in.readDoubles());
            return in;
        });
    }

    /** The chunk of reader and writer is 8,192 bytes: 1,024 doubles or 2,048 floats. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1023, 1024, 1025, 2047, 2048, 2049, 10_000})
    void arraysOfAnyLengthComeBackBitForBit(int length, @TempDir Path folder) {
        DeterministicRandom random = new DeterministicRandom(length);
        double[] doubles = new double[length];
        float[] floats = new float[length];
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            doubles[i] = Double.longBitsToDouble(random.nextLong());
            floats[i] = Float.intBitsToFloat((int) random.nextLong());
            bytes[i] = (byte) random.nextLong();
        }
        Consumer<BinaryWriter> body = out -> {
            out.writeDoubles(doubles);
            out.writeFloats(floats);
            out.writeBytes(bytes);
        };
        Function<BinaryReader, BinaryReader> check = in -> {
            assertArrayEquals(doubles, in.readDoubles());
            assertArrayEquals(floats, in.readFloats());
            assertArrayEquals(bytes, in.readBytes());
            return in;
        };
        Path file = folder.resolve("record");

        BinaryReader.fromBytes(BinaryWriter.toBytes(KIND, 1, body), KIND, 1, check);
        BinaryWriter.toFile(file, KIND, 1, body);
        BinaryReader.fromFile(file, KIND, 1, check);
    }

    @Test
    void everyTruncationIsDetected(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("record");
        for (int length = 0; length < RECORD.length; length++) {
            byte[] truncated = Arrays.copyOf(RECORD, length);
            Files.write(file, truncated);

            assertThrows(CorruptDataException.class, () -> read(truncated));
            assertThrows(CorruptDataException.class, () -> read(file));
        }
    }

    @Test
    void everyAlteredByteIsDetected() {
        for (int at = 0; at < RECORD.length; at++) {
            for (int change = 1; change < 256; change++) {
                byte[] altered = RECORD.clone();
                altered[at] = (byte) (altered[at] ^ change);

                assertThrows(CorruptDataException.class, () -> read(altered), "byte " + at + " xor " + change);
            }
        }
    }

    @Test
    void foreignBytesAreNamedAsSuch() {
        String why = "it does not start with the bytes FL4J";
        refused("test of 0 bytes", why, new byte[0]);
        refused("test of 3 bytes", why, new byte[] {0x46, 0x4C, 0x34});
        refused("test of 8 bytes", why, new byte[8]);
    }

    @Test
    void anotherKindIsNamed() {
        CorruptDataException thrown = assertThrows(
                CorruptDataException.class, () -> BinaryReader.fromBytes(RECORD, "checkpoint", 1, in -> in));

        assertEquals(
                "checkpoint of " + RECORD.length + " bytes is damaged or not of this library: "
                        + "expected a record of kind 'checkpoint' but it holds 'test'",
                thrown.getMessage());
    }

    @Test
    void aNewerVersionIsRefusedAndAnOlderOneIsNot() {
        byte[] third = BinaryWriter.toBytes(KIND, 3, out -> {});

        assertEquals(3, BinaryReader.fromBytes(third, KIND, 4, BinaryReader::version));
        assertEquals(
                "test of 20 bytes is of version 3 of 'test', and this library reads 1 to 2; read it with the library that"
                        + " wrote it or a newer one",
                assertThrows(NewerVersionException.class, () -> BinaryReader.fromBytes(third, KIND, 2, in -> in))
                        .getMessage());
    }

    /** So that a newer version, which must not be skipped, is told from a damaged one, which may be. */
    @Test
    void aVersionThatDamageMadeNewerIsDamage() {
        for (int size : new int[] {0, 3, 20_000}) {
            byte[] record = BinaryWriter.toBytes(KIND, 2, out -> out.writeBytes(new byte[size]));
            record[12] ^= 4;
            assertThrows(CorruptDataException.class, () -> BinaryReader.fromBytes(record, KIND, 2, in -> in));
            byte[] cut = Arrays.copyOf(BinaryWriter.toBytes(KIND, 3, out -> out.writeBytes(new byte[size])), 18);
            assertThrows(CorruptDataException.class, () -> BinaryReader.fromBytes(cut, KIND, 2, in -> in));
        }
    }

    @Test
    void anAlteredFieldShowsInTheChecksum() {
        byte[] altered = RECORD.clone();
        altered[19] = 8;
        int sum = ByteBuffer.wrap(RECORD).getInt(RECORD.length - 4);
        int ofEight = ByteBuffer.wrap(record(8)).getInt(RECORD.length - 4);

        refused(
                "test of " + RECORD.length + " bytes",
                "its checksum is " + Integer.toHexString(sum) + " but its bytes give " + Integer.toHexString(ofEight)
                        + "; the data was altered",
                altered);
    }

    @Test
    void bytesBehindTheRecordAreRefused() {
        refused(
                "test of " + (RECORD.length + 2) + " bytes",
                "2 bytes follow its end",
                Arrays.copyOf(RECORD, RECORD.length + 2));
    }

    @Test
    void anEndBeforeTheFieldIsNamed() {
        refused("test of 18 bytes", "it ends too early", Arrays.copyOf(RECORD, 18));
    }

    /** Java would write a question mark in its place, and read what is no UTF-8 as another character. */
    @Test
    void textComesBackAsItWasOrNotAtAll() {
        byte[] text = BinaryWriter.toBytes(KIND, 1, out -> out.writeString("\ud83d\ude00"));
        assertEquals("\ud83d\ude00", BinaryReader.fromBytes(text, KIND, 1, BinaryReader::readString));
        assertEquals(
                "text must be such that UTF-8 can write it, but it has an unpaired surrogate",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> BinaryWriter.toBytes(KIND, 1, out -> out.writeString("a\ud83d")))
                        .getMessage());
        byte[] noText = BinaryWriter.toBytes(KIND, 1, out -> out.writeBytes(new byte[] {'a', (byte) 0xFF}));
        assertEquals(
                "test of 26 bytes is damaged or not of this library: text in it is not UTF-8",
                failure(noText, BinaryReader::readString));
    }

    /** The arrays would take 2 to 16 GB, more than the tests' heap: an attempt to allocate them would be an Error. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 5, -1, Integer.MIN_VALUE})
    void anAbsurdLengthIsRefusedBeforeAnythingIsAllocated(int length) {
        byte[] data = BinaryWriter.toBytes(KIND, 1, out -> out.writeInt(length));
        String message = "test of 24 bytes is damaged or not of this library: a length of " + length
                + " is not possible with 4 bytes left";

        assertEquals(message, failure(data, BinaryReader::readDoubles));
        assertEquals(message, failure(data, BinaryReader::readFloats));
        assertEquals(message, failure(data, BinaryReader::readBytes));
        assertEquals(message, failure(data, BinaryReader::readString));
        assertEquals(message, failure(data, BinaryReader::readCount));
    }

    @Test
    void anAbsurdLengthOfTheKindIsRefusedWithoutReadingIt() {
        byte[] large = BinaryWriter.toBytes(KIND, 1, out -> out.writeBytes(new byte[1000]));
        ByteBuffer.wrap(large).putInt(4, 256);

        refused("test of " + large.length + " bytes", "it does not name its kind", large);
    }

    /** A damaged field meets the checks of its type before the checksum is reached. */
    @Test
    void whateverTheCheckOfAFieldThrowsIsDamage() {
        RuntimeException[] checks = {
            new IllegalArgumentException("negative"),
            new ArithmeticException("long overflow"),
            new IndexOutOfBoundsException("index 9"),
            new NegativeArraySizeException("-1")
        };
        for (RuntimeException check : checks) {
            CorruptDataException thrown = assertThrows(
                    CorruptDataException.class,
                    () -> BinaryReader.fromBytes(RECORD, KIND, 1, in -> {
                        throw check;
                    }));

            assertEquals(
                    "test of " + RECORD.length + " bytes is damaged or not of this library: a field is not valid: "
                            + check.getMessage(),
                    thrown.getMessage());
            assertSame(check, thrown.getCause());
        }
    }

    @Test
    void theBodysOwnVerdictPassesThrough() {
        assertEquals(
                "test of " + RECORD.length + " bytes is damaged or not of this library: seven is not allowed",
                failure(RECORD, in -> {
                    throw in.corrupt("seven is not allowed");
                }));
    }

    @Test
    void aWriterRefusesWhatAReaderWould() {
        assertEquals(
                "a kind has at most 255 bytes and a version of at least 1, but was 'test' and 0",
                assertThrows(IllegalArgumentException.class, () -> BinaryWriter.toBytes(KIND, 0, out -> {}))
                        .getMessage());
        String longest = "k".repeat(255);
        BinaryReader.fromBytes(BinaryWriter.toBytes(longest, 1, out -> {}), longest, 1, in -> in);
        assertThrows(IllegalArgumentException.class, () -> BinaryWriter.toBytes(longest + "k", 1, out -> {}));
    }

    @Test
    void aFileIsNamedInEveryMessage(@TempDir Path folder) throws IOException {
        Path absent = folder.resolve("absent");
        UncheckedIOException unread = assertThrows(UncheckedIOException.class, () -> read(absent));
        assertEquals("'" + absent + "' could not be read: " + absent, unread.getMessage());
        assertEquals(NoSuchFileException.class, unread.getCause().getClass());

        Path foreign = Files.writeString(folder.resolve("foreign"), "something else");
        assertEquals(
                "'" + foreign + "' is damaged or not of this library: it does not start with the bytes FL4J",
                assertThrows(CorruptDataException.class, () -> read(foreign)).getMessage());
    }

    /** All kinds of field, the first of them at byte 16. */
    private static byte[] record(int first) {
        return BinaryWriter.toBytes(KIND, 1, out -> {
            out.writeInt(first);
            out.writeString("text");
            out.writeBytes(new byte[] {1, 2});
            out.writeFloats(new float[] {1});
            out.writeDoubles(new double[] {2});
            out.writeLong(3);
            out.writeDouble(4);
        });
    }

    private static Object fields(BinaryReader in) {
        return Arrays.asList(
                in.readInt(),
                in.readString(),
                in.readBytes(),
                in.readFloats(),
                in.readDoubles(),
                in.readLong(),
                in.readDouble());
    }

    private static Object read(byte[] data) {
        return BinaryReader.fromBytes(data, KIND, 1, BinaryRecordTest::fields);
    }

    private static Object read(Path file) {
        return BinaryReader.fromFile(file, KIND, 1, BinaryRecordTest::fields);
    }

    private static String failure(byte[] data, Function<BinaryReader, Object> body) {
        return assertThrows(CorruptDataException.class, () -> BinaryReader.fromBytes(data, KIND, 1, body))
                .getMessage();
    }

    private static void refused(String source, String why, byte[] data) {
        assertEquals(
                source + " is damaged or not of this library: " + why,
                assertThrows(CorruptDataException.class, () -> read(data)).getMessage());
    }
}
