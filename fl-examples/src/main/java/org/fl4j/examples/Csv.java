package org.fl4j.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** Tables as files: the same bytes on every system. */
final class Csv {

    private Csv() {}

    /** Writes the header and prints what follows; to be closed. */
    static CSVPrinter to(Path file, String... header) throws IOException {
        return CSVFormat.DEFAULT
                .builder()
                .setHeader(header)
                .setRecordSeparator('\n')
                .build()
                .print(file, StandardCharsets.UTF_8);
    }
}
