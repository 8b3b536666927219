package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.weights.ModelDelta;

/** Hands each update to a rule that looks at them one by one. */
record DirectCollector(DirectRound rule) implements UpdateCollector {

    @Override
    public Map<String, ModelDelta> taskVectors() {
        return rule.taskVectors();
    }

    @Override
    public Collected collect(Cohort cohort) {
        try (Aggregation aggregation = rule.aggregation()) {
            return collect(cohort, aggregation);
        }
    }

    private static Collected collect(Cohort cohort, Aggregation aggregation) {
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
        List<ClientId> accepted = new ArrayList<>();
        cohort.runner()
                .<ClientUpdate>run(
                        cohort.clients(),
                        cohort.training(update -> acceptable(aggregation, update)),
                        cohort.limits(),
                        outcome -> {
                            if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
                                aggregation.add(outcomes.size(), completed.result());
                                accepted.add(completed.client());
                            }
                            outcomes.add(outcome.map(ClientUpdate.Receipt::of));
                        });
        Optional<String> tooFew = cohort.tooFew(accepted, outcomes).or(() -> cohort.tooFewFor(aggregation));
        return tooFew.isPresent()
                ? Collected.nothing(outcomes, tooFew.get())
                : Collected.of(outcomes, accepted, aggregation.finish());
    }

    private static ClientUpdate acceptable(Aggregation aggregation, ClientUpdate update) {
        aggregation.refusal(update).ifPresent(why -> {
            throw new UpdateRejectedException(why);
        });
        return update;
    }
}
