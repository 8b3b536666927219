package org.fl4j.client;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.Check;
import org.fl4j.state.ClientStateStore;
import org.jspecify.annotations.Nullable;

/**
 * Takes work to the clients of a cohort: on threads of this JVM ({@link InProcessRunner}), on a cluster. It is the one
 * place that catches what a client throws, and makes a value of it; a {@link ServerFailureException} ends the run, and its
 * cause is thrown.
 *
 * <p>Whatever the number of threads, outcomes are delivered in the order of the cohort, one for each client, on the
 * thread that called, unless any order will do; so sums over them have the same bits. An implementation is held to {@code ClientRunnerContract}
 * in fl-testkit.
 */
public interface ClientRunner {

    /**
     * Does the work for every client of a cohort.
     *
     * @param <R> the type of a result
     * @param cohort the clients, in order
     * @param work what to do for each; called on other threads, at most once a client
     * @param limits when to stop waiting
     * @param sink gets exactly one outcome for each client, in the order of the cohort, on the calling thread
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    <R> void run(List<ClientId> cohort, Work<R> work, Limits limits, Consumer<? super ClientOutcome<R>> sink);

    /**
     * Does the work as {@link #run} does, for those whose result is the same in any order of the outcomes, such as sums of
     * integers: a straggler need not hold back those after it.
     *
     * @param <R> the type of a result
     * @param cohort the clients
     * @param work what to do for each; called on other threads, at most once a client
     * @param limits when to stop waiting
     * @param sink gets exactly one outcome for each client, in any order, on the calling thread
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    default <R> void runInAnyOrder(
            List<ClientId> cohort, Work<R> work, Limits limits, Consumer<? super ClientOutcome<R>> sink) {
        run(cohort, work, limits, sink);
    }

    /**
     * Does the work block by block and delivers what each block comes to. A runner here trains client by client and collects
     * their outcomes; one that takes whole blocks elsewhere sends {@link BlockWork#shared} and {@link BlockWork#task}, and hands over
     * what came back.
     *
     * @param <R> the type of one client's result
     * @param <A> the type of a block while it is collected
     * @param <B> the type of a finished block
     * @param work by client and by block
     * @param limits when to stop waiting
     * @param sink gets the finished blocks in order, on the calling thread
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    default <R, A, B> void runBlocks(BlockWork<R, A, B> work, Limits limits, Consumer<? super B> sink) {
        BlockFold<R, A, B> fold = new BlockFold<>(work, sink);
        int[] position = {0};
        this.<R>run(work.cohort(), work, limits, outcome -> fold.accept(position[0]++, outcome));
    }

    /**
     * Why this runner cannot take work to these clients as they are, asked when a server or an evaluation is built.
     *
     * @param clients the population, with every decorator
     * @return empty unless overridden: work goes to clients by way of the provider, whatever it is
     */
    default Optional<String> objection(ClientProvider clients) {
        return Optional.empty();
    }

    /**
     * The runner for one round. One that counts time of its own begins to count.
     *
     * @param start which round, and when
     * @return this, unless it counts time
     */
    default ClientRunner startRound(Start start) {
        return this;
    }

    /**
     * How much time has passed since the round's start as this runner counts it, with a meaning for those that simulate time.
     *
     * @return zero of a runner on the real clock, whose time belongs to no state
     */
    default Duration elapsed() {
        return Duration.ZERO;
    }

    /**
     * Opens a stream of tasks, for asynchronous rounds. A server that is built for these opens one and closes it at once, to know
     * that it can.
     *
     * @param <R> the type of a result
     * @param start the round that is played next, and when
     * @param deadline after which a task that was started is {@link ClientOutcome.TimedOut}; {@link Limits#NO_DEADLINE} for never
     * @param ahead how many arrivals are needed soon, which a runner that simulates time may work ahead
     * @return to be closed before the runner is
     * @throws UnsupportedOperationException unless overridden
     */
    default <R> TaskStream<R> open(Start start, Duration deadline, int ahead) {
        throw new UnsupportedOperationException(
                this + " has no asynchronous rounds; use an InProcessRunner, or a VirtualRunner over any other");
    }

