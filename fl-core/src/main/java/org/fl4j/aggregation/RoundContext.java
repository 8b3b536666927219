package org.fl4j.aggregation;

import java.util.Arrays;
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
 * @param cohort who comes to know the cohort
 * @param state what the rule left after the last round; {@link ComponentState#EMPTY} at first
 * @param seed derived for the rule and the round
 */
public record RoundContext(
        int round,
        ParameterLayout layout,
        long population,
        SamplingScheme sampling,
        CohortVisibility cohort,
        ComponentState state,
        long seed) {

    private static final String KIND = "round-context";
    private static final int VERSION = 2;

    /**
     * A round whose cohort only the server knows.
     *
     * @param round as above
     * @param layout as above
     * @param population as above
     * @param sampling as above
     * @param state as above
     * @param seed as above
     */
    public RoundContext(
            int round,
            ParameterLayout layout,
            long population,
            SamplingScheme sampling,
            ComponentState state,
            long seed) {
        this(round, layout, population, sampling, CohortVisibility.SERVER_ONLY, state, seed);
    }

    /**
     * This round for a rule inside another, which keeps a state of its own.
     *
     * @param inner the inner rule's state
     * @return a copy
     */
    public RoundContext withState(ComponentState inner) {
        return new RoundContext(round, layout, population, sampling, cohort, inner, seed);
    }

    /**
     * This round with a cohort that others come to know.
     *
     * @param visibility who
     * @return a copy
     */
    public RoundContext withCohort(CohortVisibility visibility) {
        return new RoundContext(round, layout, population, sampling, visibility, state, seed);
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
            out.writeString(cohort.name());
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
                        in.version() == 1 ? CohortVisibility.SERVER_ONLY : readCohort(in),
                        ComponentState.readFrom(in),
                        in.readLong()));
    }

    private static CohortVisibility readCohort(BinaryReader in) {
        String name = in.readString();
        return Arrays.stream(CohortVisibility.values())
                .filter(visibility -> visibility.name().equals(name))
                .findFirst()
                .orElseThrow(() -> in.corrupt("no cohort visibility is named '" + name + "'"));
    }
}
