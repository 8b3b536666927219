package org.fl4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.BlockRound;
import org.fl4j.server.BlockSession;

/**
 * Trains and sums whole blocks by a {@link BlockSession}, as a cluster would: each block and its result travel in their
 * binary form. Rounds that do not run in blocks fail. Not thread-safe.
 */
public final class FarBlockRunner implements ClientRunner {

    private final BlockSession session;
    private final UnaryOperator<byte[]> transport;
    private final List<Integer> answers = new ArrayList<>();

    private FarBlockRunner(BlockSession session, UnaryOperator<byte[]> transport) {
        this.session = session;
        this.transport = transport;
    }

    /**
     * A runner whose transport is reliable.
     *
     * @param rule on the far side, configured as the server's
     * @param clients on the far side, trained one after another
     */
    public static FarBlockRunner of(LinearAggregator rule, ClientProvider clients) {
        return new FarBlockRunner(BlockSession.of(rule, clients, InProcessRunner.of(1)), bytes -> bytes);
    }

    /**
     * Returns a copy with another transport and no answers yet.
     *
     * @param way what the bytes of a result become on their way to the server
     */
    public FarBlockRunner through(UnaryOperator<byte[]> way) {
        return new FarBlockRunner(session, way);
    }

    /** The length of every answer that arrived, in bytes, over all rounds. */
    public List<Integer> answers() {
        return List.copyOf(answers);
    }

    @Override
    public <R, A, B> void runBlocks(BlockWork<R, A, B> work, ClientRunner.Limits limits, Consumer<? super B> sink) {
        BlockRound round = session.begin(work.shared());
        for (int block = 0; block * work.blockSize() < work.cohort().size(); block++) {
            byte[] answer = transport.apply(round.answer(work.task(block), limits));
            answers.add(answer.length);
            sink.accept(work.result(block, answer));
        }
    }

    @Override
    public <R> void run(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            Consumer<? super ClientOutcome<R>> sink) {
        throw new AssertionError("a linear rule's rounds run in blocks");
    }
}
