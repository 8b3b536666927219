package org.fl4j.client;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.fl4j.FederatedLearningException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

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
        if (name.isBlank()) {
            throw new IllegalArgumentException("an objective's name must not be blank");
        }
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        for (Map.Entry<String, Double> parameter : parameters.entrySet()) {
            if (!Double.isFinite(parameter.getValue())) {
                throw new IllegalArgumentException("objective '" + name + "': " + parameter.getKey()
                        + " must be finite, but was " + parameter.getValue());
            }
        }
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
        NamedValues.write(out, parameters);
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return the objective
     */
    public static ObjectiveSpec readFrom(BinaryReader in) {
        return new ObjectiveSpec(in.readString(), NamedValues.read(in));
    }

    /** The name and, in parentheses, the parameters: {@code proximal(mu=0.01)}. */
    @Override
    public String toString() {
        return parameters.isEmpty()
                ? name
                : parameters.entrySet().stream()
                        .map(p -> p.getKey() + "=" + p.getValue())
                        .collect(Collectors.joining(", ", name + "(", ")"));
    }

    /** A task asks for an objective that the client does not know; it does not train with another one instead. */
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
