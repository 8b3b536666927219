package org.fl4j.aggregation;

import java.util.Map;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/**
 * Decides, before a round starts, whether it may release anything: how a privacy budget stops a run. What it grants is
 * spent, even if the round is abandoned afterwards. A round that ends in an exception or with its process leaves no state
 * behind, so an implementation must write what it grants to a durable place of its own before it returns.
 *
 * <p>Thread-safe.
 */
public interface PrivacyBudgetGuard {

    /**
     * Names the run that the next rounds belong to, once at the start of each {@code FederatedServer.run}, before anything
     * of that run is begun. An implementation with a durable record throws here if the run does not continue that
     * record. For a run whose id was drawn now it begins the record, before the run's first state is saved: so a state of
     * an id that was drawn earlier has a record, also at round 0, or has lost it.
     *
     * @param run the run, drawn
     * @param drawn whether its id was drawn for this call, or came with the state
     * @param round how many rounds it has completed; 0 for a new run
     * @param ledger what was spent in them, as the run's state says
     * @throws RuntimeException if the durable record is of another run, is missing, or does not continue the ledger
     */
    default void open(RunId run, Drawn drawn, int round, ComponentState ledger) {}

    /**
     * Asks for a round.
     *
     * @param context the round
     * @param ledger what was spent so far
     * @return the ledger with this round on it, or why not, or that it is over
     */
    Permit admit(RoundContext context, ComponentState ledger);

    /**
     * This guard for rounds under masks: it sees contexts whose members learn the cohort, also where a host that drives a
     * {@link SecureAggregator} itself does not state so.
     *
     * @return a guard that delegates to this one
     */
    default PrivacyBudgetGuard underMasks() {
        PrivacyBudgetGuard clear = this;
        return new PrivacyBudgetGuard() {
            @Override
            public void open(RunId run, Drawn drawn, int round, ComponentState ledger) {
                clear.open(run, drawn, round, ledger);
            }

            @Override
            public Permit admit(RoundContext context, ComponentState ledger) {
                return clear.admit(context.withCohort(context.cohort().underMasks()), ledger);
            }
        };
    }

    /** When a run's id was drawn. */
    enum Drawn {
        /** Just now: no state that was ever saved has the id, and no round was played under it. */
        NOW,
        /** Earlier: rounds that no state knows of may have been played under it. */
        EARLIER
    }

    /** A guard's answer. */
    sealed interface Permit {}

    /**
     * The round may run.
     *
     * @param ledger with the round on it
     */
    record Granted(ComponentState ledger) implements Permit {}

    /**
     * The round was played before and its result was lost: it must not release anything a second time. It is abandoned
     * without asking a client, and the run goes on with the next one.
     *
     * @param ledger with the round on it
     * @param reason for logs and reports
     */
    record Skipped(ComponentState ledger, String reason) implements Permit {}

    /**
     * The round may not run; nothing is spent.
     *
     * @param reason for logs and reports
     * @param values the figures of the reason, such as the budget and what the round would raise the spending to
     */
    record Refused(String reason, Map<String, Double> values) implements Permit {

        /**
         * Copies the map.
         */
        public Refused {
            values = Map.copyOf(values);
        }
    }
}
