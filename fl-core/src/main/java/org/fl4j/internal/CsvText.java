package org.fl4j.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.fl4j.CorruptDataException;

/** CSV files: RFC 4180 in UTF-8, with or without byte-order mark, fields without the spaces around them. */
public final class CsvText {

    private static final int BYTE_ORDER_MARK = 0xFEFF;

    /** Decimal only: the suffixes, hexadecimals and NaN of Java's own syntax are mistakes in a CSV file. */
    private static final Pattern NUMBER = Pattern.compile("[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?");

    private CsvText() {}

    /**
     * Parses a file.
     *
     * @param read gets a parser before its first record
     * @return what {@code read} made of it
     * @throws CorruptDataException if it is no CSV
     * @throws UncheckedIOException if the file is missing or cannot be read
     */
    public static <T> T parse(Path file, char delimiter, Function<CSVParser, T> read) {
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setDelimiter(delimiter)
                .setIgnoreSurroundingSpaces(true)
                .build();
        try (BufferedReader text = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            skipByteOrderMark(text);
            try (CSVParser parser = format.parse(text)) {
                return read.apply(parser);
            }
        } catch (UncheckedIOException e) {
            throw failure(file, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /** Whether a field is a decimal number, of any size. */
    public static boolean isNumber(String field) {
        return NUMBER.matcher(field).matches();
    }

    private static RuntimeException failure(Path file, IOException cause) {
        if (cause instanceof CharacterCodingException) {
            return new CorruptDataException(file + " is not text in UTF-8", cause);
        }
        // What the parser finds wrong is a plain IOException; what the file system does, but for directories, is not.
        if (cause.getClass() == IOException.class && !Files.isDirectory(file)) {
            return new CorruptDataException(file + ": " + cause.getMessage(), cause);
        }
        return new UncheckedIOException("cannot read " + file, cause);
    }

    private static void skipByteOrderMark(BufferedReader text) throws IOException {
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
    }
}
