package org.fl4j.compression;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * How updates are encoded, as data that crosses a wire: a name and parameters, from which {@link Codec#of} makes the
 * codec at either end.
 *
 * @param name such as {@code "eden"}
 * @param parameters such as {@code bits}; finite
 */
public record CodecSpec(String name, SortedMap<String, Double> parameters) {

    /** Every coordinate as it is, in 32 bits. */
    public static final CodecSpec NONE = new CodecSpec("none", new TreeMap<>());

    /**
     * Copies the parameters.
     *
     * @throws IllegalArgumentException if the name is blank or a parameter is not finite
     */
    public CodecSpec {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a codec's name must not be blank");
        }
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        for (Map.Entry<String, Double> parameter : parameters.entrySet()) {
            if (!Double.isFinite(parameter.getValue())) {
                throw new IllegalArgumentException("codec '" + name + "': " + parameter.getKey()
                        + " must be finite, but was " + parameter.getValue());
            }
        }
    }

    /**
     * Writes this as fields of a larger record.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeString(name);
        out.writeInt(parameters.size());
        parameters.forEach((parameter, value) -> {
            out.writeString(parameter);
            out.writeDouble(value);
        });
    }

    /**
     * Reads what {@link #writeTo} wrote. The codec may be one that {@link Codec#of} does not know.
     *
     * @param in where from
     * @return the spec
     */
    public static CodecSpec readFrom(BinaryReader in) {
        String name = in.readString();
        SortedMap<String, Double> parameters = new TreeMap<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            parameters.put(in.readString(), in.readDouble());
        }
        return new CodecSpec(name, parameters);
    }

    /** The name and, in parentheses, the parameters: {@code eden(bits=1.0)}. */
    @Override
    public String toString() {
        return parameters.isEmpty()
                ? name
                : parameters.entrySet().stream()
                        .map(p -> p.getKey() + "=" + p.getValue())
                        .collect(Collectors.joining(", ", name + "(", ")"));
    }
}
