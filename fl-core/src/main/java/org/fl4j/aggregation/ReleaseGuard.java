package org.fl4j.aggregation;

import java.util.Map;
import org.fl4j.binary.ComponentState;

/**
 * Decides, before a round starts, whether it may release anything: how a privacy budget stops a run. What it grants is
 * spent, even if the round is abandoned afterwards. A round that ends in an exception or with its process leaves no state
 * behind, so an implementation must write what it grants to a durable place of its own before it returns.
 *
 * <p>Thread-safe.
 */
public interface ReleaseGuard {

    /**
     * Asks for a round.
     *
     * @param context the round
     * @param ledger what was spent so far
     * @return the ledger with this round on it, or why not
     */
    Permit admit(RoundContext context, ComponentState ledger);

    /** A guard's answer. */
    sealed interface Permit {}

    /**
     * The round may run.
     *
     * @param ledger with the round on it
     */
    record Granted(ComponentState ledger) implements Permit {}

    /**
     * The round may not run; nothing is spent.
     *
     * @param reason for people
     * @param values the figures behind it, such as the budget and what the round would bring it to
     */
    record Refused(String reason, Map<String, Double> values) implements Permit {

        /**
         * Copies the map.
         *
         * @param reason as above
         * @param values as above
         */
        public Refused {
            values = Map.copyOf(values);
        }
    }
}
