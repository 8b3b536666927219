package org.fl4j.simulation;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.CsvText;

/** Reads spans of time, each of one client, from a CSV file with the columns client, start and end; others are ignored. */
final class TraceFile {

    private static final String CLIENT = "client";
    private static final String START = "start";
    private static final String END = "end";

    /** Above 30,000 years, it is not in seconds. */
    private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000_000L);

    private final Path file;
    private final List<String> header;
    private final int client;
    private final int start;
    private final int end;

    private TraceFile(Path file, List<String> header) {
        this.file = file;
        this.header = header;
        this.client = indexOf(CLIENT);
        this.start = indexOf(START);
        this.end = indexOf(END);
    }

    /** One row, not ending before it starts. */
    record Span(ClientId client, Duration start, Duration end, String where) {

        CorruptDataException corrupt(String why) {
            return new CorruptDataException(where + ": " + why);
        }
    }

    /** All rows, in order; at least one. */
    static List<Span> read(Path file) {
        return CsvText.parse(file, ',', parser -> read(file, parser));
    }

    private static List<Span> read(Path file, CSVParser parser) {
        Iterator<CSVRecord> rows = parser.iterator();
        if (!rows.hasNext()) {
            throw new CorruptDataException(file + " is empty; expected the header client,start,end");
        }
        TraceFile trace =
                new TraceFile(file, rows.next().stream().map(String::trim).toList());
        List<Span> spans = new ArrayList<>();
        while (rows.hasNext()) {
            spans.add(trace.span(rows.next(), parser.getCurrentLineNumber()));
        }
        if (spans.isEmpty()) {
            throw new CorruptDataException(file + " has a header and no row");
        }
        return spans;
    }

    private int indexOf(String column) {
        int at = header.indexOf(column);
        if (at < 0 || at != header.lastIndexOf(column)) {
            throw new CorruptDataException(file + " must have one column '" + column + "'; its columns are " + header);
        }
        return at;
    }

    private Span span(CSVRecord row, long line) {
        String where = file + ", line " + line;
        if (row.size() != header.size()) {
            throw new CorruptDataException(where + ": expected " + header.size() + " fields. Found: " + row.size());
        }
        Span span = new Span(
                clientOf(row.get(client).trim(), where), seconds(row, start, where), seconds(row, end, where), where);
        if (span.end().compareTo(span.start()) < 0) {
            throw span.corrupt(
                    "the end must not be before the start, but was " + row.get(end) + " after " + row.get(start));
        }
        return span;
    }

    private static ClientId clientOf(String name, String where) {
        try {
            return new ClientId(name);
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException(where + ": " + e.getMessage(), e);
        }
    }

    private Duration seconds(CSVRecord row, int at, String where) {
        String field = row.get(at).trim();
        return secondsOf(field)
                .orElseThrow(() -> new CorruptDataException(where + ", column '" + header.get(at) + "': '" + field
                        + "' is not a number of seconds from 0 to 1e12"));
    }

    /** Exact to the nanosecond. */
    private static Optional<Duration> secondsOf(String field) {
        if (!CsvText.isNumber(field)) {
            return Optional.empty();
        }
        double about = Double.parseDouble(field);
        if (about < 1e-10) {
            return about < 0 ? Optional.empty() : Optional.of(Duration.ZERO);
        }
        // Not a number whose exponent alone would fill the memory.
        if (about > 2e12) {
            return Optional.empty();
        }
        BigDecimal seconds = new BigDecimal(field);
        return seconds.compareTo(MOST) > 0
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(
                        seconds.longValue(),
                        seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue()));
    }
}
