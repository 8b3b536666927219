package org.fl4j.privacy.audit;

import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.state.ClientStateStore;

/** A population and behind it the canaries, {@code canary-0} and so on. */
record CanaryPopulation(ClientProvider clients, AuditSession session) implements ClientProvider {

    private static final String PREFIX = "canary-";

    /** A real client of such a name would be taken for a canary. */
    CanaryPopulation {
        for (ClientId id : clients.ids()) {
            if (id.value().startsWith(PREFIX)) {
                throw new IllegalArgumentException(
                        "client '" + id + "' has a name of an audit's canaries; is the population audited twice?");
            }
        }
    }

    @Override
    public List<ClientId> ids() {
        return new Ids(clients.ids(), ClientId.numbered(PREFIX, session.terms().canaries()));
    }

    @Override
    public Client client(ClientId id) {
        return id.value().startsWith(PREFIX)
                ? new Canary(id, Integer.parseInt(id.value().substring(PREFIX.length())), session)
                : clients.client(id);
    }

    @Override
    public Optional<String> objection(TrainingTask task) {
        return Directions.objection(task.global().layout(), session.terms().canaries())
                .or(() -> clients.objection(task));
    }

    @Override
    public Optional<String> objection(ObjectiveSpec objective) {
        return clients.objection(objective);
    }

    @Override
    public ClientProvider withObjective(LocalObjective objective) {
        return new CanaryPopulation(clients.withObjective(objective), session);
    }

    @Override
    public ClientStateStore clientStates() {
        return clients.clientStates();
    }

    @Override
    public boolean remember() {
        return clients.remember();
    }

    @Override
    public ClientProvider remembering() {
        return new CanaryPopulation(clients.remembering(), session);
    }

    @Override
    public ClientProvider rememberingIn(ClientStateStore store) {
        return new CanaryPopulation(clients.rememberingIn(store), session);
    }

    @Override
    public boolean rememberElsewhere() {
        return clients.rememberElsewhere();
    }

    @Override
    public ClientProvider rememberingElsewhere(ClientStateStore accepted) {
        return new CanaryPopulation(clients.rememberingElsewhere(accepted), session);
    }

    @Override
    public boolean areRemote() {
        return clients.areRemote();
    }

    @Override
    public ClientProvider remote() {
        return new CanaryPopulation(clients.remote(), session);
    }

    /** One list behind the other. */
    private static final class Ids extends AbstractList<ClientId> implements RandomAccess {

        private final List<ClientId> first;
        private final List<ClientId> second;

        Ids(List<ClientId> first, List<ClientId> second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public ClientId get(int index) {
            return index < first.size() ? first.get(index) : second.get(index - first.size());
        }

        @Override
        public int size() {
            return first.size() + second.size();
        }
    }
}
