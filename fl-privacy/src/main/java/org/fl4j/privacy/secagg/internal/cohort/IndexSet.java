package org.fl4j.privacy.secagg.internal.cohort;

import java.util.BitSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** A set of the cohort's clients, by their positions in it. Immutable. */
public final class IndexSet {

    private final int clients;
    private final BitSet members;

    private IndexSet(int clients, BitSet members) {
        this.clients = clients;
        this.members = members;
    }

    public static IndexSet all(int clients) {
        BitSet members = new BitSet(clients);
        members.set(0, clients);
        return new IndexSet(clients, members);
    }

    /** Of {@code clients} clients. */
    public static IndexSet of(int clients, IntStream indices) {
        BitSet members = new BitSet(clients);
        indices.forEach(members::set);
        if (members.length() > clients) {
            throw new IllegalArgumentException("index " + (members.length() - 1) + " of " + clients + " clients");
        }
        return new IndexSet(clients, members);
    }

    /**
     * What {@link #toBytes} wrote.
     *
     * @throws IllegalArgumentException if the bytes are not those of a set of that many clients
     */
    public static IndexSet fromBytes(int clients, byte[] bytes) {
        BitSet members = BitSet.valueOf(bytes);
        if (bytes.length != (clients + 7) / 8 || members.length() > clients) {
            throw new IllegalArgumentException("not a set of " + clients + " clients: " + bytes.length + " bytes");
        }
        return new IndexSet(clients, members);
    }

    /** A bit a client, little-endian, as many bytes as all clients need. */
    public byte[] toBytes() {
        byte[] bytes = new byte[(clients + 7) / 8];
        byte[] packed = members.toByteArray();
        System.arraycopy(packed, 0, bytes, 0, packed.length);
        return bytes;
    }

    public boolean contains(int index) {
        return members.get(index);
    }

    public int size() {
        return members.cardinality();
    }

    public IntStream stream() {
        return members.stream();
    }

    public int[] toArray() {
        return members.stream().toArray();
    }

    public IndexSet where(IntPredicate which) {
        return of(clients, members.stream().filter(which));
    }

    public IndexSet minus(IndexSet other) {
        return where(index -> !other.contains(index));
    }

    public boolean containsAll(IndexSet other) {
        return other.minus(this).size() == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexSet that && clients == that.clients && members.equals(that.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return members + " of " + clients;
    }
}
