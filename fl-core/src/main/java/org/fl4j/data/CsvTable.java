package org.fl4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.CsvText;

/** The rows of one CSV file as they are read. */
final class CsvTable {

    private static final int NO_COLUMN = -1;

    private final Path file;
    private final CsvColumns columns;
    private final List<String> header;
    private final int label;
    private final int key;
    private final int[] featureAt;

    private float[] features = new float[1024];
    private int filled;
    private final List<String> labels = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private int dropped;

    private CsvTable(Path file, CsvColumns columns, List<String> header) {
        this.file = file;
        this.columns = columns;
        this.header = header;
        this.label = indexOf(columns.requireLabel());
        String keyColumn = columns.key();
        this.key = keyColumn == null ? NO_COLUMN : indexOf(keyColumn);
        this.featureAt = featureColumns();
    }

    static CsvReader.Data read(Path file, CSVParser parser, CsvColumns columns) {
        Iterator<CSVRecord> records = parser.iterator();
        List<String> header = columns.numbered();
        if (header == null) {
            if (!records.hasNext()) {
                throw new CorruptDataException(file + " is empty; expected a header that names the columns");
            }
            header = records.next().stream().map(String::trim).toList();
        }
        CsvTable table = new CsvTable(file, columns, header);
        while (records.hasNext()) {
            table.add(records.next(), parser.getCurrentLineNumber());
        }
        return table.finish();
    }

    private int indexOf(String column) {
        int at = header.indexOf(column);
        if (at < 0) {
            throw new CorruptDataException(file + " has no column '" + column + "'; its columns are " + header);
        }
        if (at != header.lastIndexOf(column)) {
            throw new CorruptDataException(file + " has more than one column '" + column + "'");
        }
        return at;
    }

    private int[] featureColumns() {
        List<String> named = columns.features();
        int[] at = new int[named.isEmpty() ? header.size() : named.size()];
        int count = 0;
        for (int i = 0; i < at.length; i++) {
            int column = named.isEmpty() ? i : indexOf(named.get(i));
            if (column != label && column != key) {
                at[count] = column;
                count++;
            } else if (!named.isEmpty()) {
                throw new IllegalArgumentException(columns + ": column '" + header.get(column)
                        + "' is named as a feature, but it is the label or the key");
            }
        }
        if (count == 0) {
            throw new CorruptDataException(file + " has no feature column; its columns are " + header);
        }
        return Arrays.copyOf(at, count);
    }

    private void add(CSVRecord row, long line) {
        if (row.size() != header.size()) {
            throw new CorruptDataException(
                    file + ", line " + line + ": expected " + header.size() + " fields. Found: " + row.size());
        }
        if (hasMissing(row, line)) {
            dropped++;
            return;
        }
        reserve(featureAt.length);
        for (int at : featureAt) {
            features[filled] = number(row, at, line);
            filled++;
        }
        labels.add(row.get(label).trim());
        if (!columns.classes().isEmpty()
                && !columns.classes().contains(row.get(label).trim())) {
            throw new CorruptDataException(
                    where(row, label, line) + " is none of the stated classes " + columns.classes());
        }
        if (key != NO_COLUMN) {
            keys.add(row.get(key).trim());
        }
    }

    private boolean hasMissing(CSVRecord row, long line) {
        boolean missing = isMissing(row, label, line) || (key != NO_COLUMN && isMissing(row, key, line));
        for (int at : featureAt) {
            missing |= isMissing(row, at, line);
        }
        return missing;
    }

    private boolean isMissing(CSVRecord row, int at, long line) {
        boolean missing = columns.isMissing(row.get(at).trim());
        if (missing && columns.policy() == CsvColumns.MissingValues.FAIL) {
            throw new CorruptDataException(where(row, at, line) + " marks a missing value (markers: "
                    + columns.describeMissing() + "); call dropMissing() to drop such rows");
        }
        return missing;
    }

    private float number(CSVRecord row, int at, long line) {
        String field = row.get(at).trim();
        if (!CsvText.isNumber(field)) {
            throw new CorruptDataException(where(row, at, line) + " is not a number");
        }
        float value = Float.parseFloat(field);
        if (Float.isInfinite(value)) {
            throw new CorruptDataException(where(row, at, line) + " is too large for FP32");
        }
        return value;
    }

    private String where(CSVRecord row, int at, long line) {
        return file + ", line " + line + ", column '" + header.get(at) + "': '"
                + row.get(at).trim() + "'";
    }

    private void reserve(int more) {
        if (features.length - filled < more) {
            int grown = (int) Math.min(Integer.MAX_VALUE - 8, 2L * (filled + (long) more));
            features = Arrays.copyOf(features, grown);
        }
    }

    private CsvReader.Data finish() {
        if (labels.isEmpty()) {
            throw new CorruptDataException(
                    file + " holds no example (" + dropped + " rows dropped because a value was missing)");
        }
        List<String> classNames = CsvLabels.classNames(columns.classes(), labels);
        int[] classOf = CsvLabels.classIndices(classNames, labels);
        float[] exact = Arrays.copyOf(features, filled);
        Examples examples = Examples.classified(exact, classOf, classNames.size(), featureAt.length);
        List<String> names = Arrays.stream(featureAt).mapToObj(header::get).toList();
        return new CsvReader.Data(examples, names, classNames, keys, dropped);
    }
}
