package org.fl4j.data;

import org.fl4j.internal.Check;

/** {@link Partitioner#atLeast}. */
final class AtLeastPartitioner implements Partitioner {

    private final Partitioner inner;
    private final int minExamples;

    AtLeastPartitioner(Partitioner inner, int minExamples) {
        Check.atLeast("minExamples", minExamples, 1);
        this.inner = inner;
        this.minExamples = minExamples;
    }

    @Override
    public Partition partition(Examples examples, int clients, long seed) {
        MinimumSize.require(this, examples.size(), clients, minExamples);
        Partition partition = inner.partition(examples, clients, seed);
        if (partition.clients() != clients || partition.examples() != examples.size()) {
            throw new IllegalStateException(inner + " was asked to divide " + examples.size() + " examples among "
                    + clients + " clients but returned " + partition);
        }
        int[][] members = new int[clients][];
        for (int k = 0; k < members.length; k++) {
            members[k] = partition.examplesOf(k);
        }
        return Partition.of(examples.size(), MinimumSize.fill(members, minExamples, seed));
    }

    @Override
    public String toString() {
        return inner + ".atLeast(" + minExamples + ")";
    }
}
