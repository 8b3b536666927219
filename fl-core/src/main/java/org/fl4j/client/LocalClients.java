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
    private final Optional<Function<? super ClientId, ? extends D>> heldOut;
    private final ModelPool<? extends Model<D>> models;
    private final LocalObjectives objectives;
    private final boolean hasGivenStore;
    private final boolean asked;

    /**
     * @param heldOut what a client evaluates on; empty for the data it trains on
     * @param asked whether clients are to remember, though objective and model do not need it
     */
    LocalClients(
            List<ClientId> ids,
            Function<? super ClientId, ? extends D> data,
            Optional<Function<? super ClientId, ? extends D>> heldOut,
            ModelPool<? extends Model<D>> models,
            LocalObjectives objectives,
            boolean hasGivenStore,
            boolean asked) {
        this.ids = ids;
        this.data = data;
        this.heldOut = heldOut;
        this.models = models;
        this.objectives = objectives;
        this.hasGivenStore = hasGivenStore;
        this.asked = asked;
    }

    @Override
    public LocalClients<D> rememberingIn(ClientStateStore store) {
        return new LocalClients<>(ids, data, heldOut, models, objectives.rememberingIn(store), true, asked);
    }

    @Override
    public LocalClients<D> withObjective(LocalObjective objective) {
        return new LocalClients<>(ids, data, heldOut, models, objectives.with(objective), hasGivenStore, asked);
    }

    @Override
    public LocalClients<D> remembering() {
        return new LocalClients<>(ids, data, heldOut, models, objectives, hasGivenStore, true);
    }

    @Override
    public List<ClientId> ids() {
        return ids;
    }

    @Override
    public LocalClient<D> client(ClientId id) {
        D own = data.apply(id);
        return new LocalClient<>(id, own, heldOut.<D>map(of -> of.apply(id)).orElse(own), models, objectives);
    }

    @Override
    public Optional<String> objection(ObjectiveSpec objective) {
        return objectives.objection(objective);
    }

    @Override
    public boolean remember() {
        return asked || objectives.remember() || models.keepLocal();
    }

    /** The store that was given; unless one was, that on the heap if clients here remember. */
    @Override
    public ClientStateStore clientStates() {
        return hasGivenStore || remember() ? objectives.store() : ClientStateStore.none();
    }
}
