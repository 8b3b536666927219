package org.fl4j.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;

/**
 * The population: who the clients are, and a way to each of them. A client is made when it is chosen and forgotten
 * afterwards, so that a population costs a list of ids.
 *
 * <p>Thread-safe: {@link #client} is called from the runner's threads.
 */
public interface ClientProvider {

    /**
     * All clients.
     *
     * @return unique ids, in an order that does not change over a run; random access should be fast
     */
    List<ClientId> ids();

    /**
     * A way to one client.
     *
     * @param id one of {@link #ids()}
     * @return the client
     */
    Client client(ClientId id);

    /**
     * Why no client here could do a task like this one, whatever its data: what {@link Client#objection} of the first one
     * says, unless overridden. A client that cannot even be made says nothing; it fails in its round.
     *
     * @param task a task of the round to come
     * @return empty if nothing speaks against it
     */
    default Optional<String> objection(TrainingTask task) {
        if (ids().isEmpty()) {
            return Optional.empty();
        }
        Client first;
        try {
            first = client(ids().get(0));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
        return first.objection(task);
    }

    /**
     * Why no client here could train with an objective; asked when the server is built.
     *
     * @return empty if one could, or if that cannot be known, as of clients in other JVMs
     */
    default Optional<String> objection(ObjectiveSpec objective) {
        return Optional.empty();
    }

    /**
     * Returns a provider whose clients also know this objective. The server's builder calls it with the objective that its rule
     * carries.
     *
     * @param objective replaces one of the same name
     * @return this provider itself unless overridden: clients elsewhere look objectives up by name, on their side
     */
    default ClientProvider withObjective(LocalObjective objective) {
        return this;
    }

    /**
     * Where these clients keep what they remember. The server claims it for a run, begins it before each round and commits
     * it after.
     *
     * @return {@link ClientStateStore#none()} unless overridden
     */
    default ClientStateStore clientStates() {
        return ClientStateStore.none();
    }

    /**
     * Whether these clients remember something from round to round: what an objective does, LOCAL parameters, a model of their own.
     *
     * @return false unless an implementation says otherwise
     */
    default boolean remember() {
        return false;
    }

    /**
     * Returns these clients, which are to {@link #remember} in their store. The server's builder calls it where its tasks
     * ask for that.
     *
     * @return this provider itself unless overridden: clients elsewhere remember on their side, see {@link #rememberingElsewhere}
     */
    default ClientProvider remembering() {
        return this;
    }

    /**
     * Returns these clients, with another {@link #clientStates}. Clients of one's own, such as decorators with error feedback,
     * read and stage there themselves.
     *
     * @param store claimed by every run; the caller closes it
     */
    default ClientProvider rememberingIn(ClientStateStore store) {
        return new ClientsView(this, (client, others) -> client, areRemote(), Optional.of(store), rememberElsewhere());
    }

    /**
     * Whether these clients remember on their own side, and the store has only which of their updates was the last that was accepted.
     *
     * @return false unless {@link #rememberingElsewhere} was called
     */
    default boolean rememberElsewhere() {
        return false;
    }

    /**
     * Returns these clients, which are elsewhere and remember there, in a {@link RemoteMemory}: objectives, models and codecs that
     * remember work with them as in the server's JVM. Each task tells its client which of its updates was the last that was accepted, which
     * the server keeps in step with its rounds; nothing else of what clients remember reaches it.
     *
     * @param accepted where the server keeps that, a file a client; on disk for runs that outlive their process. The caller closes it
     */
    default ClientProvider rememberingElsewhere(ClientStateStore accepted) {
        return new ClientsView(this, (client, others) -> client, areRemote(), Optional.of(accepted), true);
    }

    /**
     * Whether the clients train elsewhere, so that a thread of this JVM only waits for each: a server that makes its own
     * runner then gives every client of the cohort a thread, up to 256, and not one a processor. {@link NonBlockingClient}s hold
     * none and need no more threads than there are processors.
     *
     * @return false unless an implementation says otherwise; the same over a run
     */
    default boolean areRemote() {
        return false;
    }

    /** Returns these clients, declared to be elsewhere: their {@link #areRemote} is true. */
    default ClientProvider remote() {
        return new ClientsView(this, (client, others) -> client, true, Optional.empty(), rememberElsewhere());
    }

    /**
     * Returns these clients, each in a decorator, with the objectives and the memory that they have here:
     *
     * <pre>{@code
     * ClientProvider noisy = population.over(models).decorated(LocalDifferentialPrivacy.clippedTo(1)::around);
     * }</pre>
     *
     * @param decorator wraps a client; called from several threads
     */
    default ClientProvider decorated(UnaryOperator<Client> decorator) {
        return decorated((client, others) -> decorator.apply(client));
    }

    /**
     * Returns these clients, each in a decorator that also sees the others, as colluding clients do.
     *
     * @param decorator wraps a client of these clients, which know the objective of the server's rule; called from several threads
     */
    default ClientProvider decorated(BiFunction<? super Client, ? super ClientProvider, ? extends Client> decorator) {
        return new ClientsView(this, decorator, areRemote(), Optional.empty(), rememberElsewhere());
    }

    /**
     * Returns these clients, each called again when its call fails, in training and in evaluation, with the same task, so with the
     * same seed:
     *
     * <ul>
     *   <li>It fails by an exception, its own or its stage's; an {@link Error}, an {@link UpdateRejectedException} and an update that
     *       the server rejects are final, and a client that hangs is not called again.
     *   <li>It ends with the round: by the thread's interrupt, or by the cancellation of a {@link NonBlockingClient}'s stage, which
     *       holds no thread between two calls.
     *   <li>A {@link org.fl4j.secure.MaskingClient} is left as it is: its transport knows which messages arrived.
     *   <li>Pauses are of the real clock; under a runner in virtual time let them be zero.
     * </ul>
     *
     * @param times how often a client is called again, at least 1
     * @param backOff the pause before the first of these calls, doubled before each further one; at most a day
     */
    default ClientProvider retrying(int times, Duration backOff) {
        return decorated(new Retries(times, backOff)::around);
    }

    /**
     * Clients in this JVM that train with models of one pool: a {@link LocalClient} for each id, made when it is chosen. They
     * follow the objective of the server's rule, provided that their models are {@link org.fl4j.model.GradientModel}s, and
     * remember what it remembers in one store: {@link ClientStateStore#ofLatestRun()}, unless {@link #rememberingIn} names
     * another, such as one on disk for runs that outlive their process.
     *
     * @param <D> the type of a client's data
     * @param ids unique ids, not copied
     * @param data the data of a client; called from several threads, the same every time
     * @param models where to borrow a model
     */
    static <D> ClientProvider local(
            List<ClientId> ids, Function<? super ClientId, ? extends D> data, ModelPool<? extends Model<D>> models) {
        return new LocalClients<>(ids, data, Optional.empty(), models, LocalObjectives.onHeap(), false, false);
    }

    /**
     * Clients in this JVM as of {@link #local(List, Function, ModelPool)}, which evaluate on data that they do not train on.
     *
     * @param <D> the type of a client's data
     * @param ids unique ids, not copied
     * @param data the data that a client trains on; called from several threads, the same every time
     * @param heldOut the data that it evaluates on, likewise
     * @param models where to borrow a model
     */
    static <D> ClientProvider local(
            List<ClientId> ids,
            Function<? super ClientId, ? extends D> data,
            Function<? super ClientId, ? extends D> heldOut,
            ModelPool<? extends Model<D>> models) {
        return new LocalClients<>(ids, data, Optional.of(heldOut), models, LocalObjectives.onHeap(), false, false);
    }

    /**
     * A population from a list and a function. Where the function returns a {@link LocalClient}, the client gets the
     * objective of the server's rule; one that remembers needs {@link #local}.
     *
     * @param ids unique ids, not copied
     * @param clients makes a client of an id; called from several threads
     */
    static ClientProvider of(List<ClientId> ids, Function<? super ClientId, ? extends Client> clients) {
        return new ClientProvider() {
            @Override
            public List<ClientId> ids() {
                return ids;
            }

            @Override
            public Client client(ClientId id) {
                return clients.apply(id);
            }

            @Override
            public ClientProvider withObjective(LocalObjective objective) {
                return of(ids, id -> {
                    Client client = clients.apply(id);
                    return client instanceof LocalClient<?> local ? local.withObjectives(List.of(objective)) : client;
                });
            }
        };
    }
}
