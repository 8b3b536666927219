package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of clients and threads when a run ends before they do. */
@Timeout(60)
class InProcessRunnerEndTest {

    private static final ClientRunner.Limits DEADLINE =
            new ClientRunner.Limits(Duration.ofMillis(500), Integer.MAX_VALUE);

    private final List<InProcessRunner> runners = new ArrayList<>();

    @AfterEach
    void closeRunners() {
        runners.forEach(InProcessRunner::close);
    }

    @Test
    void anAbandonedClientDoesNotHoldUpTheNextRunAndItsResultIsDropped() throws InterruptedException {
        InProcessRunner runner = runner(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch returned = new CountDownLatch(1);
        List<ClientOutcome<ClientId>> outcomes = new ArrayList<>();
        ClientId slow = Cohorts.ids(1).get(0);

        runner.<ClientId>run(
                Cohorts.ids(1),
                id -> {
                    Cohorts.awaitAsNativeCodeWould(release);
                    returned.countDown();
                    return new ClientOutcome.Completed<>(id, id);
                },
                DEADLINE,
                outcomes::add);
        assertEquals(List.of(new ClientOutcome.TimedOut<ClientId>(slow, DEADLINE.deadline())), outcomes);

        assertEquals(3, run(runner, Cohorts.ids(3), Cohorts::echo).size());
        release.countDown();
        returned.await();
        assertEquals(3, run(runner, Cohorts.ids(3), Cohorts::echo).size());
        assertEquals(1, outcomes.size());
    }

    @Test
    void anAbandonedClientIsInterrupted() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);

        runner(1, 1)
                .<ClientId>run(
                        Cohorts.ids(1),
                        id -> {
                            try {
                                never.await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                            return Cohorts.echo(id);
                        },
                        DEADLINE,
                        outcome -> {});

        interrupted.await();
    }

    /** The sink is busy with the first client, beyond the deadline and until the second has arrived. */
    @Test
    void aResultAfterTheDeadlineIsLateEvenIfNotWaitedFor() {
        CountDownLatch past = new CountDownLatch(1);
        AtomicReference<Thread> late = new AtomicReference<>();
        List<ClientOutcome<ClientId>> outcomes = new ArrayList<>();

        runner(2, 2)
                .<ClientId>run(
                        Cohorts.ids(2),
                        id -> {
                            if (id.equals(Cohorts.ids(2).get(1))) {
                                past.await();
                                late.set(Thread.currentThread());
                            }
                            return Cohorts.echo(id);
                        },
                        DEADLINE,
                        outcome -> {
                            outcomes.add(outcome);
                            if (outcomes.size() == 1) {
                                busyUntil(
                                        System.nanoTime() + DEADLINE.deadline().toNanos());
                                past.countDown();
                                busyWhileWorking(late);
                            }
                        });

        assertEquals(
                List.of(
                        Cohorts.echo(Cohorts.ids(2).get(0)),
                        new ClientOutcome.TimedOut<ClientId>(Cohorts.ids(2).get(1), DEADLINE.deadline())),
                outcomes);
    }

    @Test
    void aSinkThatThrowsStopsTheWorkersAsWell() {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        AtomicInteger started = new AtomicInteger();

        assertThrows(
                IllegalStateException.class,
                () -> runner(2, 2)
                        .<ClientId>run(
                                Cohorts.ids(40),
                                id -> {
                                    workers.add(Thread.currentThread());
                                    started.incrementAndGet();
                                    return Cohorts.echo(id);
                                },
                                ClientRunner.Limits.NONE,
                                outcome -> {
                                    throw new IllegalStateException("sink");
                                }));
        workers.forEach(worker -> busyWhileWorking(new AtomicReference<>(worker)));

        assertTrue(started.get() <= 3, () -> started + " clients started, the window is 2 and one was delivered");
    }

    @Test
    void aClientsInterruptedFlagDoesNotReachTheNextClient() {
        List<ClientOutcome<Boolean>> outcomes = new ArrayList<>();

        runner(1, 1)
                .<Boolean>run(
                        Cohorts.ids(3),
                        id -> {
                            boolean flag = Thread.currentThread().isInterrupted();
                            Thread.currentThread().interrupt();
                            return new ClientOutcome.Completed<>(id, flag);
                        },
                        ClientRunner.Limits.NONE,
                        outcomes::add);

        assertEquals(
                Cohorts.ids(3).stream()
                        .map(id -> new ClientOutcome.Completed<>(id, false))
                        .toList(),
                outcomes);
    }

    @Test
    void anInterruptEndsTheRunAndCountsNoClients() {
        RunInterruptedException thrown = assertThrows(
                RunInterruptedException.class,
                () -> runner(2, 2).<ClientId>run(Cohorts.ids(5), Cohorts::echo, ClientRunner.Limits.NONE, outcome -> {
                    if (outcome.client().equals(Cohorts.ids(5).get(2))) {
                        Thread.currentThread().interrupt();
                    }
                }));

        assertEquals("interrupted; the state before is valid", thrown.getMessage());
        assertTrue(Thread.interrupted());
    }

    /** One client runs, deaf to interrupts; the other worker waits for the window. */
    @Test
    void closingEndsARunThatIsUnderWay() throws InterruptedException {
        InProcessRunner runner = runner(2, 2);
        CountDownLatch bothStarted = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger started = new AtomicInteger();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = new Thread(() -> thrown.set(assertThrows(
                IllegalStateException.class,
                () -> run(runner, Cohorts.ids(10), id -> {
                    started.incrementAndGet();
                    bothStarted.countDown();
                    if (id.equals(Cohorts.ids(10).get(0))) {
                        Cohorts.awaitAsNativeCodeWould(release);
                    }
                    return Cohorts.echo(id);
                }))));
        caller.start();
        bothStarted.await();
        runner.close();
        caller.join();
        release.countDown();

        assertEquals("the runner was closed during a run", thrown.get().getMessage());
        assertEquals(2, started.get());
    }

    @Test
    void aClosedRunnerRunsNothing() {
        InProcessRunner runner = runner(2, 2);
        runner.withWindow(9).close();

        assertEquals(
                "the runner is closed",
                assertThrows(IllegalStateException.class, () -> run(runner, Cohorts.ids(1), Cohorts::echo))
                        .getMessage());
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

    /** A thread of the pool without work waits for some time for more, and nothing else of it does that. */
    private static void busyWhileWorking(AtomicReference<Thread> worker) {
        while (worker.get() == null || worker.get().getState() != Thread.State.TIMED_WAITING) {
            assertFalse(Thread.currentThread().isInterrupted(), "the test timed out");
            Thread.onSpinWait();
        }
    }

    private static void busyUntil(long nanoTime) {
        while (System.nanoTime() - nanoTime < 0) {
            Thread.onSpinWait();
        }
    }
}
