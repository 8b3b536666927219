package org.fl4j.client;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;

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
     * Whether the clients train elsewhere, so that a thread of this JVM only waits for each: a server that makes its own
     * runner then gives every client of the cohort a thread, up to 256, and not one a processor.
     *
     * @return false unless an implementation says otherwise; the same over a run
     */
    default boolean areRemote() {
        return false;
    }

    /**
     * These clients, declared to be elsewhere.
     *
     * @return the same population, whose {@link #areRemote} is true
     */
    default ClientProvider remote() {
        ClientProvider here = this;
        return new ClientProvider() {
            @Override
            public List<ClientId> ids() {
                return here.ids();
            }

            @Override
            public Client client(ClientId id) {
                return here.client(id);
            }

            @Override
            public Optional<String> objection(TrainingTask task) {
                return here.objection(task);
            }

            @Override
            public boolean areRemote() {
                return true;
            }
        };
    }

    /**
     * A population from a list and a function.
     *
     * @param ids unique ids, not copied
     * @param clients makes a client of an id; called from several threads
     * @return the population
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
        };
    }
}
