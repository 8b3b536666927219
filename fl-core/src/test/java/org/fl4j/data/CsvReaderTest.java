package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.fl4j.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {

    private static final CsvColumns NAMED = CsvColumns.withHeader().label("y");

    @TempDir
    Path directory;

    @Test
    void everyColumnButLabelAndKeyIsAFeature() throws IOException {
        Path file = write("a,y,who,b\n1.5,0,Ann,-2e1\n.25,2,Bob,+4.\n");
        CsvReader.Data data = CsvReader.read(file, NAMED.key("who"));
        assertEquals(List.of("a", "b"), data.featureNames());
        assertEquals("[1.5, -20.0, 0.25, 4.0]", features(data.examples()));
        assertEquals(List.of("0", "1", "2"), data.classNames());
        assertEquals("[0, 2]", labels(data.examples()));
        assertEquals(List.of("Ann", "Bob"), data.keys());
        assertEquals(0, data.droppedRows());
    }

    @Test
    void columnsOfAFileWithoutHeaderAreCounted() throws IOException {
        Path file = write("1,2,3,Ann\n4,5,6,Bob\n");
        CsvColumns columns = CsvColumns.withoutHeader(4).label(0).key(3);
        CsvReader.Data data = CsvReader.read(file, columns);
        assertEquals(List.of("1", "2"), data.featureNames());
        assertEquals("[2.0, 3.0, 5.0, 6.0]", features(data.examples()));
        assertEquals("[1, 4]", labels(data.examples()));
        assertEquals("[3.0, 2.0, 6.0, 5.0]", features(CsvReader.examples(file, columns.features(2, 1))));
    }

    @Test
    void namedFeaturesComeInTheirOrderAndOtherColumnsAreIgnored() throws IOException {
        Path file = write("a,note,b,y\n1,?,2,0\n3,hello,4,1\n");
        CsvReader.Data data = CsvReader.read(file, NAMED.features("b", "a"));
        assertEquals(List.of("b", "a"), data.featureNames());
        assertEquals("[2.0, 1.0, 4.0, 3.0]", features(data.examples()));
        assertEquals(List.of(), data.keys());
    }

    @Test
    void labelsThatAreNotAllClassIndicesAreSortedCategories() throws IOException {
        CsvReader.Data words = CsvReader.read(write("x,y\n1,ill\n2,healthy\n3,ill\n"), NAMED);
        assertEquals(List.of("healthy", "ill"), words.classNames());
        assertEquals("[1, 0, 1]", labels(words.examples()));
        CsvReader.Data signs = CsvReader.read(write("x,y\n1,1\n2,-1\n"), NAMED);
        assertEquals(List.of("-1", "1"), signs.classNames());
        CsvReader.Data zeros = CsvReader.read(write("x,y\n1,07\n2,1\n"), NAMED);
        assertEquals(List.of("07", "1"), zeros.classNames());
        CsvReader.Data years = CsvReader.read(write("x,y\n1,65536\n2,5\n"), NAMED);
        assertEquals(List.of("5", "65536"), years.classNames());
        CsvReader.Data numbers = CsvReader.read(write("x,y\n1,99999999999\n2,5\n"), NAMED);
        assertEquals(List.of("5", "99999999999"), numbers.classNames());
        CsvReader.Data most = CsvReader.read(write("x,y\n1,65535\n"), NAMED);
        assertEquals(65_536, most.classNames().size());
    }

    @Test
    void statedClassesFixTheOrder() throws IOException {
        CsvColumns columns = NAMED.classes("no", "maybe", "yes");
        CsvReader.Data data = CsvReader.read(write("x,y\n1,yes\n2,no\n"), columns);
        assertEquals(List.of("no", "maybe", "yes"), data.classNames());
        assertEquals("[2, 0]", labels(data.examples()));
        assertMalformed(
                ", line 3, column 'y': 'perhaps' is none of the stated classes [no, maybe, yes]",
                "x,y\n1,yes\n2,perhaps\n",
                columns);
    }

    @Test
    void aMissingValueIsAnErrorUnlessRowsAreDropped() throws IOException {
        String text = "a,b,y\n1,2,0\n3,?,1\n4,5,\nNaN,6,1\n7, NA ,0\n8,9,1\n";
        assertMalformed(
                ", line 3, column 'b': '?' marks a missing value (markers: '', '?', 'NA', 'NaN'); call dropMissing() to"
                        + " drop such rows",
                text,
                NAMED);
        CsvReader.Data data = CsvReader.read(write(text), NAMED.dropMissing());
        assertEquals("[1.0, 2.0, 8.0, 9.0]", features(data.examples()));
        assertEquals("[0, 1]", labels(data.examples()));
        assertEquals(4, data.droppedRows());
    }

    @Test
    void aMissingKeyCountsButAnUnusedColumnDoesNot() throws IOException {
        Path file = write("a,who,note,y\n1,,?,0\n2,Bob,?,1\n");
        CsvReader.Data data =
                CsvReader.read(file, NAMED.key("who").features("a").dropMissing());
        assertEquals(List.of("Bob"), data.keys());
        assertEquals(1, data.droppedRows());
    }

    @Test
    void markersCanBeChosen() throws IOException {
        CsvReader.Data data =
                CsvReader.read(write("x,y\n-9,0\n1,1\n"), NAMED.missing("-9").dropMissing());
        assertEquals(1, data.droppedRows());
        assertMalformed(
                ", line 2, column 'x': '?' is not a number",
                "x,y\n?,0\n",
                NAMED.missing("-9").dropMissing());
        assertMalformed(", line 2, column 'x': 'NaN' is not a number", "x,y\nNaN,0\n", NAMED.missing());
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1f", "1d", "0x1p3", "Infinity", "1e", "1 2", "--1", "."})
    void rejectsWhatIsNotADecimalNumber(String field) throws IOException {
        assertMalformed(", line 3, column 'x': '" + field + "' is not a number", "x,y\n1,0\n" + field + ",0\n", NAMED);
    }

    @Test
    void readsMoreThanABufferful() throws IOException {
        StringBuilder text = new StringBuilder("a,b,y\n");
        for (int i = 0; i < 5000; i++) {
            text.append(i).append(',').append(-i).append(",0\n");
        }
        Examples examples = CsvReader.examples(write(text.toString()), NAMED);
        assertEquals(5000, examples.size());
        assertEquals("[4999.0, -4999.0]", features(examples.select(new int[] {4999})));
    }

    @Test
    void rejectsNumbersThatFp32CannotHold() throws IOException {
        assertMalformed(", line 2, column 'x': '-1e39' is too large for FP32", "x,y\n-1e39,0\n", NAMED);
    }

    @Test
    void rejectsRecordsOfAnotherLength() throws IOException {
        assertMalformed(", line 4: expected 2 fields. Found: 3", "x,y\n1,0\n\n1,0,5\n", NAMED);
        assertMalformed(
                ", line 1: expected 3 fields. Found: 2",
                "1,0\n",
                CsvColumns.withoutHeader(3).label(0));
    }

    @Test
    void rejectsColumnsThatDoNotFit() throws IOException {
        assertMalformed(" has no column 'y'; its columns are [a, b]", "a,b\n1,2\n", NAMED);
        assertMalformed(" has more than one column 'y'", "y,y\n1,2\n", NAMED);
        assertMalformed(" has no feature column; its columns are [y, who]", "y,who\n1,2\n", NAMED.key("who"));
        Path file = write("x,y\n1,2\n");
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> CsvReader.read(file, NAMED.features("x", "y")));
        assertEquals(
                "CsvColumns[header, label=y, key=none, features=[x, y]]: column 'y' is named as a feature, but it is"
                        + " the label or the key",
                e.getMessage());
    }

    @Test
    void rejectsFilesWithoutExamples() throws IOException {
        assertMalformed(" is empty; expected a header that names the columns", "", NAMED);
        assertMalformed(" holds no example (0 rows dropped because a value was missing)", "x,y\n", NAMED);
        assertMalformed(
                " holds no example (1 rows dropped because a value was missing)", "x,y\n?,1\n", NAMED.dropMissing());
    }

    @Test
    void readsQuotesSpacesEmptyLinesAndOtherDelimiters() throws IOException {
        Path file = write("\uFEFF\"x\" ; y ; who\r\n\r\n 1 ; 0 ;\"Ann; the\nfirst\"\r\n2;1; \"B \"\"b\"\"\"");
        CsvReader.Data data = CsvReader.read(file, NAMED.key("who").delimiter(';'));
        assertEquals("[1.0, 2.0]", features(data.examples()));
        assertEquals(List.of("x"), data.featureNames());
        assertEquals(List.of("Ann; the\nfirst", "B \"b\""), data.keys());
    }

    @Test
    void linesAreCountedInTheFileNotInRecords() throws IOException {
        assertMalformed(", line 6, column 'x': 'z' is not a number", "x,y\n1,\"a\nb\"\n\n\nz,0\n", NAMED);
    }

    @Test
    void rejectsBrokenQuotesAndOtherEncodings() throws IOException {
        assertMalformed(": (startline 2) EOF reached before encapsulated token finished", "x,y\n1,\"a\n2,b\n", NAMED);
        Path latin =
                Files.write(directory.resolve("latin.csv"), "x,y\n1,\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        CorruptDataException e = assertThrows(CorruptDataException.class, () -> CsvReader.read(latin, NAMED));
        assertEquals(latin + " is not text in UTF-8", e.getMessage());
    }

    @Test
    void aMissingFileIsAnInputOutputError() {
        Path missing = directory.resolve("missing.csv");
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> CsvReader.read(missing, NAMED));
        assertEquals("cannot read " + missing, e.getMessage());
        assertInstanceOf(NoSuchFileException.class, e.getCause());
    }

    @Test
    void keysMakeTheNaturalPartition() throws IOException {
        CsvReader.Data data = CsvReader.read(write("x,y,who\n1,0,Bob\n2,1,Ann\n3,0,Bob\n"), NAMED.key("who"));
        Partition.Keyed people = Partition.byKey(data.keys());
        assertEquals(List.of("Bob", "Ann"), people.keys());
        assertEquals(
                "[1.0, 3.0]", features(data.examples().select(people.partition().examplesOf(0))));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("data.csv"), text);
    }

    private void assertMalformed(String message, String text, CsvColumns columns) throws IOException {
        Path file = write(text);
        CorruptDataException e = assertThrows(CorruptDataException.class, () -> CsvReader.read(file, columns));
        assertEquals(file + message, e.getMessage());
    }

    private static String features(Examples examples) {
        float[] all = new float[examples.size() * examples.featureLength()];
        for (int i = 0; i < examples.size(); i++) {
            examples.copyFeatures(i, all, i * examples.featureLength());
        }
        return Arrays.toString(all);
    }

    private static String labels(Examples examples) {
        int[] labels = new int[examples.size()];
        Arrays.setAll(labels, examples::label);
        return Arrays.toString(labels);
    }
}
