package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.report.RoundResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches every byte that all sinks produced of a run for what its rule hides. That the same search finds it in an open run
 * is what makes it a search.
 */
@Timeout(240)
class DisclosureOfSinksTest {

    private static final Set<String> SINKS =
            Set.of("rounds.csv", "rounds.jsonl", "html", "tensorboard", "slf4j", "micrometer", "mlflow");

    /** No other number of a run or of a page is one of 347, 116 and 231, or 347 times 41. */
    private static final Federation MANY = new Federation(347, 116);

    private static final Federation FEW = new Federation(29, 6);
    private static final Pattern NUMBER = Pattern.compile("(?<![0-9A-Za-z.])[0-9]+([.][0-9]+)?(E-?[0-9]+)?");

    @TempDir
    private Path folder;

    @Test
    void inAnOpenRunTheSearchFindsCountsTimesAndDifferencesInEverySink() throws Exception {
        EverySink run = EverySink.of(
                folder,
                MANY,
                FederatedServer.with(FedAvg.byExamples()),
                EverySink.Evaluated.DISTRIBUTION,
                builder -> {});

        assertEquals(SINKS, run.outputs.keySet());
        run.outputs.forEach((sink, text) -> {
            List<Double> numbers = numbers(text);
            // A counter has the sum over rounds.
            int rounds = sink.equals("micrometer") ? 4 : 1;
            assertTrue(numbers.contains(116.0 * rounds), sink + " has the failures");
            assertTrue(numbers.contains(231.0 * rounds), sink + " has who completed");
            assertTrue(numbers.contains(347.0 * Federation.EXAMPLES), sink + " has the examples");
            assertTrue(text.contains("worst") && hasNear(numbers, 3.0 / 41), sink + " has the worst client");
            assertTrue(
                    run.reports.stream().anyMatch(report -> hasDuration(numbers, report)) || sink.equals("micrometer"),
                    sink + " has a duration");
        });
        assertTrue(run.outputs.get("mlflow").contains("" + Federation.SEED));
        assertTrue(run.outputs.get("html").contains("" + Federation.SEED));
        assertTrue(run.outputs.get("micrometer").contains("fl4j.round.duration"));
    }

    @Test
    void inAPrivateRunTheyFindNothingThatFollowsFromWhoTookPart() throws Exception {
        EverySink run = EverySink.of(
                folder,
                MANY,
                FederatedServer.with(GaussianMechanism.on(ClippedMean.fixed(1), 1)),
                EverySink.Evaluated.SUMS,
                builder -> {});
        assertHidesWhoTookPart(run, MANY);
        run.outputs.forEach(
                (sink, text) -> assertTrue(text.contains("federated"), sink + " has what the host evaluates"));
    }

