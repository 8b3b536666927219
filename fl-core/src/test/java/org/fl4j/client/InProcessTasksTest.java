package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.fl4j.ClientId;
import org.fl4j.testkit.TaskStreamContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks on threads of this JVM, some of which do not return. */
class InProcessTasksTest extends TaskStreamContract {

    private static final Duration SHORT = Duration.ofMillis(100);

    private final CountDownLatch letGo = new CountDownLatch(1);
    private final InProcessRunner hung = InProcessRunner.of(2);

    @Override
    protected ClientRunner newRunner() {
        return InProcessRunner.of(3);
    }

    @AfterEach
    void letGo() {
        letGo.countDown();
        hung.close();
    }

    @Test
    void aHungTaskTimesOutAndAnotherThreadTakesItsPlace() throws Exception {
        try (TaskStream<Integer> stream = open(hung)) {
            for (int i = 0; i < 4; i++) {
                stream.start(task(i), this::hangs);
            }
            stream.start(task(4), client -> new ClientOutcome.Completed<>(client, 4));
            // The last one may find its thread before the other of the two has lost its client.
            Set<ClientOutcome<Integer>> outcomes = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                outcomes.add(stream.next().outcome());
            }
            Set<ClientOutcome<Integer>> expected = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                expected.add(new ClientOutcome.TimedOut<>(client(i), SHORT));
            }
            expected.add(new ClientOutcome.Completed<>(client(4), 4));
            assertEquals(expected, outcomes);
            assertEquals(4, hung.abandoned());
        }
        letGo.countDown();
        for (int i = 0; i < 500 && hung.abandoned() > 0; i++) {
            Thread.sleep(10);
        }
        assertEquals(0, hung.abandoned(), "the threads are counted until they return");
    }

    /** Of 2 threads and 64 that may be lost, none is left: the stream says so and does not wait for ever. */
    @Test
    void aStreamWithoutAThreadSaysWhy() {
        try (TaskStream<Integer> stream = open(hung)) {
            for (int i = 0; i < 2 + InProcessRunner.MOST_ABANDONED + 1; i++) {
                stream.start(task(i), this::hangs);
            }
            IllegalStateException end = assertThrows(IllegalStateException.class, () -> {
                while (true) {
                    assertInstanceOf(ClientOutcome.TimedOut.class, stream.next().outcome());
                }
            });
            assertTrue(end.getMessage().startsWith("every thread of this runner is held by a client"), end::getMessage);
        }
    }

    /** What waited for a thread or has arrived: neither arrives, and neither costs a thread. */
    @Test
    void abandonedTasksLeaveNothingBehind() {
        try (TaskStream<Integer> stream = open(hung, ClientRunner.Limits.NO_DEADLINE)) {
            CountDownLatch held = new CountDownLatch(1);
            for (int i = 0; i < 40; i++) {
                int number = i;
                TaskStream.Task started = stream.start(task(i), client -> {
                    held.await();
                    return new ClientOutcome.Completed<>(client, number);
                });
                if (i > 1) {
                    stream.abandon(started);
                }
            }
            held.countDown();
            int first = number(stream.next());
            assertEquals(Set.of(0, 1), Set.of(first, number(stream.next())));
            TaskStream.Task arrived = stream.start(task(50), client -> new ClientOutcome.Completed<>(client, 50));
            while (!stream.hasArrived()) {
                LockSupport.parkNanos(50_000);
            }
            stream.abandon(arrived);
            assertThrows(IllegalStateException.class, stream::next);
            CyclicBarrier both = new CyclicBarrier(2);
            for (int i = 60; i < 62; i++) {
                stream.start(task(i), client -> {
                    both.await(20, TimeUnit.SECONDS);
                    return new ClientOutcome.Completed<>(client, 1);
                });
            }
            assertEquals(2, number(stream.next()) + number(stream.next()), "both threads are there");
        }
        assertEquals(0, hung.abandoned());
    }

    private static int number(TaskStream.Arrival<Integer> arrival) {
        return ((ClientOutcome.Completed<Integer>) arrival.outcome()).result();
    }

    @Test
    void neverMoreAtWorkThanThreads() {
        AtomicInteger atWork = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (TaskStream<Integer> stream = open(hung)) {
            for (int i = 0; i < 200; i++) {
                stream.start(task(i), client -> {
                    most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
                    LockSupport.parkNanos(50_000);
                    atWork.decrementAndGet();
                    return new ClientOutcome.Completed<>(client, 1);
                });
            }
            for (int i = 0; i < 200; i++) {
                stream.next();
            }
        }
        assertEquals(2, most.get());
        assertEquals(0, hung.abandoned());
    }

    /** A hundred tasks at work at once on two threads, each without one. The rest of the work is done on the runner's. */
    @Test
    void aStageHoldsNoThread() {
        Map<Integer, CompletableFuture<Callable<ClientOutcome<Integer>>>> stages = new ConcurrentHashMap<>();
        Set<String> threads = ConcurrentHashMap.newKeySet();
        try (TaskStream<Integer> stream = open(hung, Duration.ofSeconds(30))) {
            TaskStream.Task abandoned = null;
            for (int i = 0; i < 100; i++) {
                TaskStream.Task started = stream.start(task(i), staged(i, stages));
                abandoned = i == 7 ? started : abandoned;
            }
            while (stages.size() < 100) {
                LockSupport.parkNanos(50_000);
            }
            stream.abandon(abandoned);
            // It is cancelled on a thread of the runner's.
            while (!stages.get(7).isDone()) {
                LockSupport.parkNanos(50_000);
            }
            assertTrue(stages.get(7).isCancelled(), "nobody waits for it");
            for (int i = 99; i > 0; i--) {
                int number = i;
                stages.get(i).complete(() -> {
                    threads.add(Thread.currentThread().getName());
                    return new ClientOutcome.Completed<>(client(number), number);
                });
            }
            stages.get(0).completeExceptionally(new IOException("gone"));
            int failed = 0;
            for (int i = 0; i < 99; i++) {
                failed += stream.next().outcome() instanceof ClientOutcome.Failed ? 1 : 0;
            }
            assertEquals(1, failed);
            assertThrows(IllegalStateException.class, stream::next, "the abandoned one does not arrive");
        }
        assertTrue(threads.stream().allMatch(name -> name.startsWith("fl4j-client-")), threads::toString);
    }

    @Test
    void aStageThatStaysAwayTimesOut() {
        Map<Integer, CompletableFuture<Callable<ClientOutcome<Integer>>>> stages = new ConcurrentHashMap<>();
        try (TaskStream<Integer> stream = open(hung)) {
            stream.start(task(3), staged(3, stages));
            assertEquals(
                    new ClientOutcome.TimedOut<>(client(3), SHORT),
                    stream.next().outcome());
        }
        assertEquals(0, hung.abandoned(), "it held no thread");
    }

    private static ClientRunner.Work<Integer> staged(
            int number, Map<Integer, CompletableFuture<Callable<ClientOutcome<Integer>>>> stages) {
        return new ClientRunner.Work<>() {
            @Override
            public ClientOutcome<Integer> perform(ClientId client) {
                throw new AssertionError("in stages");
            }

            @Override
            public CompletionStage<Callable<ClientOutcome<Integer>>> start(ClientId client) {
                CompletableFuture<Callable<ClientOutcome<Integer>>> stage = new CompletableFuture<>();
                stages.put(number, stage);
                return stage;
            }
        };
    }

    @Test
    void closingTheRunnerEndsTheStream() throws Exception {
        TaskStream<Integer> stream = open(hung, ClientRunner.Limits.NO_DEADLINE);
        stream.start(task(0), this::hangs);
        Thread closes = new Thread(hung::close);
        closes.start();

        assertEquals(
                "the runner was closed during a run",
                assertThrows(IllegalStateException.class, stream::next).getMessage());
        closes.join();
        stream.close();
        assertThrows(IllegalStateException.class, () -> stream.start(task(1), this::hangs));
    }

    private TaskStream<Integer> open(InProcessRunner runner) {
        return open(runner, SHORT);
    }

    private static TaskStream<Integer> open(InProcessRunner runner, Duration deadline) {
        return runner.open(new ClientRunner.Start(1, 0, 0, Duration.ZERO), deadline, 1);
    }

    /** Whatever interrupts it. */
    private ClientOutcome<Integer> hangs(ClientId client) {
        while (true) {
            try {
                letGo.await();
                return new ClientOutcome.Completed<>(client, 0);
            } catch (InterruptedException e) {
                // Goes on.
            }
        }
    }

    private static TaskStream.Task task(int number) {
        return new TaskStream.Task(number, client(number), 1);
    }

    private static ClientId client(int number) {
        return new ClientId("client-" + number);
    }
}
