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
     * Does the work block by block and delivers what each block comes to. A runner here trains client by client and collects
     * their outcomes; one that takes whole blocks elsewhere sends {@link BlockWork#task} and hands over what came back.
     *
     * @param <R> the type of one client's result
     * @param <A> the type of a block while it is collected
     * @param <B> the type of a finished block
     * @param work by client and by block
     * @param limits when to stop waiting
     * @param sink gets the finished blocks in order, on the calling thread
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    default <R, A, B> void runBlocks(BlockWork<R, A, B> work, RunLimits limits, Consumer<? super B> sink) {
        BlockFold<R, A, B> fold = new BlockFold<>(work, sink);
        int[] position = {0};
        this.<R>run(work.cohort(), work, limits, outcome -> fold.accept(position[0]++, outcome));
    }

    /**
     * The work of a round whose results are collected in blocks of the cohort, by position.
     *
     * @param <R> the type of one client's result
     * @param <A> the type of a block while it is collected
     * @param <B> the type of a finished block
     */
    interface BlockWork<R, A, B> extends ClientWork<R> {

        /** The clients, in order. */
        List<ClientId> cohort();

        /** How many clients form a block; the last one may have fewer. */
        int blockSize();

        /** Collects the outcomes of one block in the order of the cohort, several blocks side by side; no combiner is used. */
        Collector<? super ClientOutcome<R>, A, B> block();

        /**
         * A block's whole work as data, for another process. What answers there belongs to the work, such as
         * {@code org.fl4j.server.BlockSession}.
         *
         * @param block counted from 0
         * @return its bytes
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
}
