package org.fl4j.server;

import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;

/**
 * The runner a server makes for itself. Clients that train in this JVM get a thread a processor. Clients elsewhere only
 * keep a thread waiting, so they get one each, up to {@value ServerBuilder#REMOTE_THREADS}.
 *
 * <p>Where stragglers are expected, what waits for them may fill a third of the heap: enough to keep a cohort going, and
 * bounded whatever the cohort. Bits do not depend on it.
 */
final class OwnRunner implements AutoCloseable {

    private static final int HEAP_SHARE = 3;

    private final InProcessRunner runner;
    private final int least;
    private final boolean stragglers;
    private final long heap;

    OwnRunner(ClientProvider clients, RoundPolicy policy, int processors, long heap) {
        this.runner = InProcessRunner.of(clients.areRemote() ? ServerBuilder.REMOTE_THREADS : processors);
        this.least = 2 * processors;
        this.stragglers = clients.areRemote()
                || policy.overSelection() > 0
                || !policy.deadline().equals(ClientRunner.Limits.NO_DEADLINE);
        this.heap = heap;
    }

    /** The runner for a round whose updates have about this size. */
    ClientRunner forUpdatesOf(long bytes) {
        return stragglers
                ? runner.withWindow((int) Math.min(Integer.MAX_VALUE, Math.max(least, heap / HEAP_SHARE / bytes)))
                : runner.forUpdatesOf(bytes);
    }

    @Override
    public void close() {
        runner.close();
    }
}
