package org.fl4j.spark;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.fl4j.ClientId;

/**
 * The clients that are inside a call in this JVM: one whose call nobody waits for any more is not called again before it has
 * returned. Thread-safe.
 */
final class AtWork {

    private final Set<ClientId> clients = new HashSet<>();

    /**
     * Calls a client once it is inside no other call.
     *
     * @throws InterruptedException if nobody waits any more
     */
    <T> T call(ClientId client, Callable<T> work) throws Exception {
        begin(client);
        try {
            return work.call();
        } finally {
            end(client);
        }
    }

    private synchronized void begin(ClientId client) throws InterruptedException {
        while (!clients.add(client)) {
            wait();
        }
    }

    private synchronized void end(ClientId client) {
        clients.remove(client);
        notifyAll();
    }
}
