package org.fl4j.client;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;

/** Clients in this JVM that train with models of one pool; {@link ClientProvider#local} says what they are. */
final class LocalClients<D> implements ClientProvider {

    private final List<ClientId> ids;
    private final Function<? super ClientId, ? extends D> data;
    private final ModelPool<? extends Model<D>> models;
    private final LocalObjectives objectives;
    private final boolean hasGivenStore;

    LocalClients(
            List<ClientId> ids,
            Function<? super ClientId, ? extends D> data,
            ModelPool<? extends Model<D>> models,
            LocalObjectives objectives,
            boolean hasGivenStore) {
        this.ids = ids;
        this.data = data;
        this.models = models;
        this.objectives = objectives;
        this.hasGivenStore = hasGivenStore;
    }

    @Override
    public LocalClients<D> rememberingIn(ClientStateStore store) {
        return new LocalClients<>(ids, data, models, objectives.rememberingIn(store), true);
    }

    @Override
    public LocalClients<D> withObjective(LocalObjective objective) {
        return new LocalClients<>(ids, data, models, objectives.with(objective), hasGivenStore);
    }

    @Override
    public List<ClientId> ids() {
        return ids;
    }

    @Override
    public LocalClient<D> client(ClientId id) {
        return new LocalClient<>(id, data.apply(id), models, objectives);
    }

    @Override
    public Optional<String> objection(ObjectiveSpec objective) {
        return objectives.objection(objective);
    }

    /** The store that was given; unless one was, that on the heap if an objective here remembers. */
    @Override
    public ClientStateStore clientStates() {
        return hasGivenStore || objectives.remember() ? objectives.memory() : ClientStateStore.none();
    }
}
