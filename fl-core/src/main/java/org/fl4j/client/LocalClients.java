package org.fl4j.client;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;

/**
 * Clients in this JVM that train with models of one pool: a {@link LocalClient} for each id, made when it is chosen. They
 * honour the objective of the server's rule, provided that their models are {@link org.fl4j.model.GradientModel}s, and
 * remember what it remembers in one store, by default {@link ClientStateStore#ofLatestRun()}.
 *
 * <p>Immutable; thread-safe as far as the function behind the data is.
 *
 * @param <D> the type of a client's data
 */
public final class LocalClients<D> implements ClientProvider {

    private final List<ClientId> ids;
    private final Function<? super ClientId, ? extends D> data;
    private final ModelPool<? extends Model<D>> models;
    private final LocalObjectives objectives;
    private final boolean hasGivenStore;

    private LocalClients(
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

    /**
     * Clients with the data of a function.
     *
     * @param <D> the type of a client's data
     * @param ids unique ids, not copied
     * @param data the data of a client; called from several threads, the same every time
     * @param models where to borrow a model
     */
    public static <D> LocalClients<D> of(
            List<ClientId> ids, Function<? super ClientId, ? extends D> data, ModelPool<? extends Model<D>> models) {
        return new LocalClients<>(
                ids, data, models, LocalObjectives.NONE.rememberingIn(ClientStateStore.ofLatestRun()), false);
    }

    /**
     * Returns a copy that remembers in another store, such as one on disk for runs that outlive their process.
     *
     * @param store claimed by every run; the caller closes it
     */
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
