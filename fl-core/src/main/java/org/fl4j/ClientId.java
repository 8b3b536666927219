package org.fl4j;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.RandomAccess;

/**
 * Who a client is. The id enters the derivation of the client's seeds, so it must stay the same over a run; and it
 * travels as UTF-8, so it must be text that UTF-8 can write.
 *
 * @param value not blank, at most {@value #LONGEST} characters, without unpaired surrogates
 */
public record ClientId(String value) implements Comparable<ClientId> {

    /** The longest id, in {@code char}s: {@value}. Messages of a masked round have room for it. */
    public static final int LONGEST = 1024;

    private static final int SHOWN = 32;

    /**
     * Checks the id.
     *
     * @throws IllegalArgumentException if it is blank, too long or no Unicode text
     */
    public ClientId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a client's id must not be blank");
        }
        if (value.length() > LONGEST) {
            throw new IllegalArgumentException("a client's id must have at most " + LONGEST + " characters, but has "
                    + value.length() + "; it starts with '" + start(value) + "'");
        }
        OptionalInt unpaired = unpairedSurrogate(value);
        if (unpaired.isPresent()) {
            throw new IllegalArgumentException("a client's id must be text that UTF-8 can write, but character "
                    + unpaired.getAsInt() + " is an unpaired surrogate; was the text cut or decoded wrongly?");
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
            throw new IllegalArgumentException("count must be at least 0, but was " + count);
        }
        return new Numbered(prefix, count);
    }

    private static String start(String value) {
        int end = Character.isHighSurrogate(value.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
        return value.substring(0, end);
    }

    private static OptionalInt unpairedSurrogate(String value) {
        int at = 0;
        while (at < value.length()) {
            int character = value.codePointAt(at);
            if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                return OptionalInt.of(at);
            }
            at += Character.charCount(character);
        }
        return OptionalInt.empty();
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
