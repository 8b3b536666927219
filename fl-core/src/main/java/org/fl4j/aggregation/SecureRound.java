package org.fl4j.aggregation;

import java.util.List;
import java.util.Optional;
import org.fl4j.client.ClientId;

/**
 * The server's half of one round of a {@link SecureAggregator}:
 *
 * <pre>{@code
 * for (Optional<SecureStage> stage = round.next(); stage.isPresent(); stage = round.next()) {
 *     // for every recipient: send messageFor, then reply or missing
 * }
 * Outcome outcome = round.finish();
 * }</pre>
 *
 * <p>Calls on a round and its stages, from several threads, are serialised by who drives it. Closing erases its secrets.
 */
public interface SecureRound extends AutoCloseable {

    /**
     * The next stage, once every recipient of the one before has replied or is missing.
     *
     * @return empty when the protocol is at its end, also when too few survivors are left
     */
    Optional<SecureStage> next();

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
    record Recovered(AggregationResult result, List<ClientId> included) implements Outcome {

        /**
         * Copies the list.
         *
         * @param result as above
         * @param included as above
         */
        public Recovered {
            included = List.copyOf(included);
        }
    }

    /**
     * No sum, nor a part of one.
     *
     * @param reason such as the number of survivors against the threshold
     */
    record Unrecovered(String reason) implements Outcome {}
}
