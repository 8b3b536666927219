package org.fl4j.aggregation;

import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;

/**
 * Turns one client's update into its contribution to the sum: clipping, weighting, rounding to a grid. The same object
 * runs on the server's side for a rule that trusts no client, and on the client's side under secure aggregation; that
 * is the whole difference in trust.
 *
 * <p>Immutable and thread-safe.
 */
@FunctionalInterface
public interface UpdateEncoder {

    /**
     * Encodes an update, on the thread that trained it.
     *
     * <p>What else this throws is the rule's own failure, which ends the run; under a {@link PrivacyBudgetGuard}, where that
     * could show one client's data, it rejects the update.
     *
     * @param update finite, of the right layout, with at least one example
     * @return its contribution
     * @throws UpdateRejectedException if the rule cannot encode it
     */
    Contribution encode(ClientUpdate update);

    /**
     * Encodes an update that is to count for less, as one that was trained from older weights. A rule that clips must damp
     * what it has clipped: damping first would leave a long update as it is.
     *
     * @param update as in {@link #encode(ClientUpdate)}
     * @param damping in (0, 1]; the same bits as without for 1
     * @return unless overridden, what the update with the {@linkplain ClientUpdate#damped damped} delta contributes
     * @throws UpdateRejectedException if the rule cannot encode it
     */
    default Contribution encode(ClientUpdate update, double damping) {
        return encode(update.damped(damping));
    }

    /**
     * What one client adds to the sum. A rule whose encoding is a scaling keeps the delta and its factor and adds
     * {@code factor * delta} without a second vector.
     */
    @FunctionalInterface
    interface Contribution {

        /** Of a client that takes part with nothing. */
        Contribution ZERO = sum -> {};

        /**
         * Adds this contribution; called once. It does not fail: what can go wrong does so in {@link UpdateEncoder#encode}.
         *
         * @param sum over the rule's segments
         */
        void addTo(Summand sum);
    }
}
