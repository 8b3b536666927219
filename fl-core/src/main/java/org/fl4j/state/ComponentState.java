package org.fl4j.state;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;

/**
 * What a component (an optimizer, an aggregator, a selector, a ledger, a client's objective) remembers from round to
 * round: named values of a few plain types, with the component's name and the version of its form. It is what a
 * checkpoint writes down, so a component keeps nothing across rounds outside it.
 *
 * <p>Equal if kind, version and all values are equal, numbers bit for bit.
 *
 * <p>Immutable and thread-safe: arrays are copied on the way in and out. A large vector need not be copied as a whole: it
 * is read by {@link #copyDoubles stretches}, and written into a {@link Doubles} that the state takes over.
 */
public final class ComponentState {

    /** A vector on its way into a state. Not thread-safe. */
    public static final class Doubles {

        private final double[] values;
        private boolean taken;

        /** All zero. */
        public Doubles(int length) {
            this.values = new double[length];
        }

        /**
         * Sets some values.
         *
         * @param from the index of the first
         * @param source where they are, from index 0 on
         * @throws IllegalStateException if a state has taken this vector
         */
        public void put(int from, double[] source, int n) {
            if (taken) {
                throw new IllegalStateException("a state has taken this vector; its values cannot change any more");
            }
            System.arraycopy(source, 0, values, from, n);
        }
    }

    /** The state of a component that has none yet. */
    public static final ComponentState EMPTY = new ComponentState("", 1, new TreeMap<>());

    private static final int LONG = 1;
    private static final int DOUBLE = 2;
    private static final int TEXT = 3;
    private static final int DOUBLES = 4;
    private static final int BYTES = 5;
    private static final int FLOATS = 6;
    private static final int STATE = 7;

    private final String kind;
    private final int version;
    private final SortedMap<String, Object> values;

    private ComponentState(String kind, int version, SortedMap<String, Object> values) {
        this.kind = kind;
        this.version = version;
        this.values = values;
    }

    /**
     * A state without values yet.
     *
     * @param kind the component's name, such as {@code "fedadam"}
     * @param version the version of the component's form, at least 1
     * @return the state
     * @throws IllegalArgumentException if the version is below 1
     */
    public static ComponentState of(String kind, int version) {
        Check.atLeast("version", version, 1);
        return new ComponentState(Objects.requireNonNull(kind), version, new TreeMap<>());
    }

    /**
     * The component's name.
     *
     * @return empty for {@link #EMPTY}
     */
    public String kind() {
        return kind;
    }

    /**
     * The version of the component's form.
     *
     * @return at least 1
     */
    public int version() {
        return version;
    }

    /**
     * Makes sure that this state is the component's own or none yet, before the component continues from it.
     *
     * @param itsKind the component's name
     * @param itsVersion the version of its form
     * @return this
     * @throws IllegalStateException if there is something in it and it is of another component or version
     */
    public ComponentState expect(String itsKind, int itsVersion) {
        if (!isEmpty() && !(kind.equals(itsKind) && version == itsVersion)) {
            throw new IllegalStateException("'" + itsKind + "' version " + itsVersion
                    + " cannot continue from the state of '" + kind + "' version " + version
                    + "; was the run resumed with other settings?");
        }
        return this;
    }

    /**
     * Whether there is nothing in it.
     *
     * @return true for {@link #EMPTY} and for a fresh state
     */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /**
     * This state with one more integer.
     *
     * @param name its name
     * @param value its value
     * @return a new state
     */
    public ComponentState with(String name, long value) {
        return put(name, value);
    }

    /**
     * This state with one more real number.
     *
     * @param name its name
     * @param value its value
     * @return a new state
     */
    public ComponentState with(String name, double value) {
        return put(name, value);
    }

    /**
     * This state with one more text.
     *
     * @param name its name
     * @param value its value
     * @return a new state
     */
    public ComponentState with(String name, String value) {
        return put(name, Objects.requireNonNull(value));
    }

    /**
     * This state with one more vector.
     *
     * @param name its name
     * @param value its values, copied
     * @return a new state
     */
    public ComponentState with(String name, double[] value) {
        return put(name, value.clone());
    }

    /**
     * This state with one more vector, taken over without a copy: it cannot be written any more.
     *
     * @param name its name
     * @param value its values
     * @return a new state
     */
    public ComponentState with(String name, Doubles value) {
        value.taken = true;
        return put(name, value.values);
    }

    /**
     * This state with one more vector of FP32 values.
     *
     * @param name its name
     * @param value its values, copied
     * @return a new state
     */
    public ComponentState with(String name, float[] value) {
        return put(name, value.clone());
    }

    /**
     * This state with one more piece of binary data.
     *
     * @param name its name
     * @param value its bytes, copied
     * @return a new state
     */
    public ComponentState with(String name, byte[] value) {
        return put(name, value.clone());
    }

    /**
     * This state with another one in it.
     *
     * @param name its name
     * @param value what is remembered under that name
     * @return a new state
     */
    public ComponentState with(String name, ComponentState value) {
        return put(name, value);
    }

