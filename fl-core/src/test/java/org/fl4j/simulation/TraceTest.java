package org.fl4j.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.simulation.AvailabilityWindows.Window;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Latencies and availability that were measured. */
class TraceTest {

    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");
    private static final int DRAWS = 3_000;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("trace.csv");
    }

    @Test
    void aClientsTasksAreDrawnAlike() throws IOException {
        write("end,site,client,start", "12.5,x,ann,10", "1e1,y,bob,8", "1700000000.3,z,ann,1700000000.1", "7,,ann,0");
        Latency trace = Latency.trace(file);
        DeterministicRandom random = new DeterministicRandom(3);

        Map<Duration, Long> counts = IntStream.range(0, DRAWS)
                .mapToObj(i -> trace.draw(ANN, random))
                .collect(Collectors.groupingBy(time -> time, Collectors.counting()));

        assertEquals(Set.of(Duration.ofMillis(2500), Duration.ofMillis(200), Duration.ofSeconds(7)), counts.keySet());
        // Five standard errors: off with probability 6e-7 each; with a fixed seed the same every time.
        counts.values().forEach(count -> assertEquals(DRAWS / 3.0, count, 5 * Math.sqrt(DRAWS * 2 / 9.0)));
        assertEquals(Duration.ofSeconds(2), trace.draw(BOB, random));
        assertTrue(trace.perClient().isPerClient());
        assertEquals(
                "client 'eve' has no task in the trace " + file
                        + ", which is of 2 other clients; is the population named as the trace is?",
                assertThrows(IllegalStateException.class, () -> trace.draw(new ClientId("eve"), random))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ann,1,2;ann,3|, line 3: expected 3 fields. Found: 2",
                "ann,1,2;,1,2|, line 3: a client's id must not be blank",
                "ann,1,x|, line 2, column 'end': 'x' is not a number of seconds from 0 to 1e12",
                "ann,-1,2|, line 2, column 'start': '-1' is not a number of seconds from 0 to 1e12",
                "ann,NaN,2|, line 2, column 'start': 'NaN' is not a number of seconds from 0 to 1e12",
                "ann,1,1e999999999|, line 2, column 'end': '1e999999999' is not a number of seconds from 0 to 1e12",
                "ann,1,1.1e12|, line 2, column 'end': '1.1e12' is not a number of seconds from 0 to 1e12",
                "ann,2,1.5|, line 2: the end must not be before the start, but was 1.5 after 2",
            })
    void aDamagedRowIsNamed(String rows, String message) throws IOException {
        write("client,start,end\n" + rows.replace(';', '\n'));

        assertEquals(
                file + message,
                assertThrows(CorruptDataException.class, () -> Latency.trace(file))
                        .getMessage());
        assertEquals(
                file + message,
                assertThrows(CorruptDataException.class, () -> AvailabilityWindows.read(file))
                        .getMessage());
    }

    @Test
    void aFileThatIsNoTraceIsRejected() throws IOException {
        assertThrows(UncheckedIOException.class, () -> Latency.trace(file));
        for (String text : List.of("", "client,start,end\n", "client,begin,end\nann,1,2\n")) {
            write(text);
            assertThrows(CorruptDataException.class, () -> Latency.trace(file), text);
        }
        write("client,start,end", "ann,1,1");
        assertEquals(Duration.ZERO, Latency.trace(file).draw(ANN, new DeterministicRandom(1)));
        assertEquals(
                file + ", line 2: a window must end after its start, but ends with it, at PT1S",
                assertThrows(CorruptDataException.class, () -> AvailabilityWindows.read(file))
                        .getMessage());
    }

    @Test
    void aClientIsAvailableFromTheStartToBeforeTheEnd() throws IOException {
        write("client,start,end", "ann,10,20", "ann,30,40", "bob,15,35");
        AvailabilityWindows once = AvailabilityWindows.read(file);

        assertEquals(List.of(10, 15, 19, 30, 39), available(once, ANN, 0, 9, 10, 15, 19, 20, 29, 30, 39, 40, 110));
        assertEquals(List.of(15, 34), available(once, BOB, 14, 15, 34, 35, 115));
        assertEquals(List.of(), available(once, new ClientId("eve"), 0, 10, 15, 30));
        assertEquals(next(10), once.next(Duration.ZERO));
        assertEquals(next(15), once.next(Duration.ofSeconds(10)));
        assertEquals(next(30), once.next(Duration.ofSeconds(29)));
        assertEquals(Optional.empty(), once.next(Duration.ofSeconds(30)));
        assertTrue(once.isAvailable(1, ANN) == once.isAvailable(1, Duration.ZERO, ANN));
    }

    @Test
    void windowsRepeat() {
        AvailabilityWindows daily = AvailabilityWindows.of(Map.of(
                        ANN,
                        List.of(window(0, 6), window(22, 24)),
                        BOB,
                        List.of(window(3, 4)),
                        new ClientId("never"),
                        List.of()))
                .repeating(Duration.ofSeconds(24));

        assertEquals(
                List.of(5, 23, 24, 29, 46, 240), available(daily, ANN, 5, 6, 21, 23, 24, 29, 30, 45, 46, 240, 246));
        assertEquals(next(24 + 3), daily.next(Duration.ofSeconds(24)));
        assertEquals(next(48), daily.next(Duration.ofSeconds(24 + 22)));
        assertFalse(daily.next(Duration.ofDays(1000)).isEmpty());
        assertEquals(
                Optional.empty(),
                AvailabilityWindows.of(Map.of()).repeating(Duration.ofDays(1)).next(Duration.ZERO));
        assertEquals(
                "windows must end within the period of PT23S, but client 'ann' has Window[start=PT22S, end=PT24S]; make two"
                        + " of one that goes on into the next period",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> AvailabilityWindows.of(Map.of(ANN, List.of(window(22, 24))))
                                        .repeating(Duration.ofSeconds(23)))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> daily.repeating(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> window(3, 3));
        assertThrows(IllegalArgumentException.class, () -> window(-1, 3));
    }

    private static Window window(int start, int end) {
        return new Window(Duration.ofSeconds(start), Duration.ofSeconds(end));
    }

    private static Optional<Duration> next(int second) {
        return Optional.of(Duration.ofSeconds(second));
    }

    private static List<Integer> available(AvailabilityWindows windows, ClientId client, int... seconds) {
        return IntStream.of(seconds)
                .filter(second -> windows.isAvailable(1, Duration.ofSeconds(second), client))
                .boxed()
                .toList();
    }

    private void write(String... lines) throws IOException {
        Files.write(file, List.of(lines));
    }
}