    /**
     * Whether this runner counts time of its own.
     *
     * @return false of a runner on the real clock
     */
    default boolean countsTime() {
        return false;
    }

    /**
     * Lets time pass in a round in which there is nobody to wait for. Does nothing unless this runner counts time.
     *
     * @param time since the run's start; no time passes if it is over
     */
    default void passUntil(Duration time) {}

    /**
     * Lets time pass, on the runner of a round before its clients are called: waits on the real clock.
     *
     * @param time not negative
     * @throws InterruptedException if the calling thread is interrupted
     */
    default void pause(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(TimeUnit.NANOSECONDS.convert(time));
    }

    /**
     * The start of an attempt at a round.
     *
     * @param round counted from 1
     * @param attempt how many were abandoned before this one
     * @param seed of the run
     * @param time since the run's start
     */
    record Start(int round, int attempt, long seed, Duration time) {}

    /**
     * The work of a round whose results are collected in blocks of the cohort, by position.
     *
     * @param <R> the type of one client's result
     * @param <A> the type of a block while it is collected
     * @param <B> the type of a finished block
     */
    interface BlockWork<R, A, B> extends Work<R> {

        /** The clients, in order. */
        List<ClientId> cohort();

        /** How many clients form a block; the last one may have fewer. */
        int blockSize();

        /** Collects the outcomes of one block in the order of the cohort, several blocks side by side; no combiner is used. */
        Collector<? super ClientOutcome<R>, A, B> block();

        /**
         * What the blocks have in common, the global weights above all, as data for other processes. What answers there
         * belongs to the work, such as {@code org.fl4j.server.BlockSession}.
         *
         * @return its bytes, to be sent once to each process
         */
        byte[] shared();

        /**
         * What is a block's own, as data for another process that has {@link #shared}.
         *
         * @param block counted from 0
         * @return its bytes: of ids and of what these clients remember
         */
        byte[] task(int block);

        /**
         * Reads what came of a block elsewhere.
         *
         * @param block counted from 0
         * @param result the bytes of the answer
         * @return as collecting it here would have made it
         * @throws org.fl4j.CorruptDataException if the bytes are damaged or another block's
         */
        B result(int block, byte[] result);
    }

    /**
     * When a run over a cohort ends before every client is done.
     *
     * @param deadline the time from the start of the run after which a client that has not finished is
     *     {@link ClientOutcome.TimedOut}, and one that was not called {@link ClientOutcome.NotStarted}; {@link #NO_DEADLINE} for
     *     never
     * @param enough how many completed clients end the run, the others being {@link ClientOutcome.Surplus}
     */
    record Limits(Duration deadline, int enough) {

        /** A deadline that does not come. */
        public static final Duration NO_DEADLINE = ChronoUnit.FOREVER.getDuration();

        /** Every client is waited for, however long it takes. */
        public static final Limits NONE = new Limits(NO_DEADLINE, Integer.MAX_VALUE);

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if the deadline is not positive or enough is below 1
         */
        public Limits {
            if (deadline.isNegative() || deadline.isZero()) {
                throw new IllegalArgumentException("deadline must be positive, but was " + deadline);
            }
            Check.atLeast("enough", enough, 1);
        }
    }

    /**
     * What a {@link ClientRunner} does for one client, on a thread of its own choice.
     *
     * @param <R> the type of a result
     */
    @FunctionalInterface
    interface Work<R> {

        /**
         * Does the work.
         *
         * @param client for whom
         * @return {@link ClientOutcome.Completed}, or why there is no result: {@link ClientOutcome.Rejected} with the reason,
         *     {@link ClientOutcome.Busy}
         * @throws ServerFailureException ends the run, also as the cause of another exception
         * @throws Exception makes the outcome {@link ClientOutcome.Failed}, and so does an {@link Error}
         */
        ClientOutcome<R> perform(ClientId client) throws Exception;

