package org.fl4j.spark;

import java.time.Duration;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.fl4j.client.ClientRunner;
import org.fl4j.server.BlockRound;

/** Trains and sums blocks, one after another. */
final class BlockTasks extends ExecutorTask {

    private static final long serialVersionUID = 1L;

    /** Of a round without a deadline. */
    static final long NEVER = Long.MAX_VALUE;

    private final long deadline;

    /** @param deadline in milliseconds of the clock, by which the machines of a cluster agree; or NEVER */
    BlockTasks(String runner, Broadcast<byte[]> code, Broadcast<byte[]> shared, long deadline) {
        super(runner, code, shared);
        this.deadline = deadline;
    }

    @Override
    Answer perform(Workshop shop, byte[] task) {
        BlockRound round = shop.shared(shared(), shop::begin);
        List<byte[]> answers = Blocks.fromBytes(task).stream()
                .map(block -> round.answer(block, limits()))
                .toList();
        return Workshop.answer(Answer.Kind.RESULT, Blocks.toBytes(answers));
    }

    private ClientRunner.Limits limits() {
        if (deadline == NEVER) {
            return ClientRunner.Limits.NONE;
        }
        long left = Math.max(1, deadline - System.currentTimeMillis());
        return new ClientRunner.Limits(Duration.ofMillis(left), Integer.MAX_VALUE);
    }
}
