package org.fl4j.internal;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Numbers by name, in ascending order of names: the parameters of what is named in a message, and the scalars of one. */
public final class NamedNumbers {

    private NamedNumbers() {}

    /**
     * A copy of the parameters of something that has a name.
     *
     * @param what it is, such as {@code "objective"}, for messages
     * @throws IllegalArgumentException if the name is blank or a parameter is not finite
     */
    public static SortedMap<String, Double> parameters(String what, String name, Map<String, Double> parameters) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("the name of the " + what + " must not be blank");
        }
        SortedMap<String, Double> copy = new TreeMap<>(parameters);
        copy.forEach((parameter, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(
                        what + " '" + name + "': " + parameter + " must be finite, but was " + value);
            }
        });
        return Collections.unmodifiableSortedMap(copy);
    }

    /** The name and, in parentheses, the parameters: {@code proximal(mu=0.01)}. */
    public static String text(String name, SortedMap<String, Double> parameters) {
        return parameters.isEmpty()
                ? name
                : parameters.entrySet().stream()
                        .map(p -> p.getKey() + "=" + p.getValue())
                        .collect(Collectors.joining(", ", name + "(", ")"));
    }

    /** Writes numbers as fields of a larger record. */
    public static void write(BinaryWriter out, Map<String, Double> numbers) {
        out.writeInt(numbers.size());
        new TreeMap<>(numbers).forEach((name, value) -> {
            out.writeString(name);
            out.writeDouble(value);
        });
    }

    /** Reads what {@link #write} wrote. */
    public static SortedMap<String, Double> read(BinaryReader in) {
        SortedMap<String, Double> numbers = new TreeMap<>();
        for (int left = in.readCount(); left > 0; left--) {
            numbers.put(in.readString(), in.readDouble());
        }
        return numbers;
    }
}
