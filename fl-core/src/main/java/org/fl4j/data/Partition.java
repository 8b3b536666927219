package org.fl4j.data;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.fl4j.internal.Check;

/**
 * Which examples each client of a simulation has: a division of {@code [0, examples)} in which every example lands in
 * exactly one client. {@code data.select(partition.examplesOf(k))} is client k's data.
 *
 * <p>Within a client, examples are listed in ascending order, whatever order they were dealt in: two partitions that
 * give each client the same examples are the same partition, and local training shuffles anyway.
 *
 * <ul>
 *   <li>A client may be empty here; the partitions that a {@link Partitioner} returns have no empty client.
 *   <li>A partition has at least one client; it may have no examples.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class Partition {

    private final int examples;
    private final int[][] clients;

    private Partition(int examples, int[][] clients) {
        this.examples = examples;
        this.clients = clients;
    }

    /**
     * A partition that lists each client's examples.
     *
     * @param examples how many examples are divided
     * @param clients for each client its examples, in any order; copied
     * @return the partition
     * @throws IllegalArgumentException if there is no client, or an example is out of range, in two clients, twice in
     *     one, or in none
     */
    public static Partition of(int examples, int[][] clients) {
        Check.atLeast("examples", examples, 0);
        if (clients.length < 1) {
            throw new IllegalArgumentException("a partition must have at least 1 client, but was 0");
        }
        int[][] sorted = new int[clients.length][];
        int[] owner = new int[examples];
        Arrays.fill(owner, -1);
        for (int k = 0; k < clients.length; k++) {
            sorted[k] = clients[k].clone();
            Arrays.sort(sorted[k]);
            claim(owner, sorted[k], k);
        }
        for (int i = 0; i < examples; i++) {
            if (owner[i] < 0) {
                throw new IllegalArgumentException("example " + i + " of " + examples + " is in none of the "
                        + clients.length + " clients; every example must be in exactly one");
            }
        }
        return new Partition(examples, sorted);
    }

    /**
     * The natural partition: one client for each distinct key, such as the writer, speaker or hospital that an example
     * came from. Clients are ordered by the first appearance of their key.
     *
     * @param keys the key of each example, in the examples' order
     * @return the partition together with the key of each client
     * @throws IllegalArgumentException if there are no keys
     */
    public static Keyed byKey(List<String> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("keys must hold one key for each example, but was []");
        }
        Map<String, IntStream.Builder> examplesOf = new LinkedHashMap<>();
        int example = 0;
        for (String key : keys) {
            examplesOf.computeIfAbsent(key, k -> IntStream.builder()).add(example);
            example++;
        }
        int[][] clients = examplesOf.values().stream()
                .map(members -> members.build().toArray())
                .toArray(int[][]::new);
        return new Keyed(List.copyOf(examplesOf.keySet()), of(example, clients));
    }

    /**
     * How many clients.
     *
     * @return at least 1
     */
    public int clients() {
        return clients.length;
    }

    /**
     * How many examples are divided among the clients.
     *
     * @return at least 0
     */
    public int examples() {
        return examples;
    }

    /**
     * How many examples a client has.
     *
     * @param client in {@code [0, clients())}
     * @return at least 0
     */
    public int size(int client) {
        return clients[client].length;
    }

    /**
     * A client's examples.
     *
     * @param client in {@code [0, clients())}
     * @return a copy, in ascending order
     */
    public int[] examplesOf(int client) {
        return clients[client].clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Partition that && examples == that.examples && Arrays.deepEquals(clients, that.clients);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(clients);
    }

    /**
     * A summary of the sizes.
     *
     * @return such as {@code Partition[examples=1000, clients=10, sizes 3 to 412, median 71]}; of an even number of
     *     clients the lower median
     */
    @Override
    public String toString() {
        int[] sizes = Arrays.stream(clients).mapToInt(c -> c.length).sorted().toArray();
        return "Partition[examples=" + examples + ", clients=" + sizes.length + ", sizes " + sizes[0] + " to "
                + sizes[sizes.length - 1] + ", median " + sizes[(sizes.length - 1) / 2] + "]";
    }

    private static void claim(int[] owner, int[] members, int client) {
        for (int example : members) {
            if (example < 0 || example >= owner.length) {
                throw new IllegalArgumentException(
                        "client " + client + ": example must be in [0, " + owner.length + "), but was " + example);
            }
            if (owner[example] >= 0) {
                String where = owner[example] == client
                        ? "twice in client " + client
                        : "in client " + owner[example] + " and in client " + client;
                throw new IllegalArgumentException(
                        "example " + example + " is " + where + "; every example must be in exactly one");
            }
            owner[example] = client;
        }
    }

    /**
     * A partition whose clients have names: the keys that {@link Partition#byKey} grouped the examples by.
     *
     * <p>Immutable and thread-safe.
     *
     * @param keys the key of each client, all different; client k of the partition is {@code keys.get(k)}
     * @param partition the examples of each client
     */
    public record Keyed(List<String> keys, Partition partition) {

        /**
         * Checks that keys and clients belong together.
         *
         * @param keys the key of each client
         * @param partition the examples of each client
         * @throws IllegalArgumentException if there is not exactly one key for each client, or two are equal
         */
        public Keyed {
            keys = List.copyOf(keys);
            if (keys.size() != partition.clients()) {
                throw new IllegalArgumentException("there must be one key for each of the " + partition.clients()
                        + " clients, but was " + keys.size() + " keys");
            }
            HashSet<String> seen = new HashSet<>();
            for (String key : keys) {
                if (!seen.add(key)) {
                    throw new IllegalArgumentException("the clients' keys must differ, but was '" + key + "' twice");
                }
            }
        }
    }
}