        /**
         * Begins the work, for a runner that need not hold a thread while a {@link NonBlockingClient} is at it: called in
         * place of {@link #perform}, at most once a client.
         *
         * @param client for whom
         * @return completes, on any thread, with the rest of the work, which must be done on one of the runner's threads and throws as
         *     {@link #perform} does; what it fails with is what {@link #perform} would throw. Complete already, with the whole
         *     work, unless overridden. A runner that no longer waits cancels it if it is a {@link java.util.concurrent.Future}
         * @throws Exception as {@link #perform}
         */
        default CompletionStage<Callable<ClientOutcome<R>>> start(ClientId client) throws Exception {
            return CompletableFuture.completedFuture(() -> perform(client));
        }
    }

    /**
     * A failure of the server that came up on a thread that was working for a client: its store of client states on a full
     * disk, its rule's own code. It is not booked as the client's: a {@link ClientRunner} ends the run and throws the cause.
     *
     * <p>What in this JVM is the server's, though a client calls it, goes through {@link #ours}; {@link LocalClient} does so
     * with the {@link ClientStateStore}.
     */
    final class ServerFailureException extends FederatedLearningException {

        private static final long serialVersionUID = 1L;
        private static final int DEEPEST = 100;

        private ServerFailureException(Throwable cause) {
            super("the server failed while a client was at work: " + inWords(cause), cause);
        }

        /**
         * Does a part of the work that is the server's.
         *
         * @param <R> the type of the result
         * @param part what to do
         * @return its result
         * @throws ServerFailureException if the part throws anything; its cause is what was thrown
         * @throws RunInterruptedException if the part was interrupted, as happens to a client whose round is over
         */
        public static <R> R ours(Supplier<? extends R> part) {
            try {
                return part.get();
            } catch (RunInterruptedException | ServerFailureException | UpdateRejectedException e) {
                throw e;
            } catch (RuntimeException | Error e) {
                throw new ServerFailureException(e);
            }
        }

        /**
         * Lets a rule look at one client's update. Of a private rule the server's failure would show that client's data, by the end
         * of the run: there, whatever the rule throws rejects the update.
         *
         * @param isPrivate whether the rule spends a privacy budget
         * @param look what the rule does
         * @return its result
         * @throws UpdateRejectedException if the rule rejects the update
         * @throws ServerFailureException if the rule of a run that is not private fails otherwise
         */
        public static <R> R ofRule(boolean isPrivate, Supplier<? extends R> look) {
            try {
                return ours(look);
            } catch (ServerFailureException e) {
                if (isPrivate && e.getCause() instanceof RuntimeException thrown) {
                    throw new UpdateRejectedException("the rule could not look at the update: "
                            + thrown.getClass().getName());
                }
                throw e;
            }
        }

        /**
         * Makes an outcome of what the work for a client threw.
         *
         * @param <R> the type of a result
         * @param client for whom
         * @param thrown what was thrown
         * @return the client's failure
         * @throws ServerFailureException if the server's failure is what was thrown, or its cause
         */
        public static <R> ClientOutcome<R> failed(ClientId client, Throwable thrown) {
            ServerFailureException ours = behind(thrown);
            if (ours != null) {
                throw ours;
            }
            return thrown instanceof UpdateRejectedException rejected
                    ? new ClientOutcome.Rejected<>(client, rejected.reason())
                    : new ClientOutcome.Failed<>(client, thrown);
        }

        /** A throwable in words, also where its own code fails at that. */
        static String inWords(Throwable thrown) {
            String type = thrown.getClass().getName();
            try {
                String words = thrown.toString();
                return words == null ? type : words;
            } catch (Throwable t) {
                return type + ", whose toString() threw " + t.getClass().getName();
            }
        }

        /** A client's exception may be of a class of its own: whatever that does, it is the client's. */
        private static @Nullable ServerFailureException behind(Throwable thrown) {
            try {
                Throwable cause = thrown;
                for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
                    if (cause instanceof ServerFailureException found) {
                        return found;
                    }
                    cause = cause.getCause();
                }
            } catch (Throwable t) {
                return null;
            }
            return null;
        }
    }
}
