package org.fl4j.client;

import java.time.Duration;
import java.util.Objects;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * Tasks that are under way side by side and arrive one by one, each in its own time: what asynchronous rounds run on. A
 * {@link ClientRunner} {@linkplain ClientRunner#open opens} it; an implementation is held to {@code TaskStreamContract} in
 * fl-testkit.
 *
 * <p>Of one thread, the one that calls; the work is done on others.
 *
 * @param <R> the type of a result
 */
public interface TaskStream<R> extends AutoCloseable {

    /**
     * Starts a task, or one that was under way when its run was cut off.
     *
     * @param task with an {@link Task#arrival} of {@link Task#UNKNOWN}, or as an earlier stream returned it
     * @param work called at most once, with the task's client
     * @return the task, with its arrival where that is known from the start
     * @throws IllegalStateException if the client has a task that was neither taken nor abandoned
     */
    Task start(Task task, ClientRunner.Work<R> work);

    /** Whether the next task has arrived by {@link #now}, so that {@link #next} neither waits nor lets time pass. */
    boolean hasArrived();

    /**
     * Waits for the next arrival: the earliest, by number where several are. A task that took longer than the deadline arrives at
     * that moment as {@link ClientOutcome.TimedOut}.
     *
     * @throws IllegalStateException if nothing is under way, or the runner is closed
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    Arrival<R> next();

    /** Waits for a task no longer; it does not arrive. Does nothing if it is not under way. */
    void abandon(Task task);

    /**
     * The time of the last arrival, or of the stream's start.
     *
     * @return since the run's start as the runner counts it; zero on the real clock
     */
    Duration now();

    /**
     * Lets time pass while there is nothing to wait for. Does nothing unless the runner counts time.
     *
     * @param time since the run's start; no time passes if it is over
     */
    default void passUntil(Duration time) {}

    /** Abandons all that is under way. */
    @Override
    void close();

    /**
     * A task that was started.
     *
     * @param number of the start, counted over the run: later ones have larger numbers
     * @param client whose
     * @param round in which it started, counted from 1
     * @param arrival when it will arrive, since the run's start, where the runner knows; else {@link #UNKNOWN}
     */
    record Task(long number, ClientId client, int round, Duration arrival) {

        /** Of a task on the real clock, or one that has not started. */
        public static final Duration UNKNOWN = Duration.ZERO.minusSeconds(1);

        /** Checks that nothing is missing. */
        public Task {
            Objects.requireNonNull(client);
            Objects.requireNonNull(arrival);
        }

        /** A task that has not started. */
        public Task(long number, ClientId client, int round) {
            this(number, client, round, UNKNOWN);
        }

        /** Whether it is known when it arrives. */
        public boolean isTimed() {
            return !arrival.isNegative();
        }

        /** Writes this as fields of a larger record. */
        public void writeTo(BinaryWriter out) {
            out.writeLong(number);
            out.writeString(client.value());
            out.writeInt(round);
            out.writeLong(arrival.getSeconds());
            out.writeInt(arrival.getNano());
        }

        /** Reads what {@link #writeTo} wrote. */
        public static Task readFrom(BinaryReader in) {
            return new Task(
                    in.readLong(),
                    new ClientId(in.readString()),
                    in.readInt(),
                    Duration.ofSeconds(in.readLong(), in.readInt()));
        }
    }

    /**
     * A task that has arrived.
     *
     * @param <R> the type of a result
     * @param task which
     * @param outcome what came of it
     */
    record Arrival<R>(Task task, ClientOutcome<R> outcome) {}
}
