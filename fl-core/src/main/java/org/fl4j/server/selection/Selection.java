package org.fl4j.server.selection;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;

/**
 * The cohort of a round.
 *
 * @param cohort different clients; their order is the order of summation
 * @param enough how many completed clients end the round; {@link Integer#MAX_VALUE} to wait for all
 * @param state what the selector remembers for the next round
 */
public record Selection(List<ClientId> cohort, int enough, ComponentState state) {

    /**
     * Copies the list and checks the range.
     *
     * @param cohort as above
     * @param enough as above
     * @param state as above
     * @throws IllegalArgumentException if enough is below 1
     */
    public Selection {
        Check.atLeast("enough", enough, 1);
        cohort = List.copyOf(cohort);
    }

    /**
     * A cohort that is waited for, from a selector that remembers nothing.
     *
     * @param cohort the clients
     * @return the selection
     */
    public static Selection of(List<ClientId> cohort) {
        return new Selection(cohort, Integer.MAX_VALUE, ComponentState.EMPTY);
    }
}
