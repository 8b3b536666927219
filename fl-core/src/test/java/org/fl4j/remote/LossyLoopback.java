package org.fl4j.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.fl4j.ClientId;

/**
 * A transport without sockets that loses, repeats and delays: a thread for each client polls and answers, loses a message with a
 * given probability on either way, and sends old answers again.
 */
final class LossyLoopback implements AutoCloseable {

    private static final long PAUSE_NANOS = 200_000;

    private final RemoteClients clients;
    private final double loss;
    private final BiConsumer<ClientId, byte[]> seen;
    private final List<Thread> threads = new ArrayList<>();
    final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    private volatile boolean ended;

    /**
     * A loopback without clients yet.
     *
     * @param loss of each message, as a probability
     * @param seen is shown each answer before it is sent
     */
    LossyLoopback(RemoteClients clients, double loss, BiConsumer<ClientId, byte[]> seen) {
        this.clients = clients;
        this.loss = loss;
        this.seen = seen;
    }

    void start(RemoteSession session, long seed) {
        Thread thread = new Thread(
                () -> serve(session, new Random(seed)), session.client().value());
        threads.add(thread);
        thread.start();
    }

    private void serve(RemoteSession session, Random random) {
        List<byte[]> sent = new ArrayList<>();
        while (!ended) {
            clients.poll(session.client()).filter(request -> arrives(random)).ifPresent(request -> {
                byte[] answer = answer(session, request);
                seen.accept(session.client(), answer);
                sent.add(answer);
                if (arrives(random)) {
                    send(session.client(), answer);
                }
                if (random.nextDouble() < loss) {
                    send(session.client(), sent.get(random.nextInt(sent.size())));
                }
            });
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean arrives(Random random) {
        boolean arrives = random.nextDouble() >= loss;
        lost.addAndGet(arrives ? 0 : 1);
        return arrives;
    }

    private static byte[] answer(RemoteSession session, byte[] request) {
        try {
            return session.answer(request);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(ClientId client, byte[] answer) {
        try {
            clients.answer(client, answer);
        } catch (MessageRefusedException e) {
            refused.incrementAndGet();
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
