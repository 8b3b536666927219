package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.weights.ModelDelta;

/** Sums a linear rule's updates block by block, where the runner trains them: here, or elsewhere as {@link BlockTask}s. */
record LinearCollector(LinearRound rule) implements UpdateCollector {

    @Override
    public Map<String, ModelDelta> taskVectors() {
        return rule.taskVectors();
    }

    @Override
    public Collected collect(Cohort cohort) {
        LinearAggregation aggregation = rule.aggregation();
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
        List<ClientId> accepted = new ArrayList<>();
        TrafficCount.Stage traffic = cohort.trainingTraffic();
        int[] index = {0};
        cohort.runner()
                .runBlocks(
                        new Blocks(rule, cohort.training(BlockSum.Encoded.by(rule.encoder())), cohort, traffic),
                        cohort.limits(),
                        block -> {
                            Summand sum = block.sum();
                            if (sum != null) {
                                aggregation.addBlock(index[0], sum);
                            }
                            index[0]++;
                            outcomes.addAll(block.outcomes());
                            block.outcomes().forEach(traffic::add);
                            accepted.addAll(block.accepted());
                        });
        Optional<String> tooFew = cohort.tooFew(accepted, outcomes).or(() -> cohort.tooFewFor(aggregation));
        return tooFew.isPresent()
                ? Collected.nothing(outcomes, tooFew.get())
                : Collected.of(outcomes, accepted, aggregation.finish());
    }

    private record Blocks(
            LinearRound rule, ClientRunner.Work<BlockSum.Encoded> training, Cohort clients, TrafficCount.Stage traffic)
            implements ClientRunner.BlockWork<BlockSum.Encoded, BlockSum, BlockSum> {

        @Override
        public List<ClientId> cohort() {
            return clients.clients();
        }

        @Override
        public int blockSize() {
            return LinearAggregation.BLOCK_SIZE;
        }

        @Override
        public ClientOutcome<BlockSum.Encoded> perform(ClientId client) throws Exception {
            return training.perform(client);
        }

        @Override
        public CompletionStage<Callable<ClientOutcome<BlockSum.Encoded>>> start(ClientId client) throws Exception {
            return training.start(client);
        }

        @Override
        public Collector<ClientOutcome<BlockSum.Encoded>, BlockSum, BlockSum> block() {
            return Collector.of(() -> new BlockSum(rule), BlockSum::add, (a, b) -> {
                throw new UnsupportedOperationException("blocks are collected in order");
            });
        }

        @Override
        public byte[] shared() {
            return BlockTerms.of(rule, clients).toBytes();
        }

        @Override
        public byte[] task(int block) {
            BlockTask task = BlockTask.of(block, clientsOf(block), clients);
            task.clients().forEach(client -> traffic.sent(client, clients.task(client)));
            return task.toBytes();
        }

        @Override
        public BlockSum result(int block, byte[] result) {
            return BlockResult.fromBytes(result).at(block, clientsOf(block), rule, clients, traffic);
        }

        private List<ClientId> clientsOf(int block) {
            int from = block * blockSize();
            return cohort().subList(from, Math.min(from + blockSize(), cohort().size()));
        }
    }
}
