package org.fl4j.aggregation;

import org.fl4j.binary.BinaryReader;
import org.fl4j.binary.BinaryWriter;
import org.fl4j.binary.ComponentState;
import org.fl4j.model.ParameterLayout;

/**
 * What a rule knows of the round before any update arrives.
 *
 * @param round counted from 1
 * @param layout of the global weights and of every delta
 * @param population how many clients there are
 * @param sampling how the cohort was drawn
 * @param state what the rule left after the last round; {@link ComponentState#EMPTY} at first
 * @param seed derived for the rule and the round
 */
public record RoundContext(
        int round, ParameterLayout layout, long population, SamplingScheme sampling, ComponentState state, long seed) {

    private static final String KIND = "round-context";
    private static final int VERSION = 1;

    /**
     * This round for a rule inside another, which keeps a state of its own.
     *
     * @param inner the inner rule's state
     * @return a copy
     */
    public RoundContext withState(ComponentState inner) {
        return new RoundContext(round, layout, population, sampling, inner, seed);
    }

    /**
     * The context in binary form, for the messages of a {@link SecureAggregator}: a client's half encodes with it.
     *
     * @return the same bytes for equal contexts
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(round);
            layout.writeTo(out);
            out.writeLong(population);
            sampling.writeTo(out);
            state.writeTo(out);
            out.writeLong(seed);
        });
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal context
     * @throws org.fl4j.binary.CorruptDataException if the bytes are damaged or of another kind
     */
    public static RoundContext fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new RoundContext(
                        in.readInt(),
                        ParameterLayout.readFrom(in),
                        in.readLong(),
                        SamplingScheme.readFrom(in),
                        ComponentState.readFrom(in),
                        in.readLong()));
    }
}
