package org.fl4j.aggregation;

import java.util.Optional;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ParameterLayout;

/**
 * The public part of a {@link RoundContext}: all that a participant of a secure sum needs to encode its update. Nothing
 * that the server keeps for itself follows from it.
 *
 * @param round counted from 1
 * @param attempt tells this attempt at the round from one that a crash cut off; no computation uses it. 0 where the server
 *     has no client state store
 * @param layout of the global weights and of every delta
 * @param population how many clients there are
 * @param sampling how the cohort was drawn
 * @param seed derived for encoding in this round; it is sent to every client, and no other seed follows from it
 * @param state what the rule published ({@link LinearRound#publicState}); empty if it published nothing
 */
public record EncodingContext(
        int round,
        long attempt,
        ParameterLayout layout,
        long population,
        SamplingScheme sampling,
        long seed,
        Optional<ComponentState> state) {

    private static final String KIND = "encoding-context";
    private static final int VERSION = 1;

    /**
     * The context in binary form, for the messages of a {@link SecureAggregator}.
     *
     * @return the same bytes for equal contexts
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(round);
            out.writeLong(attempt);
            layout.writeTo(out);
            out.writeLong(population);
            sampling.writeTo(out);
            out.writeLong(seed);
            out.writeInt(state.isPresent() ? 1 : 0);
            state.ifPresent(published -> published.writeTo(out));
        });
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal context
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     */
    public static EncodingContext fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new EncodingContext(
                        in.readInt(),
                        in.readLong(),
                        ParameterLayout.readFrom(in),
                        in.readLong(),
                        SamplingScheme.readFrom(in),
                        in.readLong(),
                        readState(in)));
    }

    private static Optional<ComponentState> readState(BinaryReader in) {
        int flag = in.readInt();
        if (flag != 0 && flag != 1) {
            throw in.corrupt("the flag of a published state must be 0 or 1, but was " + flag);
        }
        return flag == 0 ? Optional.empty() : Optional.of(ComponentState.readFrom(in));
    }
}
