package org.fl4j.testkit;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;

/**
 * Work in blocks of 16 for a runner that trains them itself: asked for a block as bytes, it fails.
 *
 * @param cohort the clients, in order
 * @param work what to do for each
 * @param block collects the outcomes of one block
 */
public record BlocksHere<R, A, B>(
        List<ClientId> cohort, ClientRunner.Work<R> work, Collector<? super ClientOutcome<R>, A, B> block)
        implements ClientRunner.BlockWork<R, A, B> {

    @Override
    public int blockSize() {
        return 16;
    }

    @Override
    public ClientOutcome<R> perform(ClientId client) throws Exception {
        return work.perform(client);
    }

    @Override
    public CompletionStage<Callable<ClientOutcome<R>>> start(ClientId client) throws Exception {
        return work.start(client);
    }

    @Override
    public byte[] shared() {
        throw new AssertionError("the blocks are to be trained here");
    }

    @Override
    public byte[] task(int block) {
        throw new AssertionError("block " + block + " is to be trained here");
    }

    @Override
    public B result(int block, byte[] result) {
        throw new AssertionError("block " + block + " is to be trained here");
    }
}
