package org.fl4j.server;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;

/**
 * A population whose clients are elsewhere, but for those a test keeps here: the server gets a {@link MaskingClient}, made
 * anew whenever it asks, and only bytes go on from there to a session for each client.
 */
final class FarClients implements ClientProvider, AutoCloseable {

    private final ScriptedPopulation clients;
    private final Function<ClientId, Boolean> here;
    private final Map<ClientId, ParticipantSession> sessions = new HashMap<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger trainedAtTheServer = new AtomicInteger();

    private FarClients(ScriptedPopulation clients, SecureAggregator rule, Function<ClientId, Boolean> here) {
        this.clients = clients;
        this.here = here;
        for (ClientId id : clients.ids()) {
            sessions.put(id, ParticipantSession.of(rule, clients.client(id)));
        }
    }

    static FarClients all(ScriptedPopulation clients, SecureAggregator rule) {
        return new FarClients(clients, rule, id -> false);
    }

    /** Those with an even number are here. */
    static FarClients everyOther(ScriptedPopulation clients, SecureAggregator rule) {
        return new FarClients(clients, rule, id -> Integer.parseInt(id.value().substring("client-".length())) % 2 == 0);
    }

    @Override
    public List<ClientId> ids() {
        return clients.ids();
    }

    @Override
    public Client client(ClientId id) {
        if (here.apply(id)) {
            return clients.client(id);
        }
        asked.incrementAndGet();
        return new MaskingClient() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public byte[] answer(TrainingTask task, byte[] message) throws Exception {
                return sessions.get(id).answer(TrainingTask.fromBytes(task.toBytes()), message.clone());
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws Exception {
                trainedAtTheServer.incrementAndGet();
                return clients.client(id).train(task);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) throws Exception {
                return clients.client(id).evaluate(task);
            }
        };
    }

    @Override
    public void close() {
        sessions.values().forEach(ParticipantSession::close);
    }
}
