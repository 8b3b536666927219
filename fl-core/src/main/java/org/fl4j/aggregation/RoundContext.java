package org.fl4j.aggregation;

import java.util.Optional;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.random.Seeds;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ParameterLayout;

/**
 * What a rule knows of a round before any update arrives. The server knows all of it; a participant of a secure sum knows
 * {@linkplain PublicPart the public part}, and asking its context for more throws.
 *
 * <p>Immutable and thread-safe.
 */
public final class RoundContext {

    private static final String ENCODING = "encoding";
    private static final String COHORT_HINT = "read it in taskVectors or decode";

    private final PublicPart shared;
    private final Part part;

    /** What a context has beside the public part. */
    private sealed interface Part {}

    private record ServerPart(CohortVisibility cohort, ComponentState state, long seed) implements Part {}

    /** Who has nothing more, for errors. */
    private record Participant(String who, LinearAggregator rule) implements Part {}

    private RoundContext(PublicPart shared, Part part) {
        this.shared = shared;
        this.part = part;
    }

    /**
     * A server's round whose cohort only the server knows, at its first attempt.
     *
     * @param round counted from 1
     * @param layout of the global weights and of every delta
     * @param population how many clients there are
     * @param sampling how the cohort was drawn
     * @param state what the rule left after the last round; {@link ComponentState#EMPTY} at first
     * @param seed derived for the rule and the round
     */
    public RoundContext(
            int round,
            ParameterLayout layout,
            long population,
            SamplingScheme sampling,
            ComponentState state,
            long seed) {
        this(
                new PublicPart(round, 0, layout, population, sampling, Seeds.derive(seed, ENCODING), Optional.empty()),
                new ServerPart(CohortVisibility.SERVER_ONLY, state, seed));
    }

    /**
     * A participant's round. What it does not know is an error that names participant, round and rule.
     *
     * @param who the participant, in words, such as {@code client 'hospital-17'}
     * @param rule begins the round with this context
     * @param shared what the server sent
     * @return a context without cohort visibility and seed, and with the published state alone
     */
    public static RoundContext ofParticipant(String who, LinearAggregator rule, PublicPart shared) {
        return new RoundContext(shared, new Participant(who, rule));
    }

    /**
     * Returns a copy with a cohort that others come to know.
     *
     * @param visibility who
     * @return the copy
     */
    public RoundContext withCohort(CohortVisibility visibility) {
        ServerPart server = server("cohort", COHORT_HINT);
        return new RoundContext(shared, new ServerPart(visibility, server.state, server.seed));
    }

    /**
     * Returns a copy for a rule inside another, which keeps a state of its own. At a participant that is what the outer rule
     * published of the inner one's.
     *
     * @param inner the inner rule's state
     * @return the copy
     */
    public RoundContext withState(ComponentState inner) {
        return part instanceof ServerPart server
                ? new RoundContext(shared, new ServerPart(server.cohort, inner, server.seed))
                : new RoundContext(shared(Optional.of(inner)), part);
    }

    /**
     * Returns a copy for a rule inside another that passes on deltas of another shape.
     *
     * @param inner the shape
     * @return the copy
     */
    public RoundContext withLayout(ParameterLayout inner) {
        return new RoundContext(
                new PublicPart(
                        shared.round(),
                        shared.attempt(),
                        inner,
                        shared.population(),
                        shared.sampling(),
                        shared.seed(),
                        shared.state()),
                part);
    }

    /**
     * Returns a copy for another attempt at the round.
     *
     * @param attempt as {@link PublicPart#attempt}
     * @return the copy
     */
    public RoundContext withAttempt(int attempt) {
        return new RoundContext(
                new PublicPart(
                        shared.round(),
                        attempt,
                        shared.layout(),
                        shared.population(),
                        shared.sampling(),
                        shared.seed(),
                        shared.state()),
                part);
    }

    /**
     * The public part, for the participants of a secure sum.
     *
     * @param published what the rule publishes of its state: {@link LinearRound#publicState}
     * @return the public part
     */
    public PublicPart shared(Optional<ComponentState> published) {
        return new PublicPart(
                shared.round(),
                shared.attempt(),
                shared.layout(),
                shared.population(),
                shared.sampling(),
                shared.seed(),
                published);
    }

    /**
     * The round's number.
     *
     * @return counted from 1
     */
    public int round() {
        return shared.round();
    }

