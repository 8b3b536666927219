package org.fl4j.client;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.fl4j.ClientId;
import org.fl4j.compression.CodecSpec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.NamedNumbers;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/**
 * What a client sends back: how far local training moved the weights, and on how many examples.
 *
 * <p>It reveals much about the client's data; privacy and secure aggregation are about not sending it in the clear.
 *
 * @param client who
 * @param round the task's round
 * @param token the task's token: it tells an answer to this attempt at the round from one to an earlier attempt or to another run
 * @param delta local - global weights, {@code [d]}
 * @param numExamples the size n of the client's data; the server rejects updates with fewer than 1
 * @param vectors further vectors an objective produced, such as the change of SCAFFOLD's client variate
 * @param scalars further numbers, such as {@value #LOSS}
 * @param objective the objective that was minimised
 * @param compressed the delta as it travels, if a codec encodes it; {@code delta} is what that decodes to
 */
public record ClientUpdate(
        ClientId client,
        int round,
        long token,
        ModelDelta delta,
        long numExamples,
        Map<String, ModelDelta> vectors,
        Map<String, Double> scalars,
        ObjectiveSpec objective,
        Optional<CompressedDelta> compressed) {

    /** The scalar that holds the mean training loss. Absent where no step was taken: there is no loss to speak of. */
    public static final String LOSS = "loss";

    /**
     * The scalar that holds how many gradients the delta adds up: with plain SGD the number of steps, with a pull towards
     * the global weights fewer (the norm ||a||_1 of Wang et al., NeurIPS 2020, section 4.1). 0 where no step was taken;
     * otherwise absent where the optimizer is another.
     */
    public static final String STEPS = "steps";

    /**
     * The scalar that a report of asynchronous rounds adds: how many rounds after its task's start the update entered the buffer.
     */
    public static final String STALENESS = "staleness";

    private static final String KIND = "client-update";
    /** Version 1 had no codec. */
    private static final int VERSION = 2;

    /**
     * Copies the maps. Null is rejected here, in the code that made the update.
     *
     * @throws NullPointerException if one is null; the message names it
     */
    public ClientUpdate {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(delta, "delta");
        vectors = Map.copyOf(Objects.requireNonNull(vectors, "vectors"));
        scalars = Map.copyOf(Objects.requireNonNull(scalars, "scalars"));
        Objects.requireNonNull(objective, "objective");
        Objects.requireNonNull(compressed, "compressed");
    }

    /**
     * An update whose delta travels as it is.
     *
     * @throws NullPointerException if an argument is null; the message names it
     */
    public ClientUpdate(
            ClientId client,
            int round,
            long token,
            ModelDelta delta,
            long numExamples,
            Map<String, ModelDelta> vectors,
            Map<String, Double> scalars,
            ObjectiveSpec objective) {
        this(client, round, token, delta, numExamples, vectors, scalars, objective, Optional.empty());
    }

    /** The codec that encodes the delta. */
    public CodecSpec codec() {
        return compressed.map(CompressedDelta::codec).orElse(CodecSpec.NONE);
    }

    /**
     * Returns a copy with a delta that a codec encodes.
     *
     * @param sent this update's delta, or what a client sends in its place
     */
    public ClientUpdate encodedAs(CompressedDelta sent) {
        return new ClientUpdate(
                client, round, token, sent.decoded(), numExamples, vectors, scalars, objective, Optional.of(sent));
    }

    /**
     * Returns a copy with another delta, encoded by the same codec if there is one: what arrives at the server is then not
     * quite this. One that is not finite has no encoding.
     */
    public ClientUpdate withDelta(ModelDelta other) {
        return compressed.isPresent() && other.isFinite()
                ? encodedAs(compressed.get().of(other))
                : new ClientUpdate(client, round, token, other, numExamples, vectors, scalars, objective);
    }

    /**
     * An update without further vectors and scalars, from a client that minimised the task's objective.
     *
     * @param client who
     * @param task what was asked
     * @param delta local - global weights
     * @param numExamples the size of the client's data
     * @return the update
     */
    public static ClientUpdate of(ClientId client, TrainingTask task, ModelDelta delta, long numExamples) {
        return new ClientUpdate(
                client, task.round(), task.token(), delta, numExamples, Map.of(), Map.of(), task.objective());
    }

    /**
     * One of the further numbers.
     *
     * @param name its name, such as {@value #LOSS}
     * @return empty if the client sent none of that name
     */
    public OptionalDouble scalar(String name) {
        Double value = scalars.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /**
     * One of the further vectors.
     *
     * @param name its name
     * @return empty if the client sent none of that name
     */
    public Optional<ModelDelta> vector(String name) {
        return Optional.ofNullable(vectors.get(name));
    }

    /**
     * Returns a copy with a shorter delta; the number of examples and all else stay.
     *
     * @param damping in (0, 1]; 1 changes nothing
     */
    public ClientUpdate damped(double damping) {
        return damping == 1
                ? this
                : new ClientUpdate(
                        client, round, token, delta.times(damping), numExamples, vectors, scalars, objective);
    }

    /**
     * The update in binary form, for a transport.
     *
     * @return the same bytes for equal updates
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, this::writeFields);
    }

    /** The length of {@link #toBytes}, counted without encoding. */
    public long encodedLength() {
        return BinaryWriter.length(KIND, VERSION, this::writeFields);
    }

    private void writeFields(BinaryWriter out) {
        out.writeString(client.value());
        out.writeInt(round);
        out.writeLong(token);
        delta.layout().writeTo(out);
        out.writeFlag(compressed.isPresent());
        if (compressed.isPresent()) {
            compressed.get().writeTo(out);
        } else {
            delta.writeTo(out);
        }
        out.writeLong(numExamples);
        NamedVectors.write(out, vectors);
        NamedNumbers.write(out, scalars);
        objective.writeTo(out);
    }

    /**
     * The length of the shortest update that can answer a task: without vectors and scalars, the client's id not counted. It says
     * nothing about any client.
     *
     * @param task what is asked
     * @return in bytes
     */
    public static long shortestAnswerTo(TrainingTask task) {
        ParameterLayout layout = task.global().layout();
        return BinaryWriter.length(KIND, VERSION, out -> {
            out.writeString("");
            out.writeInt(task.round());
            out.writeLong(task.token());
            layout.writeTo(out);
            out.writeFlag(false);
            out.writeOfLength(Integer.BYTES + (long) layout.length() * layout.bytesPerValue(), values -> {});
            out.writeLong(1);
            NamedVectors.write(out, Map.of());
            NamedNumbers.write(out, Map.of());
            task.objective().writeTo(out);
        });
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal update
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     */
    public static ClientUpdate fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            ClientId client = new ClientId(in.readString());
            int round = in.readInt();
            long token = in.readLong();
            ParameterLayout layout = ParameterLayout.readFrom(in);
            Optional<CompressedDelta> compressed = in.version() > 1 && in.readFlag()
                    ? Optional.of(CompressedDelta.readFrom(in, layout))
                    : Optional.empty();
            return new ClientUpdate(
                    client,
                    round,
                    token,
                    compressed.isPresent() ? compressed.get().decoded() : ModelDelta.readFrom(in, layout),
                    in.readLong(),
                    NamedVectors.read(in),
                    NamedNumbers.read(in),
                    ObjectiveSpec.readFrom(in),
                    compressed);
        });
    }

    /**
     * What a report keeps of an update that was taken: not the delta.
     *
     * @param numExamples the size of the client's data; empty under a secure rule, where it does not reach the server
     * @param scalars the update's scalars; empty under a secure rule
     */
    public record Receipt(OptionalLong numExamples, Map<String, Double> scalars) {

        /** The receipt of an update the server has not seen. */
        public static final Receipt MASKED = new Receipt(OptionalLong.empty(), Map.of());

        /**
         * Copies the map.
         */
        public Receipt {
            scalars = Map.copyOf(scalars);
        }

        public static Receipt of(ClientUpdate update) {
            return new Receipt(OptionalLong.of(update.numExamples()), update.scalars());
        }
    }
}
