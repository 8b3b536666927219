package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run. */
class HtmlReportTest {

    @TempDir
    private Path folder;

    @Test
    void twoThousandRoundsAreBelowTwoMegabytesAndNothingIsLoadedFromElsewhere() throws Exception {
        String page = page(2000);

        assertTrue(page.length() < 2_000_000, () -> page.length() + " characters");
        for (String outside : List.of("http:", "https:", "//", "src=", "href=", "url(", "@import", "<img", "<link")) {
            assertFalse(page.contains(outside), outside);
        }
        assertEquals(1, count(page, "<script"), "the data, which no browser runs");
        assertEquals(1, count(page, "</script"));
    }

    @Test
    void itHasAChartForEachKindOfFigure() throws Exception {
        String page = page(50);
        for (String title : List.of(
                "Accuracy",
                "Loss",
                "Privacy spent",
                "How clients differ",
                "Clients that took part",
                "Clients that did not complete, by kind",
                "Time by phase, seconds",
                "Bytes",
                "Metrics of the rule",
                "auc")) {
            assertTrue(page.contains("<section><h2>" + title + "</h2>\n<svg"), title);
        }
        assertEquals(10, count(page, "<svg"));
        assertFalse(page.contains("<span>clients.rejected"), "always 0");
        assertTrue(page.contains("<tr><th>clients.rejected</th><td>0 (round 50)</td></tr>"));
    }

    @Test
    void textsOfOthersAreEscaped() throws Exception {
        String page = page(100);
        assertTrue(page.contains("<td>0.1 &lt;script&gt;alert(1)&lt;/script&gt;</td>"));
        assertTrue(page.contains("<td>17 &amp; more</td>"));
        assertTrue(page.contains("<th>97 abandoned</th><td>round 97: 12 of 40 clients completed but the round needs 30,"
                + " &lt;/script&gt; &amp; &#39;more&#39;</td>"));
    }

    /** A line of two points from corner to corner, by hand: the plot spans x from 48 to 392 and y from 178 up to 8. */
    @Test
    void aLineIsDrawnFromCornerToCorner() {
        LineChart.Series line = new LineChart.Series(
                "a", List.of(new LineChart.Point(1, 0), new LineChart.Point(2, 0.5), new LineChart.Point(3, 2)));
        String svg = LineChart.svg("t", List.of(line), false);
        assertTrue(svg.contains("points=\"48.0,178.0 220.0,135.5 392.0,8.0 \""), svg);
        assertTrue(svg.contains("<text x=\"44.0\" y=\"97.0\" text-anchor=\"end\">1</text>"), svg);
    }

    @Test
    void extremesOfALongLineAreKept() {
        List<LineChart.Point> points = IntStream.rangeClosed(1, 5000)
                .mapToObj(round -> new LineChart.Point(round, round == 1234 ? 9 : round == 4321 ? -9 : 0))
                .toList();
        String svg = LineChart.svg("t", List.of(new LineChart.Series("a", points)), false);
        assertTrue(svg.contains(",8.0 "), svg);
        assertTrue(svg.contains(",178.0 "), svg);
        assertTrue(svg.contains("class=\"c0\" points="), "the means");
        assertTrue(svg.length() < 10_000, () -> "" + svg.length());
    }

    @Test
    void constantHugeAndSinglePointsAreDrawnWithoutNaN() {
        for (double value : new double[] {0, -3, 1e300, Double.MAX_VALUE, Double.MIN_VALUE}) {
            for (int rounds : new int[] {1, 2}) {
                List<LineChart.Point> points = IntStream.rangeClosed(1, rounds)
                        .mapToObj(round -> new LineChart.Point(round, value))
                        .toList();
                for (boolean fromZero : new boolean[] {true, false}) {
                    String svg = LineChart.svg("t", List.of(new LineChart.Series("a", points)), fromZero);
                    assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
                }
            }
        }
        List<LineChart.Point> apart =
                List.of(new LineChart.Point(1, -Double.MAX_VALUE), new LineChart.Point(2, Double.MAX_VALUE));
        String svg = LineChart.svg("t", List.of(new LineChart.Series("a", apart)), false);
        assertTrue(svg.contains("points=\"48.0,178.0 392.0,8.0 \""), svg);
    }

    @Test
    void aRunResumedByAnotherProcessGoesOnWithItsPage() throws Exception {
        try (HtmlReport first = HtmlReport.in(folder)) {
            play(first, SampleRun.START, 1, 120);
        }
        RunStart resumed =
                new RunStart(SampleRun.START.run(), 97, 103, SampleRun.START.disclosure(), Instant.EPOCH, Map.of());
        try (HtmlReport second = HtmlReport.in(folder)) {
            play(second, resumed, 98, 200);
            List<RoundRecord> kept = ReportData.read(Files.readString(second.page()), 1000);
            assertEquals(
                    IntStream.rangeClosed(1, 200).boxed().toList(),
                    kept.stream().map(RoundRecord::round).toList());
            assertEquals(RoundRecord.Outcome.ABANDONED, kept.get(96).outcome());
            assertEquals(SampleRun.round(97).reason(), kept.get(96).reason());
            for (RoundRecord round : kept) {
                Map<String, Double> expected = SampleRun.round(round.round()).figures();
                assertEquals(expected.keySet(), round.figures().keySet());
                round.figures()
                        .forEach((name, value) -> assertEquals(expected.get(name), value, 1e-5 * Math.abs(value)));
            }
        }
        try (var pages = Files.list(folder)) {
            assertEquals(1, pages.count());
        }
    }

    /** The first writing takes 0.25 s, so the next is 25 s later; none takes less than 10 s. */
    @Test
    void itIsWrittenAfterTheFirstRoundThenNowAndThenAndWhenTheRunEnds() throws Exception {
        long[] clock = {7};
        long[] step = {250_000_000};
        HtmlReport report = HtmlReport.in(folder, () -> clock[0] += step[0]);
        report.runStarted(SampleRun.START);
        assertEquals(1, roundsAfter(report, 1));
        step[0] = 0;
        clock[0] += 24_900_000_000L;
        assertEquals(1, roundsAfter(report, 2));
        clock[0] += 100_000_000L;
        assertEquals(3, roundsAfter(report, 3));
        clock[0] += 9_900_000_000L;
        assertEquals(3, roundsAfter(report, 4));
        clock[0] += 100_000_000L;
        assertEquals(5, roundsAfter(report, 5));
        assertEquals(5, roundsAfter(report, 6));
        report.runEnded();
        assertEquals(6, ReportData.read(Files.readString(report.page()), 1000).size());
    }

    private static int roundsAfter(HtmlReport report, int round) throws Exception {
        report.roundEnded(SampleRun.round(round));
        return ReportData.read(Files.readString(report.page()), 1000).size();
    }

    @Test
    void aFolderThatIsAFileIsRefusedWhenItIsWired() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThrows(UncheckedIOException.class, () -> HtmlReport.in(file));
    }

    private String page(int rounds) throws Exception {
        try (HtmlReport report = HtmlReport.in(folder)) {
            play(report, SampleRun.START, 1, rounds);
            return Files.readString(report.page());
        }
    }

    private static void play(HtmlReport report, RunStart start, int from, int to) {
        report.runStarted(start);
        for (int round = from; round <= to; round++) {
            report.roundEnded(SampleRun.round(round));
        }
        report.runEnded();
    }

    private static int count(String page, String part) {
        return page.split(Pattern.quote(part), -1).length - 1;
    }
}
