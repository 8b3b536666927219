package org.fl4j.server.report;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.server.selection.UpdateReceipt;

/**
 * What happened in a round. Which clients completed is part of it: a replay with the same set gives the same bits.
 *
 * <p>Under a private rule there are no outcomes and no metrics but the rule's own: who took part is not released.
 *
 * @param round counted from 1
 * @param outcomes what became of each client, in the order of the cohort
 * @param metrics the rule's metrics, and {@code loss}, the training loss of the clients that sent one, weighted by
 *     examples, where the server saw it
 * @param duration wall time of the round, listeners excluded
 */
public record RoundReport(
        int round, List<ClientOutcome<UpdateReceipt>> outcomes, Map<String, Double> metrics, Duration duration) {

    /**
     * Copies the collections.
     */
    public RoundReport {
        outcomes = List.copyOf(outcomes);
        metrics = Map.copyOf(metrics);
    }

    /**
     * The clients whose updates were taken.
     *
     * @return in the order of the cohort
     */
    public List<ClientId> completed() {
        return outcomes.stream()
                .filter(outcome -> outcome instanceof ClientOutcome.Completed)
                .map(ClientOutcome::client)
                .toList();
    }

    /**
     * The mean training loss of the clients that took a step, weighted by examples.
     *
     * @return empty where the server did not see it, or nobody took a step
     */
    public OptionalDouble loss() {
        Double loss = metrics.get(ClientUpdate.LOSS);
        return loss == null ? OptionalDouble.empty() : OptionalDouble.of(loss);
    }
}
