package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.jspecify.annotations.Nullable;

/** The clients of one block of a linear round: the sum of their contributions, and the outcome of each. */
final class BlockSum {

    private final LinearRound round;
    private final List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
    private @Nullable Summand sum;

    BlockSum(LinearRound round) {
        this.round = round;
    }

    /** What the thread that trained a client hands over. */
    record Encoded(UpdateEncoder.Contribution contribution, ClientUpdate.Receipt receipt) {

        static Function<ClientUpdate, Encoded> by(UpdateEncoder encoder) {
            return update -> new Encoded(encoder.encode(update), ClientUpdate.Receipt.of(update));
        }
    }

    void add(ClientOutcome<Encoded> outcome) {
        if (outcome instanceof ClientOutcome.Completed<Encoded> completed) {
            if (sum == null) {
                sum = Summand.zero(round.segments());
            }
            completed.result().contribution().addTo(sum);
        }
        outcomes.add(outcome.map(Encoded::receipt));
    }

    /** Nothing if no client completed. */
    @Nullable
    Summand sum() {
        return sum;
    }

    List<ClientOutcome<ClientUpdate.Receipt>> outcomes() {
        return outcomes;
    }

    List<ClientId> accepted() {
        return outcomes.stream()
                .filter(outcome -> outcome instanceof ClientOutcome.Completed)
                .map(ClientOutcome::client)
                .toList();
    }

    /** As it was summed elsewhere. */
    static BlockSum of(
            LinearRound round, List<ClientOutcome<ClientUpdate.Receipt>> outcomes, double @Nullable [] values) {
        BlockSum block = new BlockSum(round);
        block.outcomes.addAll(outcomes);
        if (values != null) {
            Summand sum = Summand.zero(round.segments());
            sum.add(values);
            block.sum = sum;
        }
        return block;
    }
}