    /**
     * Which attempt at the round this is.
     *
     * @return how many were abandoned before it
     */
    public int attempt() {
        return shared.attempt();
    }

    /**
     * The shape of the global weights and of every delta.
     *
     * @return the layout
     */
    public ParameterLayout layout() {
        return shared.layout();
    }

    /**
     * How many clients there are.
     *
     * @return at least 1
     */
    public long population() {
        return shared.population();
    }

    /**
     * How the cohort was drawn.
     *
     * @return the scheme
     */
    public SamplingScheme sampling() {
        return shared.sampling();
    }

    /**
     * The seed of what is random in encoding, the same at the server and at every participant.
     *
     * @return as {@link PublicPart#seed}
     */
    public long encodingSeed() {
        return shared.seed();
    }

    /**
     * Who comes to know the cohort.
     *
     * @return who
     * @throws IllegalStateException at a participant
     */
    public CohortVisibility cohort() {
        return server("cohort", COHORT_HINT).cohort;
    }

    /**
     * What the rule left after the last round. A participant has what the rule published of it.
     *
     * @return {@link ComponentState#EMPTY} at first
     * @throws IllegalStateException at a participant, if the rule published nothing
     */
    public ComponentState state() {
        return part instanceof Participant && shared.state().isPresent()
                ? shared.state().get()
                : server("state", "override publicState in its LinearRound").state;
    }

    /**
     * The seed of what is random in aggregation.
     *
     * @return derived for the rule and the round
     * @throws IllegalStateException at a participant
     */
    public long seed() {
        return server("seed", "use encodingSeed").seed;
    }

    private ServerPart server(String what, String hint) {
        if (part instanceof Participant participant) {
            throw new IllegalStateException(participant.who + ", round " + shared.round() + ": " + participant.rule
                    + " reads the server's " + what
                    + " for its segments or encoder, but a participant does not know it; "
                    + hint);
        }
        return (ServerPart) part;
    }

    /**
     * Who comes to know, beside the server, how large a round's cohort is or who is in it. Poisson sampling amplifies privacy
     * only against those who do not: given the size, the members are no longer independent, and given the members there is no
     * sampling.
     *
     * <p>{@code FederatedServer} states it in the {@link RoundContext}; {@link PrivacyBudgetGuard#underMasks} states it for whoever
     * drives a secure rule without one.
     */
    public enum CohortVisibility {
        /** No one: a client that trains in the clear is told its task and nothing of the others. */
        SERVER_ONLY,
        /** The members, as in a masked sum, whom the host has declared trusted not to use what they learn. */
        TRUSTED_MEMBERS,
        /** The members: in a masked sum every member learns the cohort's size, on the complete graph every id. */
        MEMBERS,
        /** Everybody: participation counts are public. */
        EVERYBODY;

        /**
         * The least that holds where the sum is masked.
         *
         * @return {@link #MEMBERS} for {@link #SERVER_ONLY}, else this
         */
        public CohortVisibility underMasks() {
            return this == SERVER_ONLY ? MEMBERS : this;
        }
    }

    /**
     * The public part of a {@link RoundContext}: all that a participant of a secure sum needs to encode its update. Nothing
     * that the server keeps for itself follows from it.
     *
     * @param round counted from 1
     * @param attempt how many attempts at the round were abandoned before this one. It is no nonce: a round that a crash cut
     *     off is attempted again under the same number
     * @param layout of the global weights and of every delta
     * @param population how many clients there are
     * @param sampling how the cohort was drawn
     * @param seed derived for encoding in this round; it is sent to every client, and no other seed follows from it
     * @param state what the rule published ({@link LinearRound#publicState}); empty if it published nothing
     */
    public record PublicPart(
            int round,
            int attempt,
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
                out.writeInt(attempt);
                layout.writeTo(out);
                out.writeLong(population);
                sampling.writeTo(out);
                out.writeLong(seed);
                out.writeFlag(state.isPresent());
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
        public static PublicPart fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    KIND,
                    VERSION,
                    in -> new PublicPart(
                            in.readInt(),
                            in.readInt(),
                            ParameterLayout.readFrom(in),
                            in.readLong(),
                            SamplingScheme.readFrom(in),
                            in.readLong(),
                            readState(in)));
        }

        private static Optional<ComponentState> readState(BinaryReader in) {
            return in.readFlag() ? Optional.of(ComponentState.readFrom(in)) : Optional.empty();
        }
    }
}
