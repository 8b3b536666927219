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
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.TaskStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link TaskStream} promises. Extend it in a test of a runner of your own that opens one. */
@Timeout(60)
public abstract class TaskStreamContract {

    private ClientRunner runner;
    private TaskStream<Long> stream;

    /**
     * A runner to test.
     *
     * @return a new one; closed after the test if it can be
     */
    protected abstract ClientRunner newRunner();

    @BeforeEach
    void open() {
        runner = newRunner();
        stream = opened();
    }

    @AfterEach
    void useAnotherStream() throws Exception {
        stream.close();
        assertFalse(Thread.currentThread().isInterrupted());
        try (TaskStream<Long> another = opened()) {
            another.start(task(0), client -> new ClientOutcome.Completed<>(client, 7L));
            assertEquals(
                    new ClientOutcome.Completed<>(client(0), 7L), another.next().outcome());
        } finally {
            if (runner instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private TaskStream<Long> opened() {
        return runner.open(new ClientRunner.Start(1, 0, 42, Duration.ZERO), ClientRunner.Limits.NO_DEADLINE, 4);
    }

    /** A thousand, of which every third fails, more of them started while others arrive. */
    @Test
    void everyTaskArrivesOnceWithWhatCameOfIt() {
        for (int i = 0; i < 600; i++) {
            stream.start(task(i), work(i));
        }
        Set<Long> arrived = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            TaskStream.Arrival<Long> arrival = stream.next();
            long number = arrival.task().number();
            assertTrue(arrived.add(number));
            assertEquals(client(number), arrival.outcome().client());
            if (number % 3 == 0) {
                assertInstanceOf(ClientOutcome.Failed.class, arrival.outcome());
            } else {
                assertEquals(new ClientOutcome.Completed<>(client(number), number), arrival.outcome());
            }
            if (i < 400) {
                stream.start(task(600 + i), work(600 + i));
            }
        }
        assertEquals(1000, arrived.size());
        assertFalse(stream.hasArrived());
    }

    @Test
    void aClientHasOneTaskAtATime() {
        stream.start(task(1), work(1));
        assertThrows(IllegalStateException.class, () -> stream.start(new TaskStream.Task(2, client(1), 1), work(2)));
        stream.next();
        stream.start(new TaskStream.Task(2, client(1), 1), client -> new ClientOutcome.Completed<>(client, 2L));

        assertEquals(2, stream.next().task().number());
    }

    @Test
    void waitingForNothingIsAnError() {
        assertThrows(IllegalStateException.class, stream::next);
        stream.start(task(1), work(1));
        stream.next();
        assertThrows(IllegalStateException.class, stream::next);
    }

    @Test
    void anAbandonedTaskDoesNotArrive() {
        TaskStream.Task first = stream.start(task(1), work(1));
        stream.start(task(2), work(2));
        stream.abandon(first);
        stream.abandon(first);

        assertEquals(2, stream.next().task().number());
        assertThrows(IllegalStateException.class, stream::next);
        stream.start(new TaskStream.Task(3, client(1), 1), client -> new ClientOutcome.Completed<>(client, 3L));
        assertEquals(3, stream.next().task().number());
    }

    @Test
    void theServersFailureEndsTheStream() {
        IllegalStateException ours = new IllegalStateException("ours");
        stream.start(
                task(1),
                client -> ClientRunner.ServerFailureException.ours(() -> {
                    throw ours;
                }));

        assertSame(ours, assertThrows(IllegalStateException.class, stream::next));
    }

    @Test
    void anInterruptEndsTheWait() {
        CountDownLatch never = new CountDownLatch(1);
        stream.start(task(1), client -> {
            never.await();
            throw new UncheckedIOException(new IOException("let go"));
        });
        Thread.currentThread().interrupt();

        assertThrows(RunInterruptedException.class, stream::next);
        assertTrue(Thread.interrupted(), "the flag stays set");
        never.countDown();
    }

    private static TaskStream.Task task(long number) {
        return new TaskStream.Task(number, client(number), 1);
    }

    private static ClientId client(long number) {
        return new ClientId("client-" + number);
    }

    private static ClientRunner.Work<Long> work(long number) {
        return client -> {
            if (number % 3 == 0) {
                throw new IOException("gone");
            }
            return new ClientOutcome.Completed<>(client, number);
        };
    }
}
