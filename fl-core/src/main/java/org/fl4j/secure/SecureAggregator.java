package org.fl4j.secure;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;

/**
 * A rule under which the server sees only a masked sum: a protocol of several stages between a server half, which
 * handles bytes, and a client half in each client. A clear update does not fit the server half's types.
 */
public interface SecureAggregator extends Aggregator.Masked {

    /**
     * Starts the server's half of a round.
     *
     * @param context the round
     * @param cohort the clients, in order
     * @return to be driven stage by stage and closed
     */
    SecureRound begin(RoundContext context, List<ClientId> cohort);

    /**
     * A client's half of one round.
     *
     * @param self the client
     * @return to be asked once a stage and closed
     */
    Participant participant(ClientId self);

    /**
     * A client's half of one round of a {@link SecureAggregator}. It trains when the protocol requires it, masks its
     * contribution, and reveals nothing else. Not thread-safe. Closing erases its secrets.
     */
    interface Participant extends AutoCloseable {

        /**
         * Answers the server's message of one stage.
         *
         * @param message its bytes
         * @param local what this client can do
         * @return the answer's bytes
         * @throws Exception if training fails or the message is rejected
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
             * Trains, checks the update and encodes it.
             *
             * <p>Under a rule with a {@link PrivacyBudgetGuard} a client that cannot train, or whose update is rejected, contributes
             * zeros, as whether it fails depends on its data, and how many are left decides whether there is a sum.
             *
             * @param encode makes of an update what is masked: {@link org.fl4j.aggregation.UpdateEncoder#encode}, then the
             *     participant's own rounding; throws {@link org.fl4j.client.UpdateRejectedException} where that cannot be done
             * @param zeros the same of a client that contributes nothing
             * @return what to mask
             * @throws org.fl4j.client.UpdateRejectedException if the update is not in order or cannot be encoded
             * @throws Exception if training fails
             */
            <C> C train(Function<ClientUpdate, C> encode, Supplier<C> zeros) throws Exception;
        }
    }
}
