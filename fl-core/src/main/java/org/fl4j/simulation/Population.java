package org.fl4j.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.Examples;
import org.fl4j.data.Partition;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;

/**
 * Who the simulated clients are and which examples each holds:
 *
 * <pre>{@code
 * Population population = Population.of(data, Partitioner.dirichlet(0.1).partition(data, 100, seed));
 * ClientProvider clients = population.over(models);
 * }</pre>
 *
 * <p>Clients are {@code client-0}, {@code client-1}, ... unless the partition names them. Thread-safe as far as the
 * function behind {@link #generated} is.
 */
public final class Population {

    private static final String PREFIX = "client-";
    private static final Pattern NUMBERED = Pattern.compile(PREFIX + "(0|[1-9]\\d{0,9})");

    private final List<ClientId> ids;
    private final Function<ClientId, Examples> data;

    private Population(List<ClientId> ids, Function<ClientId, Examples> data) {
        this.ids = ids;
        this.data = data;
    }

    /**
     * One data set divided. Clients share its rows; nothing is copied.
     *
     * @param all the data set
     * @param partition which examples each client has
     * @return the population
     */
    public static Population of(Examples all, Partition partition) {
        return generated(partition.clients(), client -> all.select(partition.examplesOf(client)));
    }

    /**
     * One data set divided by a natural key, whose values name the clients.
     *
     * @param all the data set
     * @param keyed which examples each client has, and its name
     * @return the population
     */
    public static Population of(Examples all, Partition.Keyed keyed) {
        Map<ClientId, Integer> numbers = new LinkedHashMap<>();
        keyed.keys().forEach(key -> numbers.put(new ClientId(key), numbers.size()));
        return new Population(List.copyOf(numbers.keySet()), id -> {
            Integer number = numbers.get(id);
            if (number == null) {
                throw unknown(id);
            }
            return all.select(keyed.partition().examplesOf(number));
        });
    }

    /**
     * Clients with a data set each.
     *
     * @param each the examples of client 0, 1, ...
     * @return the population
     */
    public static Population of(List<Examples> each) {
        List<Examples> copy = List.copyOf(each);
        return generated(copy.size(), copy::get);
    }

    /**
     * Clients whose data are made when they are chosen: a million clients cost nothing until then.
     *
     * @param clients how many
     * @param examples the examples of client 0, 1, ...; called from several threads, the same every time
     * @return the population
     */
    public static Population generated(int clients, IntFunction<Examples> examples) {
        return new Population(ClientId.numbered(PREFIX, clients), id -> examples.apply(number(id, clients)));
    }

    /**
     * Returns these clients, some of which have other data, such as poisoned ones:
     *
     * <pre>{@code
     * population.withData(Set.of(new ClientId("client-3")), Examples::withFlippedLabels)
     * }</pre>
     *
     * @param clients those with other data
     * @param change makes their data of what they are here, whenever they are asked for; called from several threads
     */
    public Population withData(Set<ClientId> clients, UnaryOperator<Examples> change) {
        Set<ClientId> changed = Set.copyOf(clients);
        return new Population(
                ids, client -> changed.contains(client) ? change.apply(data.apply(client)) : data.apply(client));
    }

    /**
     * All clients.
     *
     * @return in a fixed order
     */
    public List<ClientId> ids() {
        return ids;
    }

    /**
     * The examples of a client.
     *
     * @param client one of {@link #ids()}
     * @return its examples
     * @throws IllegalArgumentException if there is no such client
     */
    public Examples data(ClientId client) {
        return data.apply(client);
    }

    /**
     * Clients that train with models of a pool. They know the objective of the server's rule if the models are {@code
     * GradientModel}s; what it remembers of them is on the heap ({@link ClientStateStore#ofLatestRun()}).
     *
     * @param models where to borrow a model
     * @return for the server's builder
     */
    public ClientProvider over(ModelPool<? extends Model<Examples>> models) {
        return ClientProvider.local(ids, this::data, models);
    }

    /**
     * Clients that remember in another store, such as {@link ClientStateStore#inDirectory}.
     *
     * @param models where to borrow a model
     * @param states claimed by each run whose objective remembers; the caller closes it
     * @return for the server's builder
     */
    public ClientProvider over(ModelPool<? extends Model<Examples>> models, ClientStateStore states) {
        return ClientProvider.local(ids, this::data, models).rememberingIn(states);
    }

    /**
     * Clients that evaluate on data of their own which they do not train on.
     *
     * @param models where to borrow a model
     * @param heldOut of the same clients: what each evaluates on
     * @return for the server's builder
     */
    public ClientProvider over(ModelPool<? extends Model<Examples>> models, Population heldOut) {
        return ClientProvider.local(ids, this::data, heldOut::data, models);
    }

    private static int number(ClientId id, int clients) {
        Matcher matcher = NUMBERED.matcher(id.value());
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            if (number < clients) {
                return (int) number;
            }
        }
        throw unknown(id);
    }

    private static IllegalArgumentException unknown(ClientId id) {
        return new IllegalArgumentException("there is no client '" + id + "' in this population");
    }
}
