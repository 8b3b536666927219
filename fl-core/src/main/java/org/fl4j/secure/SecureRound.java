package org.fl4j.secure;

import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;

/**
 * The server's half of one round of a {@link SecureAggregator}:
 *
 * <pre>{@code
 * for (Optional<Stage> stage = round.next(); stage.isPresent(); stage = round.next()) {
 *     // for every recipient: send messageFor, then reply or missing
 * }
 * Outcome outcome = round.finish();
 * }</pre>
 *
 * <p>Calls on a round and its stages, from several threads, must be serialised by the caller. Closing erases its secrets.
 */
public interface SecureRound extends AutoCloseable {

    /**
     * The next stage, once every recipient of the one before has replied or is missing.
     *
     * @return empty when the protocol is at its end, also when too few survivors are left
     */
    Optional<Stage> next();

    /**
     * Ends the round.
     *
     * @return the aggregate, or why there is none
     */
    Outcome finish();

    @Override
    void close();

    /** How a secure round ended. */
    sealed interface Outcome {}

    /**
     * The sum was recovered.
     *
     * @param result what the rule made of it
     * @param included whose updates are in the sum
     */
    record Recovered(Aggregation.Result result, List<ClientId> included) implements Outcome {

        /**
         * Copies the list.
         */
        public Recovered {
            included = List.copyOf(included);
        }
    }

    /**
     * No sum, nor a part of one.
     *
     * @param cause what kind of reason it is
     * @param reason such as the number of survivors against the threshold; {@link Cause#reason} under a private rule
     */
    record Unrecovered(Cause cause, String reason) implements Outcome {

        /**
         * Too few clients were left.
         */
        public Unrecovered(String reason) {
            this(Cause.TOO_FEW_CLIENTS, reason);
        }
    }

    /** Why no sum was recovered, as far as it may be told under a private rule. */
    enum Cause {
        /** Fewer than the protocol needs. */
        TOO_FEW_CLIENTS("too few clients were left to recover their sum"),
        /** What a client sent is inconsistent, or no contributions in range have this sum. */
        MISBEHAVING_CLIENT("a client did not keep to the protocol, so that no sum was recovered"),
        /** Another server, which holds a part of the sum, did not answer, or not as the protocol says. */
        LOST_SERVER("a server that holds a part of the sum did not answer as it must");

        private final String reason;

        Cause(String reason) {
            this.reason = reason;
        }

        /**
         * The same for every round that ends for this cause: without names, counts or values.
         *
         * @param round the round's number
         * @return for reports
         */
        public String reason(int round) {
            return "round " + round + ": " + reason;
        }
    }

    /** One stage of a {@link SecureRound}: a message to each recipient, and an answer from each or none. Not thread-safe. */
    interface Stage {

        /**
         * What the stage is called, for logs and deadlines.
         *
         * @return always the same name for the same stage of a protocol, such as {@code "MASKED_INPUT"}
         */
        String name();

        /**
         * Whether the clients reveal in this stage what removes masks. Once its first message is sent, an answer may arrive
         * at any time; the sum of another attempt with the same weights and cohort would then show the update of a client
         * that is in one of them only. So the attempt is not repeated.
         *
         * @return true unless overridden, so that nothing is repeated of a protocol that does not say
         */
        default boolean unmasks() {
            return true;
        }

        /**
         * Who takes part in this stage.
         *
         * @return clients of the cohort, in its order
         */
        List<ClientId> recipients();

        /**
         * The message for one recipient.
         *
         * @param recipient who
         * @return its bytes
         */
        byte[] messageFor(ClientId recipient);

        /**
         * Processes a recipient's answer.
         *
         * @param from who
         * @param answer its bytes
         * @return empty if it was accepted; else why it was rejected, and the sender counts as missing
         */
        Optional<String> reply(ClientId from, byte[] answer);

        /**
         * A recipient did not answer.
         *
         * @param who the recipient
         */
        void missing(ClientId who);
    }
}
