package org.fl4j.privacy.secagg.internal.cohort;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.fl4j.internal.Check;

/**
 * Which clients of a cohort mask with each other and hold each other's shares: all with all, or a k-regular Harary graph
 * over a random order, in which the neighbours of an adversary's clients are random.
 *
 * <p>In the Harary graph the client at position p of the order has those at positions p-k/2..p+k/2 mod n as neighbours,
 * itself left out. It stays connected when any k - 1 clients leave (Harary, "The Maximum Connectivity of a Graph", PNAS
 * 48(7), 1962). The order is that of {@link SeededPermutation}: the seed determines the graph.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Source: Bell, Bonawitz, Gascon, Lepoint, Raykova, "Secure Single-Server Aggregation with (Poly)Logarithmic
 * Overhead", CCS 2020, section 3.
 */
public final class NeighbourGraph {

    private final int degree;
    private final int[] order;
    private final int[] position;

    private NeighbourGraph(int degree, int[] order) {
        this.degree = degree;
        this.order = order;
        this.position = new int[order.length];
        for (int p = 0; p < order.length; p++) {
            position[order[p]] = p;
        }
    }

    /** Every client is a neighbour of every other. */
    public static NeighbourGraph complete(int n) {
        requireTwo(n);
        return new NeighbourGraph(n - 1, IntStream.range(0, n).toArray());
    }

    /**
     * The Harary graph of a seed.
     *
     * @param n clients, at least 2
     * @param degree neighbours of each, even, from 2 to n - 1
     * @param seed 32 bytes, used for nothing else
     * @return the graph
     */
    public static NeighbourGraph harary(int n, int degree, byte[] seed) {
        requireTwo(n);
        if (degree < 2 || degree > n - 1 || degree % 2 != 0) {
            throw new IllegalArgumentException("the degree of a Harary graph must be even and from 2 to n - 1 = "
                    + (n - 1) + ", but was " + degree);
        }
        return new NeighbourGraph(degree, SeededPermutation.of(n, seed));
    }

    private static void requireTwo(int n) {
        Check.atLeast("clients", n, 2);
    }

    /** How many clients there are. */
    int n() {
        return order.length;
    }

    /** How many neighbours each client has. */
    int degree() {
        return degree;
    }

    /** Whether every two clients are neighbours. */
    boolean isComplete() {
        return degree == n() - 1;
    }

    /** The indices of a client's neighbours, ascending, without its own. */
    public int[] neighbours(int index) {
        if (index < 0 || index >= n()) {
            throw new IllegalArgumentException("an index must be from 0 to " + (n() - 1) + ", but was " + index);
        }
        if (isComplete()) {
            return IntStream.range(0, n()).filter(other -> other != index).toArray();
        }
        int[] neighbours = new int[degree];
        for (int i = 0; i < degree / 2; i++) {
            neighbours[2 * i] = order[Math.floorMod(position[index] - 1 - i, n())];
            neighbours[2 * i + 1] = order[(position[index] + 1 + i) % n()];
        }
        Arrays.sort(neighbours);
        return neighbours;
    }
}
