package org.fl4j.aggregation;

import java.util.Optional;
import java.util.function.Function;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;

/**
 * A client's half of one round of a {@link SecureAggregator}. It trains when the protocol comes to it, masks its
 * contribution, and gives out nothing else. Not thread-safe. Closing erases its secrets.
 */
public interface SecureParticipant extends AutoCloseable {

    /**
     * Answers the server's message of one stage.
     *
     * @param message its bytes
     * @param local what this client can do
     * @return the answer's bytes
     * @throws Exception if training fails or the message is not acceptable
     */
    byte[] answer(byte[] message, LocalWork local) throws Exception;

    @Override
    void close();

    /** A client's local training, for the participant to call at most once a round. */
    interface LocalWork {

        /**
         * What the server asks, as it reached this client.
         *
         * @return the task
         */
        TrainingTask task();

        /**
         * Trains, and checks the update: as every server does, then as the rule asks. A client whose update is refused
         * is reported as rejected, with the reason, whatever the participant makes of the exception.
         *
         * <p>Not so under a rule with a {@link PrivacyBudgetGuard}: there a participant that cannot train, or whose update is
         * refused, must mask a contribution of zeros and go on, as whether it fails depends on its data, and how many are left
         * decides whether there is a sum. What it lets through is a
         * {@link org.fl4j.client.ServerFailureException} and an interrupt.
         *
         * @param refusal why the rule cannot encode an update that is otherwise in order, such as
         *     {@link UpdateEncoder#refusal}; empty if it can. It is asked once, about the update that is returned, before it is
         *     returned
         * @return a checked update: finite, of the task's layout and objective, with at least one example, not refused
         * @throws Exception if it fails or is not in order
         */
        ClientUpdate train(Function<ClientUpdate, Optional<String>> refusal) throws Exception;
    }
}
