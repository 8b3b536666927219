package org.fl4j.monitoring;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The text of a report's page. */
final class HtmlPage {

    private static final int REASONS = 100;
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Without the policy's exception for styles the page would have none; nothing can be loaded or run. */
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>@run@</title>
            <style>
            :root{color-scheme:light dark;--ink:#1b1f24;--soft:#68707a;--line:#d9dde2;--paper:#fff}
            @media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#9aa3ad;--line:#3a4149;--paper:#16191d}}
            body{margin:0 auto;padding:1rem;max-width:72rem;font:1rem/1.4 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
            h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.05rem;margin:0 0 .3rem}
            p{margin:.3rem 0}.soft{color:var(--soft)}
            main{display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));margin:1.2rem 0}
            section{min-width:0}.wide{grid-column:1/-1;overflow-x:auto}
            svg{width:100%;height:auto;display:block}svg text{font-size:12px;fill:var(--soft)}
            polyline{fill:none;stroke-width:1.6;stroke-linejoin:round}.spread{stroke-opacity:.3}.g{stroke:var(--line);stroke-width:.7}
            ul{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:0;margin:.3rem 0;font-size:.85rem}
            li::before{content:"";display:inline-block;width:.8em;height:.8em;border-radius:50%;background:currentcolor;margin-right:.35em}
            li span{color:var(--ink);overflow-wrap:anywhere}
            .c0{color:#2166c4;stroke:#2166c4;fill:#2166c4}.c1{color:#d9620b;stroke:#d9620b;fill:#d9620b}
            .c2{color:#23893f;stroke:#23893f;fill:#23893f}.c3{color:#c2303c;stroke:#c2303c;fill:#c2303c}
            .c4{color:#8254c0;stroke:#8254c0;fill:#8254c0}.c5{color:#8a6a3d;stroke:#8a6a3d;fill:#8a6a3d}
            .c6{color:#c9459b;stroke:#c9459b;fill:#c9459b}.c7{color:#1496a5;stroke:#1496a5;fill:#1496a5}
            polyline.c0,polyline.c1,polyline.c2,polyline.c3,polyline.c4,polyline.c5,polyline.c6,polyline.c7{fill:none}
            table{border-collapse:collapse;font-size:.9rem}th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
            th{font-weight:normal;color:var(--soft)}td{font-variant-numeric:tabular-nums}
            </style></head><body>
            """;

    private final RunStart run;
    private final List<RoundRecord> rounds;

    HtmlPage(RunStart run, List<RoundRecord> rounds) {
        this.run = run;
        this.rounds = rounds;
    }

    String text() {
        Map<String, LineChart.Series> series = series();
        StringBuilder out = new StringBuilder(HEAD.replace("@run@", "Run " + Html.escape(run.run())));
        summary(out);
        out.append("<main>\n");
        for (ChartKind kind : ChartKind.all(series.keySet())) {
            chart(out, kind, series);
        }
        latest(out, series);
        reasons(out);
        provenance(out);
        return out.append("</main>\n")
                .append(ReportData.write(rounds))
                .append("\n</body></html>\n")
                .toString();
    }

    private Map<String, LineChart.Series> series() {
        Map<String, LineChart.Series> series = new LinkedHashMap<>();
        for (RoundRecord round : rounds) {
            round.figures()
                    .forEach((name, value) -> series.computeIfAbsent(
                                    name, its -> new LineChart.Series(its, new ArrayList<>()))
                            .points()
                            .add(new LineChart.Point(round.round(), value)));
        }
        return series;
    }

    private void summary(StringBuilder out) {
        long advanced = rounds.stream()
                .filter(round -> round.outcome() == RoundRecord.Outcome.ADVANCED)
                .count();
        out.append("<h1>Run ").append(Html.escape(run.run())).append("</h1>\n<p>");
        out.append(rounds.size()).append(" of ").append(run.last()).append(" rounds, ");
        out.append(advanced).append(" advanced. Started ").append(STAMP.format(run.at()));
        out.append(run.from() == 0 ? "" : " from round " + run.from()).append(".</p>\n<p class=\"soft\">");
        out.append(shown()).append("</p>\n");
    }

    private String shown() {
        return switch (run.disclosure()) {
            case CLIENTS -> "The rule sees each update in the clear; nothing is left out.";
            case COUNTS ->
                "The rule hides single clients: there are counts, bytes and times of whole rounds, and no client.";
            case RELEASES ->
                "Under a private rule there are no counts of clients, no bytes and no times that follow from them,"
                        + " and no seed.";
        };
    }

    private static void chart(StringBuilder out, ChartKind kind, Map<String, LineChart.Series> series) {
        List<LineChart.Series> lines = kind.of(series);
        out.append("<section><h2>").append(Html.escape(kind.title())).append("</h2>\n");
        if (lines.isEmpty()) {
            out.append("<p class=\"soft\">None.</p></section>\n");
            return;
        }
        out.append(LineChart.svg(kind.title(), lines, kind.fromZero())).append("\n<ul>");
        for (int i = 0; i < lines.size(); i++) {
            out.append("<li class=\"").append(LineChart.color(i)).append("\"><span>");
            out.append(Html.escape(lines.get(i).name())).append(' ');
            out.append(Html.brief(lines.get(i).last().value())).append("</span></li>");
        }
        out.append("</ul></section>\n");
    }

    private static void latest(StringBuilder out, Map<String, LineChart.Series> series) {
        out.append("<section class=\"wide\"><h2>Latest figures</h2><table>\n");
        series.forEach((name, line) -> out.append(Html.row(
                name,
                Numbers.brief(line.last().value()) + " (round " + line.last().round() + ")")));
        out.append("</table></section>\n");
    }

    private void reasons(StringBuilder out) {
        List<RoundRecord> others = rounds.stream()
                .filter(round -> round.outcome() != RoundRecord.Outcome.ADVANCED)
                .toList();
        out.append("<section class=\"wide\"><h2>Rounds that did not advance: ");
        out.append(others.size()).append("</h2><table>\n");
        others.subList(Math.max(0, others.size() - REASONS), others.size())
                .forEach(round -> out.append(Html.row(
                        round.round() + " " + round.outcome().name().toLowerCase(Locale.ROOT), round.reason())));
        out.append("</table></section>\n");
    }

    private void provenance(StringBuilder out) {
        out.append("<section class=\"wide\"><h2>Provenance</h2><table>\n");
        run.parameters().forEach((name, value) -> out.append(Html.row(name, value)));
        out.append("</table></section>\n");
    }
}
