package org.fl4j.compression;

import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.NamedNumbers;

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
        parameters = NamedNumbers.parameters("codec", name, parameters);
    }

    /**
     * Writes this as fields of a larger record.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeString(name);
        NamedNumbers.write(out, parameters);
    }

    /**
     * Reads what {@link #writeTo} wrote. The codec may be one that {@link Codec#of} does not know.
     *
     * @param in where from
     * @return the spec
     */
    public static CodecSpec readFrom(BinaryReader in) {
        return new CodecSpec(in.readString(), NamedNumbers.read(in));
    }

    /** The name and, in parentheses, the parameters: {@code eden(bits=1.0)}. */
    @Override
    public String toString() {
        return NamedNumbers.text(name, parameters);
    }
}
