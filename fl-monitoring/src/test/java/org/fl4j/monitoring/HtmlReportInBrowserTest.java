package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as headless Chromium shows it, where there is one. */
@Timeout(120)
class HtmlReportInBrowserTest {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    @TempDir
    private Path folder;

    private String page = "";

    @BeforeEach
    void write() throws IOException {
        assumeTrue(Files.isExecutable(CHROMIUM), "no " + CHROMIUM);
        try (HtmlReport report = HtmlReport.in(folder)) {
            report.runStarted(SampleRun.START);
            for (int round = 1; round <= 400; round++) {
                report.roundEnded(SampleRun.round(round));
            }
            report.runEnded();
            page = Files.readString(report.page());
        }
    }

    /** Measured by a script in a copy without the policy, which would keep the script from running. */
    @Test
    void itFitsAPhoneAndNothingInItIsTooSmallToRead() throws Exception {
        String measured = measure(
                360,
                "[document.documentElement.scrollWidth, innerWidth, document.querySelectorAll('svg').length,"
                        + " Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height)),"
                        + " Math.min(...[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().width))].join(' ')");
        String[] numbers = measured.split(" ", -1);
        assertEquals(360, Double.parseDouble(numbers[1]));
        assertTrue(Double.parseDouble(numbers[0]) <= 360, measured);
        assertEquals(10, Double.parseDouble(numbers[2]));
        assertTrue(Double.parseDouble(numbers[3]) >= 9, measured);
        assertTrue(Double.parseDouble(numbers[4]) >= 300, measured);
    }

    @Test
    void onAWideScreenChartsAreSideBySide() throws Exception {
        String measured = measure(
                1200,
                "[...document.querySelectorAll('section')].filter(s => s.getBoundingClientRect().top =="
                        + " document.querySelector('section').getBoundingClientRect().top).length");
        assertEquals("3", measured);
    }

    /** Texts of others arrive as they are, and none of them runs. */
    @Test
    void textsOfOthersAreShownAndNotRun() throws Exception {
        String measured = measure(
                800,
                "[document.scripts.length, [...document.querySelectorAll('td')].filter(t => t.textContent =="
                        + " '0.1 \\x3cscript>alert(1)\\x3c/script>').length].join(' ')");
        assertEquals("2 1", measured, "the data and the script that measures");
    }

    private String measure(int width, String expression) throws Exception {
        String script = "<script>document.title='measured: ' + (" + expression + ")</script>";
        Path inner = folder.resolve("inner.html");
        Files.writeString(
                inner, page.replaceFirst("<meta http-equiv[^>]*>", "").replace("</body>", script + "</body>"));
        // Windows of less than 500 pixels are not made; a frame is.
        Path outer = Files.writeString(
                folder.resolve("outer.html"),
                "<!DOCTYPE html><title>none</title><body style='margin:0'><iframe src='inner.html' width='" + width
                        + "' height='800' style='border:0' onload=\"document.title=this.contentDocument.title\"></iframe>");
        String dom = chromium(
                "--allow-file-access-from-files", "--dump-dom", outer.toUri().toString());
        Matcher title = Pattern.compile("<title>measured: ([^<]*)</title>").matcher(dom);
        assertTrue(title.find(), dom);
        return title.group(1);
    }

    private String chromium(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                CHROMIUM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1300,900",
                "--user-data-dir=" + folder.resolve("profile")));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("chromium.log").toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> "chromium failed");
        return out;
    }
}
