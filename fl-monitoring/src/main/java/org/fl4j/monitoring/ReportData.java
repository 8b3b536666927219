package org.fl4j.monitoring;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.fl4j.CorruptDataException;

/**
 * The rounds of a report as CSV within its page, from which a resumed run goes on and programs can read: {@code round},
 * {@code outcome}, {@code reason} (percent-encoded, so that no text ends the element), then figures of six digits.
 */
final class ReportData {

    private static final String OPENING = "<script type=\"text/csv\" id=\"rounds\">\n";
    private static final String CLOSING = "</script>";
    private static final int FIXED = 3;

    private ReportData() {}

    static String write(List<RoundRecord> rounds) {
        Set<String> columns = new LinkedHashSet<>();
        rounds.forEach(round -> columns.addAll(round.figures().keySet()));
        StringBuilder out = new StringBuilder(OPENING).append("round,outcome,reason");
        columns.forEach(column -> out.append(',').append(column));
        for (RoundRecord round : rounds) {
            out.append('\n').append(round.round()).append(',');
            out.append(round.outcome().name().toLowerCase(Locale.ROOT)).append(',');
            out.append(URLEncoder.encode(round.reason(), StandardCharsets.UTF_8));
            for (String column : columns) {
                out.append(',');
                round.figure(column).ifPresent(value -> out.append(Numbers.brief(value)));
            }
        }
        return out.append('\n').append(CLOSING).toString();
    }

    /** Reads what a page has, up to a round. */
    static List<RoundRecord> read(String page, int upTo) {
        int from = page.indexOf(OPENING);
        int to = page.indexOf(CLOSING, Math.max(0, from));
        if (from < 0 || to < 0) {
            throw new CorruptDataException("the page is no report with rounds in it");
        }
        List<String> lines = page.substring(from + OPENING.length(), to).lines().toList();
        String[] columns = lines.get(0).split(",", -1);
        List<RoundRecord> rounds = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            Map<String, Double> figures = new LinkedHashMap<>();
            for (int i = FIXED; i < columns.length; i++) {
                if (!fields[i].isEmpty()) {
                    figures.put(columns[i], Double.valueOf(fields[i]));
                }
            }
            RoundRecord round = new RoundRecord(
                    Integer.parseInt(fields[0]),
                    RoundRecord.Outcome.valueOf(fields[1].toUpperCase(Locale.ROOT)),
                    URLDecoder.decode(fields[2], StandardCharsets.UTF_8),
                    Instant.EPOCH,
                    figures);
            if (round.round() <= upTo) {
                rounds.add(round);
            }
        }
        return rounds;
    }
}
