package org.fl4j.client;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.FederatedLearningException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.NamedNumbers;

/**
 * What clients minimise, as data that crosses a wire: a name, looked up among the client's {@link LocalObjectives}, and
 * parameters. A client echoes the objective it trained with in its update, and the server compares.
 *
 * @param name such as {@code "proximal"}
 * @param parameters such as {@code mu}; finite
 */
public record ObjectiveSpec(String name, SortedMap<String, Double> parameters) {

    /** The mean loss over the client's own data, nothing added: what FedAvg's clients minimise. */
    public static final ObjectiveSpec EMPIRICAL_RISK = new ObjectiveSpec("empirical-risk", new TreeMap<>());

    /**
     * Copies the parameters.
     *
     * @throws IllegalArgumentException if the name is blank or a parameter is not finite
     */
    public ObjectiveSpec {
        parameters = NamedNumbers.parameters("objective", name, parameters);
    }

    /**
     * An objective with one parameter.
     *
     * @param name the objective
     * @param parameter the parameter's name
     * @param value its value
     * @return the objective
     */
    public static ObjectiveSpec of(String name, String parameter, double value) {
        return new ObjectiveSpec(name, new TreeMap<>(Map.of(parameter, value)));
    }

    /**
     * A parameter's value.
     *
     * @param parameter its name
     * @return its value
     * @throws IllegalArgumentException if there is none of that name
     */
    public double parameter(String parameter) {
        Double value = parameters.get(parameter);
        if (value == null) {
            throw new IllegalArgumentException("objective " + this + " has no parameter '" + parameter + "'");
        }
        return value;
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
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return the objective
     */
    public static ObjectiveSpec readFrom(BinaryReader in) {
        return new ObjectiveSpec(in.readString(), NamedNumbers.read(in));
    }

    /** The name and, in parentheses, the parameters: {@code proximal(mu=0.01)}. */
    @Override
    public String toString() {
        return NamedNumbers.text(name, parameters);
    }

    /**
     * A task asks for what the client does not know or cannot do: an objective, a codec, something personal. It does not train in
     * another way instead.
     */
    public static final class UnknownException extends FederatedLearningException {

        private static final long serialVersionUID = 1L;

        /**
         * An exception with a message.
         *
         * @param message who, when, what was asked, what is known
         */
        public UnknownException(String message) {
            super(message);
        }
    }
}
