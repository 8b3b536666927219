package org.fl4j.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.fl4j.ClientId;

/** The clients of a masked run, each on a thread and at its own end, which a test restarts where it wants. */
final class MaskedFarSide implements AutoCloseable {

    private static final long PAUSE_NANOS = 200_000;

    /** Where a client's process ends and another one begins: its memory is gone, the pending request is polled once more. */
    record Kill(ClientId client, int request, boolean afterAnswering) {}

    /** Is shown each answer before the server is. */
    interface Witness {
        void answered(RemoteSession session, Request request, byte[] answer) throws InterruptedException;
    }

    private final RemoteClients clients;
    private final List<Thread> threads = new ArrayList<>();
    private Witness witness = (session, request, answer) -> {};
    private volatile boolean ended;

    /** What each client was asked, in order, without what was handed out again. */
    final Map<ClientId, List<Request>> requests = new ConcurrentHashMap<>();

    MaskedFarSide(RemoteClients clients) {
        this.clients = clients;
    }

    void afterEachAnswer(Witness its) {
        witness = its;
    }

    void start(ClientId id, Supplier<RemoteSession> process, List<Kill> kills) {
        requests.put(id, new ArrayList<>());
        Thread thread = new Thread(() -> serve(id, process, kills), id.value());
        threads.add(thread);
        thread.start();
    }

    private void serve(ClientId id, Supplier<RemoteSession> process, List<Kill> kills) {
        RemoteSession session = process.get();
        List<Request> asked = requests.getOrDefault(id, List.of());
        try {
            while (!ended) {
                byte[] bytes = clients.poll(id).orElse(null);
                if (bytes != null) {
                    asked.add(Request.fromBytes(bytes));
                    boolean dies = kills.contains(new Kill(id, asked.size(), false));
                    byte[] answer = session.answer(bytes);
                    if (dies) {
                        session.close();
                        session = process.get();
                        answer = session.answer(bytes);
                    }
                    witness.answered(session, asked.get(asked.size() - 1), answer);
                    clients.answer(id, answer);
                    if (kills.contains(new Kill(id, asked.size(), true))) {
                        session.close();
                        session = process.get();
                    }
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            session.close();
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