    @Test
    void inAPrivateMaskedRunNeither() throws Exception {
        EverySink run = EverySink.of(
                folder,
                FEW,
                FederatedServer.with(SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1)))
                        .cohortMembersAreTrusted(),
                EverySink.Evaluated.SUMS,
                builder -> {});
        assertHidesWhoTookPart(run, FEW);
    }

    @Test
    void inAPrivateRunWhoseCountsArePublicThereAreBytesAndTimesAndNoClient() throws Exception {
        EverySink run = EverySink.of(
                folder,
                MANY,
                FederatedServer.with(GaussianMechanism.on(ClippedMean.fixed(1), 1))
                        .participationCountsArePublic(),
                EverySink.Evaluated.SUMS,
                builder -> {});
        run.outputs.forEach((sink, text) -> {
            assertFalse(text.contains("patient"), sink);
            assertFalse(text.contains("worst"), sink);
            assertTrue(text.contains("traffic"), sink);
        });
        assertTrue(run.outputs.get("rounds.csv").contains("time.round_seconds"));
    }

    @Test
    void inASecureRunThereAreCountsAndNoFigureOfASingleClient() throws Exception {
        EverySink run = EverySink.of(
                folder,
                FEW,
                FederatedServer.with(SecureSum.on(FedAvg.uniform(), FixedPoint.within(1))),
                EverySink.Evaluated.SUMS,
                builder -> {});
        run.outputs.forEach((sink, text) -> {
            assertFalse(text.contains("patient"), sink);
            assertFalse(text.contains("worst") || text.contains("p10"), sink);
            assertFalse(hasNear(numbers(text), 3.0 / 41), sink + " has a client's accuracy");
            assertTrue(text.contains("clients"), sink);
        });
    }

    /** The server's reason names clients. */
    @Test
    void anAbandonedSecureRoundNamesNoClient() throws Exception {
        EverySink run = EverySink.of(
                folder,
                new Federation(9, 8),
                FederatedServer.with(SecureSum.on(FedAvg.uniform(), FixedPoint.within(1))),
                EverySink.Evaluated.NOT,
                builder -> builder.policy(RoundPolicy.DEFAULT.withMaxAbandoned(100)));
        assertTrue(run.outputs.get("rounds.csv").contains("abandoned,no aggregate was produced"));
        run.outputs.forEach((sink, text) -> assertFalse(text.contains("patient"), sink));
    }

    private static void assertHidesWhoTookPart(EverySink run, Federation federation) {
        assertEquals(SINKS, run.outputs.keySet());
        int failed = federation.failing();
        int all = federation.size();
        List<Double> counts = new ArrayList<>();
        for (double count : new double[] {all, all - failed, failed, all * Federation.EXAMPLES}) {
            counts.add(count);
            counts.add(4 * count);
        }
        run.outputs.forEach((sink, text) -> {
            assertFalse(text.contains("patient"), sink + " names a client");
            assertFalse(text.contains("" + Federation.SEED), sink + " has the seed");
            for (String figure : List.of(
                    "clients.",
                    "clients\"",
                    "fl4j.clients",
                    "time.",
                    "time/",
                    "duration",
                    "attempts",
                    "down_bytes",
                    "up_bytes",
                    "examples")) {
                assertFalse(withoutEachClients(text).contains(figure), sink + " has " + figure);
            }
            List<Double> numbers = numbers(text);
            for (double count : counts) {
                if (count > 20) {
                    assertFalse(numbers.contains(count), sink + " has the number " + count);
                }
            }
            assertOneTimeStamp(sink, text);
        });
        // Not even a listener of the host's own is told.
        run.reports.forEach(report -> assertEquals(Duration.ZERO, report.duration()));
    }

    /** Differences of time stamps are durations, so all are those of the run's start: the clock's first look. */
    private static void assertOneTimeStamp(String sink, String text) {
        Matcher millis = Pattern.compile("(?<![0-9])177[0-9]{10}(?![0-9])").matcher(text);
        Matcher seconds = Pattern.compile("wallTime=([0-9.E]+)").matcher(text);
        Set<String> seen = new TreeSet<>();
        while (millis.find()) {
            seen.add(millis.group());
        }
        while (seconds.find()) {
            seen.add(seconds.group(1));
        }
        boolean stamps = sink.equals("mlflow") || sink.equals("tensorboard");
        assertEquals(stamps ? 1 : 0, seen.size(), () -> sink + " has the times " + seen);
    }

    /** What is the same for every client may be known. */
    private static String withoutEachClients(String text) {
        return text.replaceAll("client_(down|up)_bytes|client[.](down|up)[.]bytes", "");
    }

    private static boolean hasDuration(List<Double> numbers, RoundResult.Report report) {
        return hasNear(numbers, report.duration().toNanos() / 1e9);
    }

    private static boolean hasNear(List<Double> numbers, double value) {
        return numbers.stream().anyMatch(number -> Math.abs(number - value) <= 1e-5 * value);
    }

    private static List<Double> numbers(String text) {
        Matcher found = NUMBER.matcher(text);
        List<Double> numbers = new ArrayList<>();
        while (found.find()) {
            numbers.add(Double.valueOf(found.group()));
        }
        return numbers;
    }
}
