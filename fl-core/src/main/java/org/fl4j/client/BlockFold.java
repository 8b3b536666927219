package org.fl4j.client;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collector;

/** Folds a stream of outcomes block by block. */
final class BlockFold<R, A, B> implements Consumer<ClientOutcome<R>> {
    private final Collector<? super ClientOutcome<R>, A, B> block;
    private final BiConsumer<A, ? super ClientOutcome<R>> accumulator;
    private final Consumer<? super B> sink;
    private final int total;
    private int position;
    private A open;

    BlockFold(Collector<? super ClientOutcome<R>, A, B> block, Consumer<? super B> sink, int total) {
        this.block = block;
        this.accumulator = block.accumulator();
        this.sink = sink;
        this.total = total;
        this.open = block.supplier().get();
    }

    @Override
    public void accept(ClientOutcome<R> outcome) {
        accumulator.accept(open, outcome);
        position++;
        if (position % ClientRunner.BLOCK_SIZE == 0 || position == total) {
            sink.accept(block.finisher().apply(open));
            if (position < total) {
                open = block.supplier().get();
            }
        }
    }
}
