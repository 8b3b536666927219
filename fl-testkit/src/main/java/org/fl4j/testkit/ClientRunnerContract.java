package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ClientRunner} promises. Extend it in a test of a runner of your own; the work it is given runs in
 * this JVM and shares objects with the test.
 *
 * <p>Every test is made twice: with work that holds its thread, and with work that begins and is left to other threads
 * ({@link ClientRunner.Work#start}). It ends by using the runner once more.
 */
@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource
public abstract class ClientRunnerContract {

    /** Long for clients that return at once, short for a test that waits for it. */
    private static final ClientRunner.Limits DEADLINE =
            new ClientRunner.Limits(Duration.ofMillis(500), Integer.MAX_VALUE);

    /** How the work is given to the runner. */
    enum Way {
        ON_ITS_THREAD,
        IN_STAGES
    }

    @Parameter
    Way way;

    private ClientRunner runner;

    /** A new runner to test; closed after the test if it can be. */
    protected abstract ClientRunner newRunner();

    @BeforeEach
    void makeRunner() {
        runner = newRunner();
    }

    @AfterEach
    void useRunnerOnceMore() throws Exception {
        try {
            assertFalse(Thread.currentThread().isInterrupted());
            assertEquals(completed(ids(20)), run(ids(20), ClientRunnerContract::echo, ClientRunner.Limits.NONE));
        } finally {
            if (runner instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 15, 16, 17, 300})
    void deliversEachClientOnceInOrderOnTheCallingThread(int clients) {
        Map<ClientId, Integer> calls = new ConcurrentHashMap<>();
        List<ClientOutcome<String>> outcomes = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();

        runner.<String>run(
                ids(clients),
                way(id -> {
                    calls.merge(id, 1, Integer::sum);
                    return echo(id);
                }),
                ClientRunner.Limits.NONE,
                outcome -> {
                    outcomes.add(outcome);
                    threads.add(Thread.currentThread());
                });

        assertEquals(completed(ids(clients)), outcomes);
        assertEquals(ids(clients).stream().collect(Collectors.toMap(id -> id, id -> 1)), calls);
        assertTrue(threads.stream().allMatch(Thread.currentThread()::equals));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 300})
    void deliversEachClientOnceInAnyOrderOnTheCallingThread(int clients) {
        Set<ClientOutcome<String>> outcomes = new HashSet<>();
        List<Thread> threads = new ArrayList<>();

        runner.<String>runInAnyOrder(
                ids(clients), way(ClientRunnerContract::echo), ClientRunner.Limits.NONE, outcome -> {
                    assertTrue(outcomes.add(outcome));
                    threads.add(Thread.currentThread());
                });

        assertEquals(Set.copyOf(completed(ids(clients))), outcomes);
        assertTrue(threads.stream().allMatch(Thread.currentThread()::equals));
    }

    @Test
    void deliversARejectedClientUnchanged() {
        ClientOutcome<String> rejected = new ClientOutcome.Rejected<>(ids(3).get(1), "wrong layout");

        List<ClientOutcome<String>> outcomes =
                run(ids(3), id -> id.equals(rejected.client()) ? rejected : echo(id), ClientRunner.Limits.NONE);

        assertEquals(List.of(echo(ids(3).get(0)), rejected, echo(ids(3).get(2))), outcomes);
    }

    /** Whether it is an exception or not. */
    @Test
    void deliversWhatAClientThrowsAsAValue() {
        List<Throwable> thrown = List.of(
                new Exception("no battery"),
                new IllegalStateException("no data"),
                new AssertionError("broken"),
                new OutOfMemoryError("its own list"),
                new StackOverflowError(),
                new NoClassDefFoundError("its own class"),
                new Throwable("odd"),
                new SpeechlessException());

        List<ClientOutcome<String>> outcomes = run(
                ids(9),
                id -> {
                    int number = ids(9).indexOf(id);
                    return number == 8 ? echo(id) : ClientRunnerContract.<RuntimeException>throwing(thrown.get(number));
                },
                ClientRunner.Limits.NONE);

        List<ClientOutcome<String>> expected = new ArrayList<>();
        for (int i = 0; i < thrown.size(); i++) {
            expected.add(new ClientOutcome.Failed<>(ids(9).get(i), thrown.get(i)));
        }
        expected.add(echo(ids(9).get(8)));
        assertEquals(expected, outcomes);
    }

    @Test
    void endsTheRunOnAServerFailureAndThrowsItsCause() {
        RuntimeException fullDisk = new UncheckedIOException(new IOException("no space left on device"));
        List<ClientOutcome<String>> outcomes = new ArrayList<>();

        RuntimeException thrown = assertThrows(
                UncheckedIOException.class,
                () -> runner.<String>run(
                        ids(20),
                        way(id -> {
                            if (id.equals(ids(20).get(7))) {
                                throw new IllegalStateException("wrapped", serverFailure(fullDisk));
                            }
                            return echo(id);
                        }),
                        ClientRunner.Limits.NONE,
                        outcomes::add));

        assertEquals(fullDisk.getMessage(), thrown.getMessage());
        assertEquals(completed(ids(20)).subList(0, outcomes.size()), outcomes);
        assertTrue(outcomes.size() <= 7);
    }

    @Test
    void deliversOthersWhenAStragglerTimesOut() {
        List<ClientId> cohort = ids(3);
        CountDownLatch never = new CountDownLatch(1);

        List<ClientOutcome<String>> outcomes = run(
                cohort,
                id -> {
                    if (id.equals(cohort.get(2))) {
                        never.await();
                    }
                    return echo(id);
                },
                DEADLINE);

        assertEquals(
                List.of(
                        echo(cohort.get(0)),
                        echo(cohort.get(1)),
                        new ClientOutcome.TimedOut<String>(cohort.get(2), DEADLINE.deadline())),
                outcomes);
    }

    @Test
    void reportsClientsNotStartedByTheDeadline() {
        ClientRunner.Limits limits = new ClientRunner.Limits(Duration.ofNanos(1), 1);
        List<ClientOutcome<String>> outcomes = run(ids(40), ClientRunnerContract::echo, limits);

        List<ClientOutcome<String>> expected = new ArrayList<>();
        ids(40).forEach(id -> expected.add(new ClientOutcome.NotStarted<>(id, Duration.ofNanos(1))));
        assertEquals(expected, outcomes);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 40})
    void endsTheRunOnceEnoughClientsCompleted(int enough) {
        List<ClientOutcome<String>> outcomes = run(
                ids(40),
                id -> {
                    if (id.equals(ids(40).get(0))) {
                        throw new IllegalStateException("failures do not count");
                    }
                    return echo(id);
                },
                new ClientRunner.Limits(ClientRunner.Limits.NO_DEADLINE, enough));

        assertEquals(ids(40), outcomes.stream().map(ClientOutcome::client).toList());
        assertEquals(Math.min(enough, 39), count(outcomes, ClientOutcome.Completed.class));
        long failed = count(outcomes, ClientOutcome.Failed.class);
        assertEquals(40 - Math.min(enough, 39) - failed, count(outcomes, ClientOutcome.Surplus.class));
    }

    @Test
    void endsTheRunOnInterruptAndKeepsTheFlag() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            thrown.set(assertThrows(
                    RunInterruptedException.class,
                    () -> run(
                            ids(3),
                            id -> {
                                started.countDown();
                                never.await();
                                return echo(id);
                            },
                            ClientRunner.Limits.NONE)));
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        started.await();
        caller.interrupt();
        caller.join();

        assertInstanceOf(RunInterruptedException.class, thrown.get());
        assertTrue(flag.get());
    }

    @Test
    void endsAtOnceIfInterruptedBefore() {
        List<ClientOutcome<String>> outcomes = new ArrayList<>();
        Thread.currentThread().interrupt();
        assertThrows(
                RunInterruptedException.class,
                () -> runner.<String>run(
                        ids(3), way(ClientRunnerContract::echo), ClientRunner.Limits.NONE, outcomes::add));

        assertTrue(Thread.interrupted());
        assertEquals(List.of(), outcomes);
    }

    @Test
    void endsTheRunIfTheSinkThrows() {
        RuntimeException bug = new IllegalStateException("sink");
        List<ClientId> delivered = new ArrayList<>();

        RuntimeException thrown = assertThrows(
                IllegalStateException.class,
                () -> runner.<String>run(
                        ids(40), way(ClientRunnerContract::echo), ClientRunner.Limits.NONE, outcome -> {
                            delivered.add(outcome.client());
                            if (delivered.size() == 5) {
                                throw bug;
                            }
                        }));

        assertSame(bug, thrown);
        assertEquals(ids(5), delivered);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 32, 33, 100})
    void blocksHoldSixteenClientsByPosition(int clients) {
        List<ClientId> cohort = ids(clients);
        List<List<ClientOutcome<String>>> blocks = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();

        runner.runBlocks(listed(cohort, ClientRunnerContract::echo), ClientRunner.Limits.NONE, block -> {
            blocks.add(block);
            threads.add(Thread.currentThread());
        });

        List<List<ClientOutcome<String>>> expected = new ArrayList<>();
        for (int from = 0; from < clients; from += 16) {
            expected.add(completed(cohort).subList(from, Math.min(from + 16, clients)));
        }
        assertEquals(expected, blocks);
        assertTrue(threads.stream().allMatch(Thread.currentThread()::equals));
    }

    /** A client that is missing keeps its place: positions, not arrivals, make the blocks. */
    @Test
    void blocksKeepThePlaceOfAMissingClient() {
        List<Integer> completed = new ArrayList<>();

        ClientRunner.Work<String> work = id -> {
            if (id.equals(ids(20).get(3))) {
                throw new IllegalStateException("absent");
            }
            return echo(id);
        };
        runner.runBlocks(
                listed(ids(20), work),
                ClientRunner.Limits.NONE,
                block -> completed.add((int) count(block, ClientOutcome.Completed.class)));

        assertEquals(List.of(15, 4), completed);
    }

    private BlocksHere<String, List<ClientOutcome<String>>, List<ClientOutcome<String>>> listed(
            List<ClientId> cohort, ClientRunner.Work<String> work) {
        return new BlocksHere<>(
                cohort,
                way(work),
                Collector.<ClientOutcome<String>, List<ClientOutcome<String>>>of(ArrayList::new, List::add, (a, b) -> {
                    throw new AssertionError("the combiner is not used");
                }));
    }

    private static ClientRunner.ServerFailureException serverFailure(RuntimeException cause) {
        Supplier<String> part = () -> {
            throw cause;
        };
        return assertThrows(
                ClientRunner.ServerFailureException.class, () -> ClientRunner.ServerFailureException.ours(part));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> ClientOutcome<String> throwing(Throwable t) throws T {
        throw (T) t;
    }

    /** A throwable of the client's own, whose methods fail. */
    private static final class SpeechlessException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("no cause");
        }
    }

    private ClientRunner.Work<String> way(ClientRunner.Work<String> work) {
        return way == Way.IN_STAGES ? new WorkInStages<>(work) : work;
    }

    private List<ClientOutcome<String>> run(
            List<ClientId> cohort, ClientRunner.Work<String> work, ClientRunner.Limits limits) {
        List<ClientOutcome<String>> outcomes = new ArrayList<>();
        runner.run(cohort, way(work), limits, outcomes::add);
        return outcomes;
    }

    private static List<ClientId> ids(int count) {
        return ClientId.numbered("client-", count);
    }

    private static ClientOutcome<String> echo(ClientId id) {
        return new ClientOutcome.Completed<>(id, "result of " + id);
    }

    private static List<ClientOutcome<String>> completed(List<ClientId> cohort) {
        return cohort.stream().map(ClientRunnerContract::echo).toList();
    }

    private static long count(List<? extends ClientOutcome<String>> outcomes, Class<?> kind) {
        return outcomes.stream().filter(kind::isInstance).count();
    }
}
