package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What MLflow gets, also where it is slow, away or refuses. */
@Timeout(60)
class MlflowSinkTest {

    private static final String TOKEN = "se-cret.token";

    private final MlflowStub stub;

    MlflowSinkTest() throws IOException {
        stub = new MlflowStub();
    }

    @AfterEach
    void close() {
        stub.close();
    }

    @Test
    void aRunIsCreatedFilledInOrderAndEnded() {
        Monitoring monitoring = Monitoring.to(sink().withToken(TOKEN)).withParameters(Map.of("learning rate!", "0.1"));
        Federation.run(Federation.START, 30, monitoring);
        monitoring.close();

        String create = stub.bodies("runs/create").get(0);
        assertTrue(create.startsWith("{\"experiment_id\":\"7\",\"run_name\":\""), create);
        assertEquals(
                IntStream.rangeClosed(1, 30)
                        .mapToObj(round -> "training.loss " + round + " 0.5")
                        .toList(),
                stub.metrics().stream()
                        .filter(metric -> metric.startsWith("training.loss"))
                        .map(metric -> metric.substring(0, metric.lastIndexOf(' ')))
                        .toList());
        assertTrue(stub.bodies("runs/log-batch").get(0).contains("{\"key\":\"learning rate_\",\"value\":\"0.1\"}"));
        assertTrue(stub.bodies("runs/update")
                .get(0)
                .matches("\\{\"run_id\":\"id0\",\"status\":\"FINISHED\",\"end_time\":[0-9]+\\}"));
        assertEquals("runs/update", stub.requests.get(stub.requests.size() - 1).call());
        stub.requests.forEach(request -> assertEquals("Bearer " + TOKEN, request.authorization()));
    }

    @Test
    void requestsHaveAtMostAThousandMetrics() {
        try (MlflowSink sink = sink()) {
            sink.runStarted(RowFilesTest.start("mine", 0));
            Object[] many = IntStream.range(0, 2 * 300)
                    .<Object>mapToObj(i -> i % 2 == 0 ? (Object) ("rule.m" + i) : (Object) i)
                    .toArray();
            for (int round = 1; round <= 10; round++) {
                sink.roundEnded(RowFilesTest.round(round, many));
            }
        }
        assertEquals(3000, stub.metrics().size());
        stub.bodies("runs/log-batch").forEach(body -> assertTrue(body.split("\"step\"").length <= 1001));
    }

    @Test
    void aResumedRunGoesOnInTheSameMlflowRun() {
        for (int from : new int[] {0, 2}) {
            try (MlflowSink sink = sink()) {
                sink.runStarted(RowFilesTest.start("mine", from));
                sink.roundEnded(RowFilesTest.round(from + 1, "training.loss", 1));
                sink.runEnded();
            }
        }
        assertEquals(1, stub.bodies("runs/create").size());
        assertEquals(
                "{\"experiment_ids\":[\"7\"],\"filter\":\"tags.`fl4j.run` = 'mine'\",\"max_results\":1}",
                stub.bodies("runs/search").get(0));
        assertTrue(stub.bodies("runs/update").contains("{\"run_id\":\"id0\",\"status\":\"RUNNING\"}"));
        assertEquals(List.of("training.loss 1 1 1000", "training.loss 3 1 3000"), stub.metrics());
    }

    @Test
    void whatFailsIsSentAgainUntilItArrivesAndNothingIsLost() {
        stub.failuresToCome.set(6);
        MlflowSink sink = sink().withQueue(100, Duration.ofMillis(1));
        sink.runStarted(RowFilesTest.start("mine", 0));
        sink.roundEnded(RowFilesTest.round(1, "training.loss", 1));
        sink.runEnded();
        while (stub.bodies("runs/update").isEmpty()) {
            Thread.onSpinWait();
        }
        sink.close();
        assertEquals(0, sink.dropped());
        assertEquals(List.of("training.loss 1 1 1000"), stub.metrics());
    }

    /** MLflow hangs: the run ends, what does not fit is dropped and counted, and closing takes the time it states. */
    @Test
    void aServerThatHangsHoldsUpNothing() {
        stub.open = new CountDownLatch(1);
        MlflowSink sink =
                sink().withToken(TOKEN).withQueue(5, Duration.ofMillis(1)).withCloseLimit(Duration.ofMillis(300));
        try (LogLines log = new LogLines("org.fl4j.monitoring")) {
            Monitoring monitoring = Monitoring.to(sink);
            RoundResult end = Federation.run(Federation.START, 600, monitoring);
            assertEquals(600, end.state().round());
            assertTrue(sink.dropped() > 0);

            long start = System.nanoTime();
            monitoring.close();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, () -> "" + took);
            assertEquals(602, sink.dropped(), "a start, 600 rounds and an end");
            assertTrue(
                    log.lines().stream().anyMatch(line -> line.startsWith("WARN mlflow: 1 messages dropped so far")));
            assertTrue(log.lines().size() < 20, () -> "" + log.lines());
            assertFalse(String.join("\n", log.lines()).contains(TOKEN));
        }
    }

    @Test
    void aServerThatRefusesIsNotAskedForeverAndWhatItRefusedIsCounted() {
        stub.refused = "runs/create";
        try (LogLines log = new LogLines("org.fl4j.monitoring")) {
            MlflowSink sink = sink().withToken(TOKEN);
            sink.runStarted(RowFilesTest.start("mine", 0));
            sink.roundEnded(RowFilesTest.round(1, "training.loss", 1));
            sink.runEnded();
            sink.close();
            assertEquals(3, sink.dropped());
            assertTrue(
                    log.lines()
                            .contains(
                                    "WARN mlflow: 1 messages dropped so far: runs/create: status 403, PERMISSION_DENIED"),
                    () -> "" + log.lines());
            assertFalse(String.join("\n", log.lines()).contains(TOKEN));
        }
    }

    /** Otherwise the differences of time stamps were the times of rounds. */
    @Test
    void aRunThatDisclosesReleasesHasNoTimeOfItsEnd() {
        try (MlflowSink sink = sink()) {
            sink.runStarted(new RunStart("mine", 0, 2, Disclosure.RELEASES, Instant.EPOCH, Map.of()));
            sink.runEnded();
        }
        assertEquals(List.of("{\"run_id\":\"id0\",\"status\":\"FINISHED\"}"), stub.bodies("runs/update"));
    }

    @Test
    void addressesAndTokensAreChecked() {
        for (String address : List.of("ftp://host", "host:80", "https://user:pw@host", "https://host?x=1")) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> MlflowSink.at(URI.create(address), "0"), address);
            assertFalse(e.getMessage().contains("pw"));
        }
        assertThrows(IllegalArgumentException.class, () -> sink().withToken("two words"));
        assertThrows(IllegalArgumentException.class, () -> sink().withCloseLimit(Duration.ZERO));
        assertFalse(sink().withToken(TOKEN).toString().contains(TOKEN));
    }

    private MlflowSink sink() {
        return MlflowSink.at(stub.address(), "7");
    }
}
