package org.fl4j.client;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Who a client is. The id enters the derivation of the client's seeds, so it must stay the same over a run.
 *
 * @param value not blank
 */
public record ClientId(String value) implements Comparable<ClientId> {

    /**
     * Checks that there is an id.
     *
     * @param value as above
     * @throws IllegalArgumentException if it is blank
     */
    public ClientId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a client's id must not be blank");
        }
    }

    /**
     * Numbered ids, such as {@code client-0}, {@code client-1}, ..., without storing them.
     *
     * @param prefix such as {@code "client-"}
     * @param count how many, at least 0
     * @return an unmodifiable list whose elements are made when asked for
     */
    public static List<ClientId> numbered(String prefix, int count) {
        if (count < 0) {
            throw new IllegalArgumentException("count must be at least 0. Provided value: " + count);
        }
        return new Numbered(prefix, count);
    }

    @Override
    public int compareTo(ClientId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    private static final class Numbered extends AbstractList<ClientId> implements RandomAccess {

        private final String prefix;
        private final int count;

        Numbered(String prefix, int count) {
            this.prefix = prefix;
            this.count = count;
        }

        @Override
        public ClientId get(int index) {
            return new ClientId(prefix + Objects.checkIndex(index, count));
        }

        @Override
        public int size() {
            return count;
        }
    }
}
