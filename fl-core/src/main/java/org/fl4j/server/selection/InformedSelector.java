package org.fl4j.server.selection;

import java.util.List;
import org.fl4j.client.ClientOutcome;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;

/**
 * A selector that goes by how earlier rounds went for single clients. The server shows it each round's outcomes, so no
 * server is built with it whose rule is private (outcomes must stay inside) or secure (what clients report does not
 * arrive).
 *
 * <p>Privacy: whom it chooses depends on what clients reported.
 */
public interface InformedSelector extends ClientSelector {

    /**
     * Learns from a round. Called once after each round that {@linkplain RoundResult.Advanced advanced}; a round that came
     * to nothing teaches nothing, as its state is the one before.
     *
     * @param state what {@link #select} left for this round's cohort
     * @param outcomes what became of each client, in the order of the cohort
     * @return what to remember for the next round
     */
    ComponentState observe(ComponentState state, List<ClientOutcome<UpdateReceipt>> outcomes);

    @Override
    default InformedSelector among(Availability availability) {
        return new AvailableInformedSelector(this, new AvailableSelector(this, availability));
    }
}
