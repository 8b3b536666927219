package org.fl4j.data;

import java.util.Arrays;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/** {@link Partitioner#shards}. */
final class ShardPartitioner implements Partitioner {

    private final int shardsPerClient;

    ShardPartitioner(int shardsPerClient) {
        Check.atLeast("shardsPerClient", shardsPerClient, 1);
        this.shardsPerClient = shardsPerClient;
    }

    @Override
    public Partition partition(Examples examples, int clients, long seed) {
        int n = examples.size();
        MinimumSize.require(this, n, clients, 1);
        int shards = requireShards(n, clients);
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "partition/shards"));
        LabelOrder byLabel = LabelOrder.of(this, examples, random);
        int[] deal = random.permutation(shards);
        int[] owner = new int[n];
        for (int s = 0; s < shards; s++) {
            Arrays.fill(
                    owner,
                    Proportions.evenCut(n, s, shards),
                    Proportions.evenCut(n, s + 1, shards),
                    deal[s] / shardsPerClient);
        }
        return Partition.of(n, byLabel.group(owner, clients));
    }

    private int requireShards(int examples, int clients) {
        long shards = (long) clients * shardsPerClient;
        if (examples < shards) {
            throw new IllegalArgumentException(this + " over " + clients + " clients cuts " + shards
                    + " shards of at least 1 example, but was " + examples
                    + " examples; take fewer clients or fewer shards");
        }
        return (int) shards;
    }

    @Override
    public String toString() {
        return "shards(" + shardsPerClient + ")";
    }
}
