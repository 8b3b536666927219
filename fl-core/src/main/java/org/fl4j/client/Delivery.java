package org.fl4j.client;

import java.util.Optional;
import java.util.OptionalLong;
import org.fl4j.compression.CompressedWeights;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelWeights;

/**
 * What a task has for one client alone, by what that client holds: which of its updates was the last that the server accepted, FROZEN
 * parameters it has not been sent, the global weights as what has changed since. It changes how a task travels, and nothing of what is
 * asked: tasks that differ in it alone have one {@link TrainingTask#fingerprint}.
 *
 * @param held what the client is to hold for the tasks to come
 * @param accepted the token of the client's last accepted update, 0 if there is none; empty if the server does not say, as to clients of its
 *     own JVM. It tells a client elsewhere which of the states that it remembers is the valid one
 * @param frozen FROZEN parameters, for a client that has not been sent them
 * @param weights the global weights as they travel; empty for as they are
 */
public record Delivery(
        Held held, OptionalLong accepted, Optional<ModelWeights> frozen, Optional<CompressedWeights> weights) {

    /** Nothing that is not the same for all. */
    public static final Delivery NONE =
            new Delivery(Held.NOTHING, OptionalLong.empty(), Optional.empty(), Optional.empty());

    /**
     * What is for one client, the weights being as they are.
     *
     * @param held what it is to hold
     * @param last its last accepted update
     * @param isElsewhere whether it remembers elsewhere, so that it is told
     * @param frozen what it is sent unless an update of it was accepted: then it holds it
     */
    public static Delivery of(Held held, Optional<Accepted> last, boolean isElsewhere, Optional<ModelWeights> frozen) {
        return new Delivery(
                held,
                isElsewhere ? OptionalLong.of(last.map(Accepted::token).orElse(0L)) : OptionalLong.empty(),
                frozen.filter(values -> last.isEmpty()),
                Optional.empty());
    }

    /** Returns a copy with weights that travel in another way. */
    public Delivery with(Optional<CompressedWeights> sent) {
        return new Delivery(held, accepted, frozen, sent);
    }

    /** What a client is to hold once it has answered a task. */
    public enum Held {
        /** Nothing beside what it wants to remember itself. */
        NOTHING,
        /** That it has been sent the FROZEN parameters, and these. */
        FROZEN,
        /** The global weights of the task as well. */
        WEIGHTS
    }

    /**
     * An update that the server accepted: part of what it remembers of a client.
     *
     * @param round whose global weights the client holds
     * @param token of the update's task
     */
    public record Accepted(int round, long token) {

        private static final String KIND = "accepted-update";

        /** The update that answers a task. */
        public static Accepted of(TrainingTask task) {
            return new Accepted(task.round(), task.token());
        }

        /**
         * What a server keeps of a client that remembers elsewhere.
         *
         * @return to be committed with the round
         */
        public ComponentState asMemory() {
            return ClientMemory.withParts(ComponentState.EMPTY).with(ClientMemory.ACCEPTED, state());
        }

        /**
         * Reads what is known of a client.
         *
         * @param memory what its last committed round left
         * @return empty if no update of it was accepted, or none that was to be kept account of
         */
        public static Optional<Accepted> in(ComponentState memory) {
            if (!memory.has(ClientMemory.ACCEPTED)) {
                return Optional.empty();
            }
            ComponentState state = memory.state(ClientMemory.ACCEPTED).expect(KIND, 1);
            return Optional.of(new Accepted(Math.toIntExact(state.longValue("round")), state.longValue("token")));
        }

        ComponentState state() {
            return ComponentState.of(KIND, 1).with("round", (long) round).with("token", token);
        }
    }

    private static Held readHeld(BinaryReader in) {
        String name = in.readString();
        try {
            return Held.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw in.corrupt("a client cannot hold '" + name + "'");
        }
    }

    void writeTo(BinaryWriter out) {
        out.writeString(held.name());
        out.writeFlag(accepted.isPresent());
        out.writeLong(accepted.orElse(0));
        out.writeFlag(frozen.isPresent());
        frozen.ifPresent(values -> values.writeTo(out));
        out.writeFlag(weights.isPresent());
        weights.ifPresent(sent -> sent.writeTo(out));
    }

    static Delivery readFrom(BinaryReader in) {
        Held held = readHeld(in);
        boolean says = in.readFlag();
        long accepted = in.readLong();
        return new Delivery(
                held,
                says ? OptionalLong.of(accepted) : OptionalLong.empty(),
                in.readFlag() ? Optional.of(ModelWeights.readFrom(in)) : Optional.empty(),
                in.readFlag() ? Optional.of(CompressedWeights.readFrom(in)) : Optional.empty());
    }
}
