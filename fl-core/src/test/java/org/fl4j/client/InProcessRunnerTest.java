package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows, and work that breaks its promises. */
@Timeout(60)
class InProcessRunnerTest {

    private final List<InProcessRunner> runners = new ArrayList<>();

    @AfterEach
    void closeRunners() {
        runners.forEach(InProcessRunner::close);
    }

    @Test
    void deliversInOrderThoughTheSecondFinishesFirst() {
        CountDownLatch secondDone = new CountDownLatch(1);

        List<ClientOutcome<ClientId>> outcomes = run(runner(2, 2), Cohorts.ids(2), id -> {
            if (id.equals(Cohorts.ids(2).get(0))) {
                secondDone.await();
            } else {
                secondDone.countDown();
            }
            return new ClientOutcome.Completed<>(id, id);
        });

        assertEquals(
                Cohorts.ids(2), outcomes.stream().map(ClientOutcome::client).toList());
    }

    /** One more than the window can be seen from outside: the client that is being handed to the sink. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "2, 5", "8, 8", "8, 20"})
    void neverMoreThanTheWindowAreInFlight(int threads, int window) {
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();

        runner(threads, window)
                .<ClientId>run(
                        Cohorts.ids(2000),
                        id -> {
                            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                            return new ClientOutcome.Completed<>(id, id);
                        },
                        ClientRunner.Limits.NONE,
                        outcome -> inFlight.decrementAndGet());

        assertTrue(most.get() <= window + 1, () -> most + " in flight, window " + window);
    }

    /** The first client waits until the window is full; who starts before it goes on is within the window. */
    @Test
    void aStragglerHoldsBackThoseBeyondTheWindow() {
        CountDownLatch windowFull = new CountDownLatch(5);
        AtomicBoolean held = new AtomicBoolean(true);
        Set<ClientId> early = ConcurrentHashMap.newKeySet();

        run(runner(2, 5), Cohorts.ids(40), id -> {
            if (held.get()) {
                early.add(id);
            }
            windowFull.countDown();
            if (id.equals(Cohorts.ids(40).get(0))) {
                windowFull.await();
                held.set(false);
            }
            return new ClientOutcome.Completed<>(id, id);
        });

        assertEquals(Set.copyOf(Cohorts.ids(5)), early);
    }

    @Test
    void workThatViolatesItsContractFailsAndDoesNotHang() {
        List<ClientOutcome<ClientId>> outcomes = run(
                runner(1, 1),
                Cohorts.ids(2),
                id -> id.equals(Cohorts.ids(2).get(0))
                        ? null
                        : Cohorts.echo(Cohorts.ids(1).get(0)));

        ClientOutcome.Failed<?> nothing = assertInstanceOf(ClientOutcome.Failed.class, outcomes.get(0));
        assertEquals(
                "the work for client 'client-0' returned no outcome",
                nothing.cause().getMessage());
        ClientOutcome.Failed<?> other = assertInstanceOf(ClientOutcome.Failed.class, outcomes.get(1));
        assertEquals(
                "the work for client 'client-1' returned an outcome of client 'client-0'",
                other.cause().getMessage());
        assertEquals(Cohorts.ids(2).get(1), other.client());
    }

    @Test
    void aCohortThatThrowsEndsTheRun() {
        RuntimeException bug = new IllegalStateException("list");
        List<ClientId> cohort = new AbstractList<>() {
            @Override
            public ClientId get(int index) {
                throw bug;
            }

            @Override
            public int size() {
                return 3;
            }
        };

        assertSame(bug, assertThrows(IllegalStateException.class, () -> run(runner(2, 2), cohort, Cohorts::echo)));
    }

    @Test
    void threadsAreDaemonsAndNamed() {
        List<ClientOutcome<Thread>> outcomes = new ArrayList<>();
        runner(1, 1)
                .<Thread>run(
                        Cohorts.ids(1),
                        id -> new ClientOutcome.Completed<>(id, Thread.currentThread()),
                        ClientRunner.Limits.NONE,
                        outcomes::add);

        Thread thread = ((ClientOutcome.Completed<Thread>) outcomes.get(0)).result();
        assertTrue(thread.isDaemon());
        assertEquals("fl4j-client-1", thread.getName());
    }

    @Test
    void rejectsNonPositiveThreadsAndWindows() {
        assertEquals(
                "threads must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> InProcessRunner.of(0))
                        .getMessage());
        assertEquals(
                "the window must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> runner(4, 4).withWindow(0))
                        .getMessage());
        assertEquals("InProcessRunner[threads=2, window=5]", runner(2, 5).toString());
    }

    private InProcessRunner runner(int threads, int window) {
        InProcessRunner runner = InProcessRunner.of(threads);
        runners.add(runner);
        return runner.withWindow(window);
    }

    private static List<ClientOutcome<ClientId>> run(
            InProcessRunner runner, List<ClientId> cohort, ClientRunner.Work<ClientId> work) {
        List<ClientOutcome<ClientId>> outcomes = new ArrayList<>();
        runner.run(cohort, work, ClientRunner.Limits.NONE, outcomes::add);
        return outcomes;
    }
}
