package org.fl4j.client;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collector;

/**
 * Collects outcomes block by block. Within a block they come in order, blocks may come side by side; finished ones go on
 * in order. A block before which another is unfinished is kept: as what its collector made of it, not as its outcomes.
 */
final class BlockFold<R, A, B> {

    /** A block's FP64 sum is as large as two FP32 updates. */
    private static final int UPDATES_PER_BLOCK = 2;

    private final Collector<? super ClientOutcome<R>, A, B> block;
    private final Consumer<? super B> sink;
    private final int size;
    private final int total;
    private final Map<Integer, A> open = new HashMap<>();
    private final Map<Integer, B> finished = new HashMap<>();
    private int head;

    BlockFold(ClientRunner.BlockWork<R, A, B> work, Consumer<? super B> sink) {
        this.block = work.block();
        this.size = work.blockSize();
        this.sink = sink;
        this.total = work.cohort().size();
    }

    /** Takes an outcome and says how many updates' memory is kept beside the first block, which every run has. */
    int accept(int position, ClientOutcome<R> outcome) {
        int index = position / size;
        A collected = open.computeIfAbsent(index, i -> block.supplier().get());
        block.accumulator().accept(collected, outcome);
        if ((position + 1) % size == 0 || position + 1 == total) {
            open.remove(index);
            finished.put(index, block.finisher().apply(collected));
            while (finished.containsKey(head)) {
                sink.accept(finished.remove(head));
                head++;
            }
        }
        return UPDATES_PER_BLOCK * (open.size() + finished.size() - (open.containsKey(head) ? 1 : 0));
    }
}