    /**
     * A state in this one.
     *
     * @param name its name
     * @return {@link #EMPTY} if there is nothing of that name
     * @throws IllegalStateException if what has that name is no state
     */
    public ComponentState state(String name) {
        return has(name) ? get(name, ComponentState.class) : EMPTY;
    }

    /** Whether there is a value of that name. */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /**
     * An integer.
     *
     * @param name its name
     * @return its value
     * @throws IllegalStateException if there is none of that name and type
     */
    public long longValue(String name) {
        return get(name, Long.class);
    }

    /**
     * A real number.
     *
     * @param name its name
     * @return its value
     * @throws IllegalStateException if there is none of that name and type
     */
    public double doubleValue(String name) {
        return get(name, Double.class);
    }

    /**
     * A text.
     *
     * @param name its name
     * @return its value
     * @throws IllegalStateException if there is none of that name and type
     */
    public String text(String name) {
        return get(name, String.class);
    }

    /**
     * A vector.
     *
     * @param name its name
     * @return a copy of its values
     * @throws IllegalStateException if there is none of that name and type
     */
    public double[] doubles(String name) {
        return get(name, double[].class).clone();
    }

    /**
     * How many values a vector has.
     *
     * @throws IllegalStateException if there is none of that name and type
     */
    public int countDoubles(String name) {
        return get(name, double[].class).length;
    }

    /**
     * Copies some values of a vector to the beginning of an array.
     *
     * @param from the index of the first
     * @throws IllegalStateException if there is none of that name and type
     * @throws IndexOutOfBoundsException if it has fewer values, or the array has less room
     */
    public void copyDoubles(String name, int from, double[] into, int n) {
        System.arraycopy(get(name, double[].class), from, into, 0, n);
    }

    /**
     * A vector of FP32 values.
     *
     * @param name its name
     * @return a copy of its values
     * @throws IllegalStateException if there is none of that name and type
     */
    public float[] floats(String name) {
        return get(name, float[].class).clone();
    }

    /**
     * Binary data.
     *
     * @param name its name
     * @return a copy of its bytes
     * @throws IllegalStateException if there is none of that name and type
     */
    public byte[] bytes(String name) {
        return get(name, byte[].class).clone();
    }

    /**
     * Writes this state as fields of a larger record.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeString(kind);
        out.writeInt(version);
        out.writeInt(values.size());
        values.forEach((name, value) -> {
            out.writeString(name);
            writeValue(out, value);
        });
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return the state
     */
    public static ComponentState readFrom(BinaryReader in) {
        String kind = in.readString();
        ComponentState state = of(kind, in.readInt());
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            state.values.put(in.readString(), readValue(in));
        }
        return state;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ComponentState that
                && kind.equals(that.kind)
                && version == that.version
                && values.keySet().equals(that.values.keySet())
                && values.entrySet().stream()
                        .allMatch(e -> Objects.deepEquals(e.getValue(), that.values.get(e.getKey())));
    }

    @Override
    public int hashCode() {
        int hash = 31 * kind.hashCode() + version;
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            hash = 31 * hash + entry.getKey().hashCode() + 7 * Arrays.deepHashCode(new Object[] {entry.getValue()});
        }
        return hash;
    }

    /** The names of the values, not the values: a state may hold what must not reach a log. */
    @Override
    public String toString() {
        return "ComponentState[" + kind + " v" + version + ", " + values.keySet() + "]";
    }

    private ComponentState put(String name, Object value) {
        SortedMap<String, Object> more = new TreeMap<>(values);
        more.put(Objects.requireNonNull(name), value);
        return new ComponentState(kind, version, more);
    }

    private <T> T get(String name, Class<T> type) {
        Object value = values.get(name);
        if (!type.isInstance(value)) {
            throw new IllegalStateException("state of '" + kind + "' version " + version + " has no "
                    + type.getSimpleName() + " named '" + name + "'; it holds " + values.keySet());
        }
        return type.cast(value);
    }

    private static void writeValue(BinaryWriter out, Object value) {
        if (value instanceof Long number) {
            out.writeInt(LONG);
            out.writeLong(number);
        } else if (value instanceof Double number) {
            out.writeInt(DOUBLE);
            out.writeDouble(number);
        } else if (value instanceof String text) {
            out.writeInt(TEXT);
            out.writeString(text);
        } else if (value instanceof double[] numbers) {
            out.writeInt(DOUBLES);
            out.writeDoubles(numbers);
        } else if (value instanceof float[] numbers) {
            out.writeInt(FLOATS);
            out.writeFloats(numbers);
        } else if (value instanceof ComponentState state) {
            out.writeInt(STATE);
            state.writeTo(out);
        } else {
            out.writeInt(BYTES);
            out.writeBytes((byte[]) value);
        }
    }

    private static Object readValue(BinaryReader in) {
        int type = in.readInt();
        return switch (type) {
            case LONG -> in.readLong();
            case DOUBLE -> in.readDouble();
            case TEXT -> in.readString();
            case DOUBLES -> in.readDoubles();
            case BYTES -> in.readBytes();
            case FLOATS -> in.readFloats();
            case STATE -> readFrom(in);
            default -> throw in.corrupt("a state value has the unknown type " + type);
        };
    }
}
