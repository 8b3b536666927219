package org.fl4j.data;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.Check;
import org.fl4j.internal.CsvText;

/**
 * Reads labelled examples from a CSV file (RFC 4180, UTF-8 with or without byte-order mark, quoted fields may hold
 * separators and line ends).
 *
 * <ul>
 *   <li>Features are finite numbers in FP32. What is neither a number nor a missing-value marker, and any NaN or
 *       infinity, is an error: a feature is never NaN.
 *   <li>Labels: where every value is an integer of {@code [0, }{@value #MAX_CLASSES}{@code )}, written without sign or
 *       leading zero, it is the class, and there are {@code max + 1} classes. Otherwise the values are categories, and
 *       their order as strings gives the classes. {@link CsvColumns#classes} states the classes instead.
 *   <li>A field is taken without surrounding spaces. Empty lines are skipped.
 *   <li>A row with a missing value is an error, or dropped with {@link CsvColumns#dropMissing}. Only the columns in use
 *       count.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class CsvReader {

    /** Above this, integer labels are taken for something else than classes, such as years or identifiers. */
    public static final int MAX_CLASSES = 65_536;

    private CsvReader() {}

    /**
     * Reads the examples only.
     *
     * @param file the CSV file
     * @param columns which column is what
     * @return the examples
     * @throws IllegalArgumentException if no label column is set
     * @throws CorruptDataException if a column does not exist, a value is missing or not a number, a record has too
     *     few or too many fields, a label is not one of the stated classes, or there is no example
     * @throws UncheckedIOException if the file is missing or cannot be read
     */
    public static Examples examples(Path file, CsvColumns columns) {
        return read(file, columns).examples();
    }

    /**
     * Reads the examples together with their keys and the names of features and classes.
     *
     * @param file the CSV file
     * @param columns which column is what
     * @return the data
     * @throws IllegalArgumentException if no label column is set
     * @throws CorruptDataException if a column does not exist, a value is missing or not a number, a record has too
     *     few or too many fields, a label is not one of the stated classes, or there is no example
     * @throws UncheckedIOException if the file is missing or cannot be read
     */
    public static Data read(Path file, CsvColumns columns) {
        columns.requireLabel();
        return CsvText.parse(file, columns.delimiter(), parser -> CsvTable.read(file, parser, columns));
    }

    /**
     * What a CSV file held.
     *
     * <p>Immutable and thread-safe.
     *
     * @param examples the rows that were kept, in the file's order, features of shape {@code [features]}
     * @param featureNames the column of each feature
     * @param classNames the label value of each class
     * @param keys the key of each example, for {@link Partition#byKey}; empty where no key column was named
     * @param droppedRows how many rows were dropped because a value was missing
     */
    public record Data(
            Examples examples, List<String> featureNames, List<String> classNames, List<String> keys, int droppedRows) {

        /**
         * Checks that the parts fit together.
         *
         * @param examples the rows that were kept
         * @param featureNames the column of each feature
         * @param classNames the label value of each class
         * @param keys the key of each example, or empty
         * @param droppedRows how many rows were dropped, at least 0
         * @throws IllegalArgumentException if there is not one name for each feature and class, or one key for each example
         */
        public Data {
            featureNames = List.copyOf(featureNames);
            classNames = List.copyOf(classNames);
            keys = List.copyOf(keys);
            require("featureNames", examples.featureLength(), featureNames.size());
            require("classNames", examples.labelLength(), classNames.size());
            if (!keys.isEmpty()) {
                require("keys", examples.size(), keys.size());
            }
            Check.atLeast("droppedRows", droppedRows, 0);
        }

        private static void require(String what, int expected, int actual) {
            if (expected != actual) {
                throw new IllegalArgumentException(what + " must be " + expected + ", but was " + actual);
            }
        }
    }
}
