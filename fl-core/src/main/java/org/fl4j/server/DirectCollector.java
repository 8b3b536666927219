package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.weights.ModelDelta;
import org.jspecify.annotations.Nullable;

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
        // A client that never returns must not keep a round's updates.
        AtomicReference<Aggregation> open = new AtomicReference<>(aggregation);
        try {
            run(cohort, aggregation, open, outcomes, accepted);
        } finally {
            open.set(null);
        }
        Optional<String> tooFew = cohort.tooFew(accepted, outcomes).or(() -> cohort.tooFewFor(aggregation));
        return tooFew.isPresent()
                ? Collected.nothing(outcomes, tooFew.get())
                : Collected.of(outcomes, accepted, aggregation.finish());
    }

    private static void run(
            Cohort cohort,
            Aggregation aggregation,
            AtomicReference<Aggregation> open,
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes,
            List<ClientId> accepted) {
        TrafficCount.Stage traffic = cohort.trainingTraffic();
        cohort.runner()
                .<ClientUpdate>run(
                        cohort.clients(),
                        cohort.training(update -> acceptable(open.get(), update)),
                        cohort.limits(),
                        outcome -> {
                            if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
                                aggregation.add(outcomes.size(), completed.result());
                                accepted.add(completed.client());
                            }
                            outcomes.add(outcome.map(ClientUpdate.Receipt::of));
                            traffic.add(outcome);
                        });
    }

    private static ClientUpdate acceptable(@Nullable Aggregation aggregation, ClientUpdate update) {
        if (aggregation == null) {
            throw new UpdateRejectedException("the round is over");
        }
        aggregation.refusal(update).ifPresent(why -> {
            throw new UpdateRejectedException(why);
        });
        return update;
    }
}
