package org.fl4j.spark.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

@Timeout(120)
class SparkDigitsTest {

    /** Logging keeps the streams that it finds when it starts; these are to be the real ones. */
    @BeforeAll
    static void startLogging() {
        LoggerFactory.getLogger(SparkDigitsTest.class);
    }

    /** What a command printed, and how it ended. */
    private record Ended(int status, String out, String err) {}

    @ParameterizedTest
    @EnumSource
    void hasTheBitsOfOneProcess(Rule rule) {
        Ended ended = run(
                "--master",
                "local[2]",
                "--clients",
                "30",
                "--cohort",
                "20",
                "--rounds",
                "2",
                "--rule",
                rule.name(),
                "--compare");

        assertEquals(0, ended.status(), ended::err);
        assertTrue(
                ended.out()
                        .matches("(?s)drawn digits, 30 writers, " + rule + " on local\\[2\\]\n.*"
                                + "\naccuracy=0\\.\\d{4} rounds=2 seconds=\\d+\\.\\d sha256=(\\p{XDigit}{64})\n.*"
                                + "\nthe same bits in process: sha256=\\1\n"),
                ended::out);
    }

    @Test
    void aMasterThatSparkCannotReadIsNamed() {
        assertEquals(
                new Ended(
                        2, "", "spark-digits: Spark does not start: Could not parse Master URL: 'here' (see --help)\n"),
                run("--master", "here"));
    }

    @Test
    void aFolderWithoutDigitsIsNamed() {
        Ended ended = run("--master", "local[2]", "--data", "nowhere");

        assertEquals(2, ended.status());
        assertTrue(ended.err().contains("nowhere has no train-images file of MNIST"), ended::err);
    }

    @Test
    void aNumberOutOfRangeIsNamed() {
        assertEquals(
                new Ended(2, "", "spark-digits: --cohort must be at least 1, but was 0 (see --help)\n"),
                run("--cohort", "0"));
    }

    private static Ended run(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream toOut = new ByteArrayOutputStream();
        ByteArrayOutputStream toErr = new ByteArrayOutputStream();
        System.setOut(new PrintStream(toOut, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(toErr, true, StandardCharsets.UTF_8));
        try {
            return new Ended(Commands.run(new SparkDigits(), args), text(toOut), text(toErr));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static String text(ByteArrayOutputStream printed) {
        return printed.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
}
