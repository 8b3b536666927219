package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.fl4j.CorruptDataException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxReaderTest {

    @TempDir
    Path directory;

    Path labels;

    @BeforeEach
    void writeLabels() throws IOException {
        labels = IdxFiles.write(directory, "labels", IdxFiles.labels(2, 0));
    }

    @Test
    void readsPlainImages() throws IOException {
        assertTwoImages(IdxReader.examples(images(IdxFiles.counting(2, 2, 3)), labels));
    }

    @Test
    void readsGzipWhateverTheName() throws IOException {
        Path packedLabels = IdxFiles.write(directory, "packed", IdxFiles.gzip(IdxFiles.labels(2, 0)));
        assertTwoImages(IdxReader.examples(images(IdxFiles.gzip(IdxFiles.counting(2, 2, 3))), packedLabels));
    }

    private static void assertTwoImages(Examples examples) {
        assertEquals(2, examples.size());
        assertEquals(List.of(6L), examples.featureShape());
        assertEquals(OptionalInt.of(3), examples.classes());
        assertEquals(2, examples.label(0));
        assertEquals(0, examples.label(1));
        float[] second = new float[6];
        examples.copyFeatures(1, second, 0);
        for (int i = 0; i < 6; i++) {
            assertEquals((6 + i) / 255f, second[i]);
        }
    }

    @Test
    void scalesTheWholeRangeOfBytes() throws IOException {
        Path images = images(IdxFiles.idx(new int[] {0, 127, 128, 255}, 2, 2));
        Examples examples = IdxReader.examples(images, labels);
        float[] values = new float[4];
        examples.copyFeatures(0, values, 0);
        examples.copyFeatures(1, values, 2);
        assertEquals("[0.0, 0.49803922, 0.5019608, 1.0]", Arrays.toString(values));
    }

    @Test
    void givesAChannelWhereAsked() throws IOException {
        Path images = images(IdxFiles.counting(2, 2, 3));
        assertEquals(
                List.of(1L, 2L, 3L),
                IdxReader.examples(images, labels, IdxReader.ImageShape.CHANNELS_FIRST)
                        .featureShape());
    }

    @Test
    void flattensHigherRanksButGivesThemNoChannel() throws IOException {
        Path colour = images(IdxFiles.counting(2, 3, 4, 5));
        assertEquals(List.of(60L), IdxReader.examples(colour, labels).featureShape());
        CorruptDataException e = assertThrows(
                CorruptDataException.class,
                () -> IdxReader.examples(colour, labels, IdxReader.ImageShape.CHANNELS_FIRST));
        assertEquals(
                colour
                        + ": expected images of rank 3, [n, rows, columns], for CHANNELS_FIRST. Found: sides [2, 3, 4,"
                        + " 5]",
                e.getMessage());
    }

    @Test
    void readsFilesWithoutItems() throws IOException {
        Path none = IdxFiles.write(directory, "none", IdxFiles.labels());
        assertEquals(
                0, IdxReader.examples(images(IdxFiles.counting(0, 2, 2)), none).size());
    }

    @Test
    void rejectsDifferentCounts() throws IOException {
        Path images = images(IdxFiles.counting(3, 2, 2));
        assertMalformed(
                images + " has 3 images but " + labels + " has 2 labels; do the files belong together?", images);
    }

    @Test
    void rejectsImagesAndLabelsTheWrongWayRound() throws IOException {
        Path images = images(IdxFiles.counting(2, 2, 2));
        assertMalformed(labels + ": expected images of rank 2 or more. Found: sides [2]", labels);
        CorruptDataException e = assertThrows(CorruptDataException.class, () -> IdxReader.examples(images, images));
        assertEquals(images + ": expected labels of rank 1. Found: sides [2, 2, 2]", e.getMessage());
    }

    @Test
    void rejectsOtherFormats() throws IOException {
        String expected = ": expected an IDX file of unsigned bytes, plain or gzip, which starts with 00 00 08 and the"
                + " rank (after unpacking). Found: ";
        byte[] floats = IdxFiles.counting(2, 2, 2);
        floats[2] = 0x0D;
        assertMalformedImages(expected + "00 00 0d 03", floats);
        assertMalformedImages(expected + "89 50 4e 47", new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10});
        assertMalformedImages(expected + "00 00 08 00", new byte[] {0, 0, 8, 0});
        assertMalformedImages(expected + "1f 00 00 00", new byte[] {0x1F, 0, 0, 0});
    }

    @Test
    void rejectsTruncatedFiles() throws IOException {
        byte[] whole = IdxFiles.counting(2, 2, 3);
        String header = " is truncated: it ends within its header or its gzip stream";
        assertMalformedImages(header, new byte[0]);
        assertMalformedImages(header, Arrays.copyOf(whole, 1));
        assertMalformedImages(header, Arrays.copyOf(whole, 15));
        assertMalformedImages(
                " is truncated: the header [2, 2, 3] promises 12 values. Found: 11", Arrays.copyOf(whole, 27));
        byte[] packed = IdxFiles.gzip(whole);
        assertMalformedImages(header, Arrays.copyOf(packed, packed.length - 9));
        assertMalformedImages(header, Arrays.copyOf(packed, 5));
    }

    @Test
    void rejectsWhatFollowsTheValues() throws IOException {
        assertMalformedImages(
                ": the header [2, 2, 3] promises 12 values, but more follow. Is the file corrupt?",
                Arrays.copyOf(IdxFiles.counting(2, 2, 3), 29));
    }

    /** Few bytes and many, a damaged second member and one that is cut, whose header the JDK has read already. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 18, 19, 26, 27, 5_000})
    void rejectsWhatFollowsTheGzipStream(int more) throws IOException {
        byte[] packed = IdxFiles.gzip(IdxFiles.counting(2, 2, 3));
        String behind = ": " + more + " bytes follow the end of its gzip stream. Is the file corrupt?";
        assertMalformedImages(behind, Arrays.copyOf(packed, packed.length + more));
    }

    @Test
    void severalMembersAreOneStream() throws IOException {
        byte[] whole = IdxFiles.counting(2, 2, 3);
        byte[] first = IdxFiles.gzip(Arrays.copyOf(whole, 20));
        byte[] second = IdxFiles.gzip(Arrays.copyOfRange(whole, 20, 28));
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        assertTwoImages(IdxReader.examples(images(both), labels));
        assertMalformedImages(
                ": 3 bytes follow the end of its gzip stream. Is the file corrupt?",
                Arrays.copyOf(both, both.length + 3));
    }

    @Test
    void rejectsDamagedGzip() throws IOException {
        byte[] packed = IdxFiles.gzip(IdxFiles.counting(2, 2, 3));
        packed[packed.length - 6] ^= 1; // the checksum
        assertMalformedImages(" is a damaged gzip file: Corrupt GZIP trailer", packed);
        assertMalformedImages(
                " is a damaged gzip file: Unsupported compression method",
                new byte[] {0x1F, (byte) 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    }

    @Test
    void aFalseHeaderNeitherAllocatesNorOverflows() throws IOException {
        byte[] huge = ByteBuffer.allocate(16)
                .putInt(0x0803)
                .putInt(1000)
                .putInt(1000)
                .putInt(2000)
                .array();
        assertMalformedImages(
                " is truncated: the header [1000, 1000, 2000] promises 2000000000 values. Found: 0", huge);
        String rest = "; expected positive sides of at most 2147483639 values in all. Is the file corrupt?";
        assertMalformedImages(
                ": the header gives sides [1000, 1000, 3000] of 3" + rest,
                ByteBuffer.wrap(huge).putInt(12, 3000).array());
        assertMalformedImages(
                ": the header gives sides [1000, -1] of 3" + rest,
                ByteBuffer.wrap(huge).putInt(8, -1).array());
        assertMalformedImages(
                ": the header gives sides [1000, 0] of 3" + rest,
                ByteBuffer.wrap(huge).putInt(8, 0).array());
    }

    @Test
    void aMissingFileIsAnInputOutputError() {
        Path missing = directory.resolve("missing");
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> IdxReader.examples(missing, labels));
        assertEquals("cannot read " + missing, e.getMessage());
        assertInstanceOf(NoSuchFileException.class, e.getCause());
    }

    private Path images(byte[] bytes) throws IOException {
        return IdxFiles.write(directory, "images", bytes);
    }

    private void assertMalformedImages(String message, byte[] bytes) throws IOException {
        Path images = images(bytes);
        assertMalformed(images + message, images);
    }

    private void assertMalformed(String message, Path images) {
        CorruptDataException e = assertThrows(CorruptDataException.class, () -> IdxReader.examples(images, labels));
        assertEquals(message, e.getMessage());
    }
}
