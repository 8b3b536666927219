package org.fl4j.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.fl4j.internal.Check;
import org.jspecify.annotations.Nullable;

/**
 * Says which columns of a CSV file are label, features and key, and what a missing value looks like. Each method
 * returns a changed copy:
 *
 * <pre>{@code
 * CsvColumns hospital = CsvColumns.withoutHeader(14).label(13).dropMissing();
 * CsvColumns letters = CsvColumns.withHeader().label("letter").key("writer").classes("a", "b", "c");
 * }</pre>
 *
 * <p>Columns are named where there is a header, and counted from 0 where there is none. The defaults: every column
 * that is neither label nor key is a feature; {@link #DEFAULT_MISSING} mark a missing value; a missing value is an
 * error; fields are separated by commas.
 *
 * <p>Immutable and thread-safe.
 */
public final class CsvColumns {

    /** What marks a missing value unless {@link #missing} says otherwise: the empty field, ?, NA, NaN. */
    public static final List<String> DEFAULT_MISSING = List.of("", "?", "NA", "NaN");

    /** The columns of a file without header, "0", "1", ..; null where the file's first record names them. */
    private final @Nullable List<String> numbered;

    private final @Nullable String label;
    private final @Nullable String key;
    private final List<String> features;
    private final List<String> classes;
    private final Parsing parsing;

    /** How to take a field apart from the next, and what to do with a missing one. */
    private record Parsing(char delimiter, Set<String> missing, MissingValues policy) {}

    /** What becomes of a row with a missing value. */
    enum MissingValues {
        FAIL,
        DROP_ROW
    }

    private CsvColumns(
            @Nullable List<String> numbered,
            @Nullable String label,
            @Nullable String key,
            List<String> features,
            List<String> classes,
            Parsing parsing) {
        this.numbered = numbered;
        this.label = label;
        this.key = key;
        this.features = features;
        this.classes = classes;
        this.parsing = parsing;
    }

    /**
     * A file whose first record names its columns.
     *
     * @return columns without label or key so far
     */
    public static CsvColumns withHeader() {
        return defaults(null);
    }

