package org.fl4j.client;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;

/**
 * Takes work to the clients of a cohort: on threads of this JVM ({@link InProcessRunner}), on a cluster. It is the one
 * place that catches what a client throws, and makes a value of it; a {@link ServerFailureException} ends the run, and its
 * cause is thrown.
 *
 * <p>Whatever the number of threads, outcomes are delivered in the order of the cohort, one for each client, on the
 * thread that called, unless any order will do; so sums over them have the same bits. An implementation is held to {@code ClientRunnerContract}
 * in the test-jar.
 */
public interface ClientRunner {

    /**
     * How many clients form a block. Sums are taken over fixed blocks of the cohort, by position, so that any number of
     * threads or machines can sum blocks side by side. Part of the format: changing it changes the bits of every run.
     */
    int BLOCK_SIZE = 16;

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
    <R> void run(List<ClientId> cohort, ClientWork<R> work, RunLimits limits, Consumer<? super ClientOutcome<R>> sink);

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
            List<ClientId> cohort, ClientWork<R> work, RunLimits limits, Consumer<? super ClientOutcome<R>> sink) {
        run(cohort, work, limits, sink);
    }

    /**
     * Does the work and collects the outcomes of each block of {@link #BLOCK_SIZE} clients where they arise, so that a
     * cluster ships one sum a block instead of every update.
     *
     * @param <R> the type of a result
     * @param <A> the type of a block while it is collected
     * @param <B> the type of a finished block
     * @param cohort the clients, in order
     * @param work what to do for each
     * @param limits when to stop waiting
     * @param block collects the outcomes of one block in the order of the cohort, several blocks side by side; its
     *     combiner is not used
     * @param sink gets the finished blocks in order, on the calling thread
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    default <R, A, B> void runBlocks(
            List<ClientId> cohort,
            ClientWork<R> work,
            RunLimits limits,
            Collector<? super ClientOutcome<R>, A, B> block,
            Consumer<? super B> sink) {
        BlockFold<R, A, B> fold = new BlockFold<>(block, sink, cohort.size());
        int[] position = {0};
        this.<R>run(cohort, work, limits, outcome -> fold.accept(position[0]++, outcome));
    }
}
