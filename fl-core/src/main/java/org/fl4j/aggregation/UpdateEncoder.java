package org.fl4j.aggregation;

import java.util.Optional;
import org.fl4j.client.ClientUpdate;

/**
 * Turns one client's update into its contribution to the sum: clipping, weighting, rounding to a grid. The same object
 * runs on the server's side for a rule that trusts no client, and on the client's side under secure aggregation; that
 * is the whole difference in trust.
 *
 * <p>Immutable and thread-safe.
 */
public interface UpdateEncoder {

    /**
     * Why an update cannot be encoded.
     *
     * <p>What this throws is the rule's own failure, which ends the run; under a {@link PrivacyBudgetGuard}, where that could
     * show one client's data, it counts as a refusal.
     *
     * @param update finite, of the right layout, with at least one example
     * @return empty if it can
     */
    default Optional<String> refusal(ClientUpdate update) {
        return Optional.empty();
    }

    /**
     * Adds the contribution to a sum.
     *
     * @param update not refused
     * @param into a sum over the rule's segments
     */
    void encode(ClientUpdate update, Summand into);
}
