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
import org.fl4j.server.selection.UpdateReceipt;
import org.fl4j.weights.ModelDelta;

/** Hands each update to a rule that looks at them one by one. */
record DirectCollector(DirectRound rule) implements UpdateCollector {

    @Override
    public Map<String, ModelDelta> taskVectors() {
        return rule.taskVectors();
    }

    @Override
    public Collected collect(OpenRound round) {
        try (Aggregation aggregation = rule.aggregation()) {
            return collect(round, aggregation);
        }
    }

    private static Collected collect(OpenRound round, Aggregation aggregation) {
        List<ClientOutcome<UpdateReceipt>> outcomes = new ArrayList<>();
        List<ClientId> accepted = new ArrayList<>();
        round.runner()
                .<ClientUpdate>run(
                        round.cohort(), id -> round.train(id, aggregation::refusal), round.limits(), outcome -> {
                            if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
                                aggregation.add(outcomes.size(), completed.result());
                                accepted.add(completed.client());
                            }
                            outcomes.add(outcome.map(UpdateReceipt::of));
                        });
        Optional<String> tooFew = round.tooFew(accepted, outcomes).or(() -> round.tooFewFor(aggregation));
        return tooFew.isPresent()
                ? Collected.nothing(outcomes, tooFew.get())
                : Collected.of(outcomes, accepted, aggregation.finish());
    }
}
