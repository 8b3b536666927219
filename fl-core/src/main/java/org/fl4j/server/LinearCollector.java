package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.server.selection.UpdateReceipt;
import org.fl4j.weights.ModelDelta;
import org.jspecify.annotations.Nullable;

/** Sums a linear rule's updates block by block, where the runner collects them. */
record LinearCollector(LinearRound rule) implements UpdateCollector {

    @Override
    public Map<String, ModelDelta> taskVectors() {
        return rule.taskVectors();
    }

    @Override
    public Collected collect(Cohort cohort) {
        LinearAggregation aggregation = rule.aggregation();
        UpdateEncoder encoder = rule.encoder();
        List<ClientOutcome<UpdateReceipt>> outcomes = new ArrayList<>();
        List<ClientId> accepted = new ArrayList<>();
        int[] index = {0};
        cohort.runner()
                .<Encoded, Block, Block>runBlocks(
                        cohort.clients(),
                        id -> cohort.train(id, update -> Encoded.of(encoder, update)),
                        cohort.limits(),
                        Collector.of(() -> new Block(aggregation), Block::take, (a, b) -> {
                            throw new UnsupportedOperationException("blocks are collected in order");
                        }),
                        block -> {
                            if (block.sum != null) {
                                aggregation.addBlock(index[0], block.sum);
                            }
                            index[0]++;
                            outcomes.addAll(block.outcomes);
                            accepted.addAll(block.accepted);
                        });
        Optional<String> tooFew = cohort.tooFew(accepted, outcomes).or(() -> cohort.tooFewFor(aggregation));
        return tooFew.isPresent()
                ? Collected.nothing(outcomes, tooFew.get())
                : Collected.of(outcomes, accepted, aggregation.finish());
    }

    /** The clients of one block: their sum and what became of each. */
    private static final class Block {

        private final LinearAggregation aggregation;
        private final List<ClientOutcome<UpdateReceipt>> outcomes = new ArrayList<>();
        private final List<ClientId> accepted = new ArrayList<>();
        private @Nullable Summand sum;

        Block(LinearAggregation aggregation) {
            this.aggregation = aggregation;
        }

        void take(ClientOutcome<Encoded> outcome) {
            if (outcome instanceof ClientOutcome.Completed<Encoded> completed) {
                if (sum == null) {
                    sum = aggregation.emptyBlock();
                }
                completed.result().contribution().addTo(sum);
                accepted.add(completed.client());
            }
            outcomes.add(outcome.map(Encoded::receipt));
        }
    }

    /** What the thread that trained a client hands over. */
    private record Encoded(UpdateEncoder.Contribution contribution, UpdateReceipt receipt) {

        static Encoded of(UpdateEncoder encoder, ClientUpdate update) {
            return new Encoded(encoder.encode(update), UpdateReceipt.of(update));
        }
    }
}