    /**
     * A file that starts with data.
     *
     * @param columns how many fields each record has, at least 1
     * @return columns without label or key so far
     * @throws IllegalArgumentException if {@code columns} is below 1
     */
    public static CsvColumns withoutHeader(int columns) {
        Check.atLeast("columns", columns, 1);
        List<String> numbers = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
            numbers.add(Integer.toString(i));
        }
        return defaults(List.copyOf(numbers));
    }

    private static CsvColumns defaults(@Nullable List<String> numbered) {
        Parsing parsing = new Parsing(',', Set.copyOf(DEFAULT_MISSING), MissingValues.FAIL);
        return new CsvColumns(numbered, null, null, List.of(), List.of(), parsing);
    }

    /**
     * The label column by name. Required.
     *
     * @param column its name in the header
     * @return a changed copy
     */
    public CsvColumns label(String column) {
        return new CsvColumns(numbered, column, key, features, classes, parsing);
    }

    /**
     * The label column by number. Required.
     *
     * @param column counted from 0; only for files without header
     * @return a changed copy
     * @throws IllegalArgumentException if the file has a header or not so many columns
     */
    public CsvColumns label(int column) {
        return label(number(column));
    }

    /**
     * The column that tells where an example comes from, for {@link Partition#byKey}. It is not a feature.
     *
     * @param column its name in the header
     * @return a changed copy
     */
    public CsvColumns key(String column) {
        return new CsvColumns(numbered, label, column, features, classes, parsing);
    }

    /**
     * The key column by number.
     *
     * @param column counted from 0; only for files without header
     * @return a changed copy
     * @throws IllegalArgumentException if the file has a header or not so many columns
     */
    public CsvColumns key(int column) {
        return key(number(column));
    }

    /**
     * Only these columns are features, in this order.
     *
     * @param columns their names in the header, at least one, all different
     * @return a changed copy
     * @throws IllegalArgumentException if none is given, or one twice
     */
    public CsvColumns features(String... columns) {
        return new CsvColumns(numbered, label, key, distinct("features", columns), classes, parsing);
    }

    /**
     * Only these columns are features, in this order.
     *
     * @param columns counted from 0, at least one, all different; only for files without header
     * @return a changed copy
     * @throws IllegalArgumentException if none is given, or one twice, or the file has a header or not so many columns
     */
    public CsvColumns features(int... columns) {
        String[] names = new String[columns.length];
        for (int i = 0; i < columns.length; i++) {
            names[i] = number(columns[i]);
        }
        return features(names);
    }

    /**
     * The label values that there are, in the order of their class indices; any other value is an error. State them
     * where several files, one a client, must agree about the classes though not each holds all of them.
     *
     * @param values at least one, all different
     * @return a changed copy
     * @throws IllegalArgumentException if none is given, or one twice
     */
    public CsvColumns classes(String... values) {
        return new CsvColumns(numbered, label, key, features, distinct("classes", values), parsing);
    }

    /**
     * What marks a missing value, instead of {@link #DEFAULT_MISSING}. Fields are compared without surrounding spaces.
     *
     * @param markers such as "-9"; may be none
     * @return a changed copy
     */
    public CsvColumns missing(String... markers) {
        return with(new Parsing(parsing.delimiter, Set.copyOf(List.of(markers)), parsing.policy));
    }

    /**
     * Drops a row in which the label, the key or a feature is missing, instead of failing.
     *
     * @return a changed copy
     */
    public CsvColumns dropMissing() {
        return with(new Parsing(parsing.delimiter, parsing.missing, MissingValues.DROP_ROW));
    }

    /**
     * What separates fields, instead of the comma.
     *
     * @param separator such as {@code ';'} or {@code '\t'}
     * @return a changed copy
     */
    public CsvColumns delimiter(char separator) {
        return with(new Parsing(separator, parsing.missing, parsing.policy));
    }

    @Override
    public String toString() {
        return "CsvColumns[" + (numbered == null ? "header" : numbered.size() + " columns")
                + ", label=" + (label == null ? "none" : label)
                + ", key=" + (key == null ? "none" : key)
                + ", features=" + (features.isEmpty() ? "all others" : features) + "]";
    }

    /** The names of the columns of a file without header; null where the header names them. */
    @Nullable
    List<String> numbered() {
        return numbered;
    }

    String requireLabel() {
        if (label == null) {
            throw new IllegalArgumentException(this + ": the label column is not set; call label(..)");
        }
        return label;
    }

    @Nullable
    String key() {
        return key;
    }

    /** Empty for all columns but label and key. */
    List<String> features() {
        return features;
    }

    /** Empty for whatever the file holds. */
    List<String> classes() {
        return classes;
    }

    char delimiter() {
        return parsing.delimiter;
    }

    MissingValues policy() {
        return parsing.policy;
    }

    boolean isMissing(String field) {
        return parsing.missing.contains(field);
    }

    String describeMissing() {
        return "'" + String.join("', '", new TreeSet<>(parsing.missing)) + "'";
    }

    private CsvColumns with(Parsing changed) {
        return new CsvColumns(numbered, label, key, features, classes, changed);
    }

    private String number(int column) {
        if (numbered == null) {
            throw new IllegalArgumentException(
                    "a column of a file with a header must be given by its name, but was " + column);
        }
        if (column < 0 || column >= numbered.size()) {
            throw new IllegalArgumentException("column must be in [0, " + numbered.size() + "), but was " + column);
        }
        return Integer.toString(column);
    }

    private static List<String> distinct(String what, String... values) {
        List<String> list = List.of(values);
        if (list.isEmpty() || new HashSet<>(list).size() < list.size()) {
            throw new IllegalArgumentException(what + " must be at least one and all different, but was " + list);
        }
        return list;
    }
}
