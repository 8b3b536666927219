package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CsvColumnsTest {

    @Test
    void changesACopy() {
        CsvColumns columns = CsvColumns.withHeader().label("y");
        CsvColumns changed = columns.key("who").features("a", "b").dropMissing().label("z");
        assertEquals("CsvColumns[header, label=y, key=none, features=all others]", columns.toString());
        assertEquals("CsvColumns[header, label=z, key=who, features=[a, b]]", changed.toString());
    }

    @Test
    void numbersNameTheColumnsOfAFileWithoutHeader() {
        assertEquals(
                "CsvColumns[5 columns, label=4, key=0, features=[2, 1]]",
                CsvColumns.withoutHeader(5).label(4).key(0).features(2, 1).toString());
    }

    @Test
    void rejectsNumbersThatAreNotColumns() {
        CsvColumns five = CsvColumns.withoutHeader(5);
        assertRejected("column must be in [0, 5), but was 5", () -> five.label(5));
        assertRejected("column must be in [0, 5), but was -1", () -> five.key(-1));
        assertRejected("columns must be at least 1, but was 0", () -> CsvColumns.withoutHeader(0));
        CsvColumns named = CsvColumns.withHeader();
        assertRejected("a column of a file with a header must be given by its name, but was 3", () -> named.label(3));
    }

    @Test
    void rejectsNoneAndTwice() {
        CsvColumns columns = CsvColumns.withHeader();
        assertRejected(
                "features must be at least one and all different, but was [a, a]", () -> columns.features("a", "a"));
        assertRejected(
                "features must be at least one and all different, but was []", () -> columns.features(new String[0]));
        assertRejected(
                "classes must be at least one and all different, but was [0, 1, 0]",
                () -> columns.classes("0", "1", "0"));
    }

    @Test
    void theLabelColumnIsRequired() {
        CsvColumns columns = CsvColumns.withHeader();
        Path file = Path.of("missing.csv");
        assertRejected(
                "CsvColumns[header, label=none, key=none, features=all others]: the label column is not set; call"
                        + " label(..)",
                () -> CsvReader.read(file, columns));
    }

    @Test
    void dataHasANameForEachFeatureAndClassAndAKeyForEachExample() {
        Examples two = LabelledRows.balanced(2, 2);
        List<String> x = List.of("x");
        List<String> classes = List.of("a", "b");
        assertRejected(
                "featureNames must be 1, but was 2", () -> new CsvReader.Data(two, classes, classes, List.of(), 0));
        assertRejected("classNames must be 2, but was 1", () -> new CsvReader.Data(two, x, x, List.of(), 0));
        assertRejected("keys must be 2, but was 1", () -> new CsvReader.Data(two, x, classes, x, 0));
        assertRejected(
                "droppedRows must be at least 0, but was -1", () -> new CsvReader.Data(two, x, classes, List.of(), -1));
    }

    private static void assertRejected(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
