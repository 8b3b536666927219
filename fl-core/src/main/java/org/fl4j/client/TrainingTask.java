package org.fl4j.client;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.compression.CompressedWeights;
import org.fl4j.compression.Uplink;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ClientStateStore;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;

/**
 * What the server asks of one client in one round.
 *
 * @param round counted from 1
 * @param attempt how many attempts at this round were abandoned before this one
 * @param token tells this attempt from every other, also of another run or before a crash: random, echoed in
 *     {@link ClientUpdate#token} and given to {@link ClientStateStore#stage}; no computation uses it
 * @param global the global weights, {@code [d]}
 * @param localTraining extent, batch size and learning rate
 * @param objective what to minimise; echoed in {@link ClientUpdate#objective}
 * @param personal what the client does for itself
 * @param uplink how the delta is encoded on its way to the server; echoed by {@link ClientUpdate#codec}
 * @param vectors named vectors of the server, such as SCAFFOLD's control variate
 * @param seed derived for this client and round; everything random in local training comes from it
 * @param delivery what is for this client alone
 */
public record TrainingTask(
        int round,
        int attempt,
        long token,
        ModelWeights global,
        LocalTraining localTraining,
        ObjectiveSpec objective,
        PersonalTraining personal,
        Uplink uplink,
        Map<String, ModelDelta> vectors,
        long seed,
        Delivery delivery) {

    private static final String KIND = "training-task";
    /** Version 1 had nothing personal and no codec, version 2 no delivery. */
    private static final int VERSION = 3;

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if the round is below 1 or the attempt negative
     */
    public TrainingTask {
        if (round < 1) {
            throw new IllegalArgumentException("rounds are counted from 1, but was " + round);
        }
        Check.atLeast("attempt", attempt, 0);
        vectors = Map.copyOf(vectors);
    }

    /**
     * A task made by hand, of a first attempt and with nothing personal: its token is 0.
     *
     * @throws IllegalArgumentException if the round is below 1
     */
    public TrainingTask(
            int round,
            ModelWeights global,
            LocalTraining localTraining,
            ObjectiveSpec objective,
            Map<String, ModelDelta> vectors,
            long seed) {
        this(
                round,
                0,
                0,
                global,
                localTraining,
                objective,
                PersonalTraining.JOINT,
                Uplink.NONE,
                vectors,
                seed,
                Delivery.NONE);
    }

    /**
     * A digest of all but attempt, token, seed and delivery, so that the clients of one round agree on it. In a masked sum they compare it before
     * they give away anything: a server that hands one of them another model than the rest, to tell its update apart in
     * the sum (Pasquini et al., CCS 2022), is caught.
     *
     * <p>The weights and the vectors keep their own digests, so only the first client of a round waits for them.
     *
     * @return SHA-256, 64 lowercase hexadecimal digits: the same for tasks that are equal or differ in those only
     */
    public String fingerprint() {
        return BinaryWriter.sha256("training-task-fingerprint", 2, out -> {
            out.writeInt(round);
            out.writeString(global.fingerprint());
            localTraining.writeTo(out);
            objective.writeTo(out);
            personal.writeTo(out);
            uplink.writeTo(out);
            out.writeInt(vectors.size());
            new TreeMap<>(vectors).forEach((name, vector) -> {
                out.writeString(name);
                out.writeString(vector.fingerprint());
            });
        });
    }

    /**
     * The task in binary form, for a transport.
     *
     * @return the same bytes for equal tasks
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, this::writeFields);
    }

    /** The length of {@link #toBytes}, counted without encoding. */
    public long encodedLength() {
        return BinaryWriter.length(KIND, VERSION, this::writeFields);
    }

    private void writeFields(BinaryWriter out) {
        out.writeInt(round);
        out.writeInt(attempt);
        out.writeLong(token);
        delivery.writeTo(out);
        if (delivery.weights().isPresent()) {
            global.layout().writeTo(out);
        } else {
            global.writeTo(out);
        }
        localTraining.writeTo(out);
        objective.writeTo(out);
        personal.writeTo(out);
        uplink.writeTo(out);
        NamedVectors.write(out, vectors);
        out.writeLong(seed);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal task
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     * @throws IllegalStateException if the weights are told by what has changed, which takes {@link #fromBytes(byte[], ClientId, RemoteMemory)}
     */
    public static TrainingTask fromBytes(byte[] bytes) {
        return fromBytes(bytes, (round, accepted, layout) -> {
            throw new IllegalStateException("round " + round
                    + ": the task says how the global weights differ from those that the client holds; read it with the"
                    + " client's RemoteMemory");
        });
    }

    /**
     * Reads what {@link #toBytes} wrote, where the client is that it was written for.
     *
     * @param bytes all of them
     * @param client whose task it is
     * @param memory what the client holds
     * @return an equal task
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     * @throws IllegalStateException if the client does not hold what the server takes it to hold
     */
    public static TrainingTask fromBytes(byte[] bytes, ClientId client, RemoteMemory memory) {
        return fromBytes(bytes, (round, accepted, layout) -> memory.weights(client, round, accepted, layout));
    }

    /** Where the weights are that an earlier round left with the client. */
    private interface HeldWeights {
        ModelWeights of(int round, OptionalLong accepted, ParameterLayout layout);
    }

    /** What the client holds is looked up once the bytes are known to be whole. */
    private static TrainingTask fromBytes(byte[] bytes, HeldWeights held) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, TrainingTask::read).apply(held);
    }

    private static Function<HeldWeights, TrainingTask> read(BinaryReader in) {
        int round = in.readInt();
        int attempt = in.readInt();
        long token = in.readLong();
        Delivery delivery = in.version() < 3 ? Delivery.NONE : Delivery.readFrom(in);
        Function<HeldWeights, ModelWeights> global = readWeights(in, round, delivery);
        LocalTraining localTraining = LocalTraining.readFrom(in);
        ObjectiveSpec objective = ObjectiveSpec.readFrom(in);
        PersonalTraining personal = in.version() == 1 ? PersonalTraining.JOINT : PersonalTraining.readFrom(in);
        Uplink uplink = in.version() == 1 ? Uplink.NONE : Uplink.readFrom(in);
        Map<String, ModelDelta> vectors = NamedVectors.read(in);
        long seed = in.readLong();
        return held -> new TrainingTask(
                round,
                attempt,
                token,
                global.apply(held),
                localTraining,
                objective,
                personal,
                uplink,
                vectors,
                seed,
                delivery);
    }

    private static Function<HeldWeights, ModelWeights> readWeights(BinaryReader in, int round, Delivery delivery) {
        if (delivery.weights().isEmpty()) {
            ModelWeights weights = ModelWeights.readFrom(in);
            return held -> weights;
        }
        ParameterLayout layout = ParameterLayout.readFrom(in);
        CompressedWeights sent = delivery.weights().get();
        return held ->
                sent.addedTo(sent.isToHeld() ? held.of(round, delivery.accepted(), layout) : ModelWeights.zero(layout));
    }

    /** Whether the client is to remember something for it: a model of its own, what a codec lost. */
    public boolean remembers() {
        return personal.remembers() || uplink.errorFeedback();
    }

    /** Returns a copy with another seed. */
    public TrainingTask withSeed(long other) {
        return new TrainingTask(
                round, attempt, token, global, localTraining, objective, personal, uplink, vectors, other, delivery);
    }

    /** Returns a copy with another delivery. */
    public TrainingTask with(Delivery other) {
        return new TrainingTask(
                round, attempt, token, global, localTraining, objective, personal, uplink, vectors, seed, other);
    }

    /**
     * Checks an update that came back for this task: its client, round, token and objective, at least one example, the layout of the
     * weights, every number finite.
     *
     * @param client who was asked
     * @param update what training returned; null if it returned that
     * @return the update
     * @throws UpdateRejectedException if it does not answer this task
     */
    public ClientUpdate requireAnsweredBy(ClientId client, @Nullable ClientUpdate update) {
        if (update == null) {
            throw new UpdateRejectedException("train returned null, not an update");
        }
        new UpdateCheck(client, this, update).fault().ifPresent(fault -> {
            throw new UpdateRejectedException(fault);
        });
        return update;
    }
}
