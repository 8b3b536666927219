package org.fl4j.data;

import java.util.Arrays;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/** {@link Partitioner#iid}. */
final class IidPartitioner implements Partitioner {

    @Override
    public Partition partition(Examples examples, int clients, long seed) {
        int n = examples.size();
        MinimumSize.require(this, n, clients, 1);
        int[] order = new DeterministicRandom(Seeds.derive(seed, "partition/iid")).permutation(n);
        int[][] members = new int[clients][];
        for (int k = 0; k < clients; k++) {
            members[k] = Arrays.copyOfRange(
                    order, Proportions.evenCut(n, k, clients), Proportions.evenCut(n, k + 1, clients));
        }
        return Partition.of(n, members);
    }

    @Override
    public String toString() {
        return "iid()";
    }
}
