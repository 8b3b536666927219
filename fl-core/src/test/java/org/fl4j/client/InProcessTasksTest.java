package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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
            for (int i = 0; i < 4; i++) {
                assertEquals(
                        new ClientOutcome.TimedOut<>(client(i), SHORT),
                        stream.next().outcome());
            }
            assertEquals(
                    new ClientOutcome.Completed<>(client(4), 4), stream.next().outcome());
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

    @Test
    void neverMoreAtWorkThanThreads() {
        AtomicInteger atWork = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (TaskStream<Integer> stream = open(hung)) {
            for (int i = 0; i < 200; i++) {
                stream.start(task(i), client -> {
                    most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
                    Thread.yield();
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
