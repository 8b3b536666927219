package org.fl4j.data;

import java.util.OptionalInt;
import org.fl4j.random.DeterministicRandom;

/** Examples sorted by class, in random order within a class. */
final class LabelOrder {

    private final int[] order;
    private final int[] starts;

    private LabelOrder(int[] order, int[] starts) {
        this.order = order;
        this.starts = starts;
    }

    /** A counting sort of a random permutation. */
    static LabelOrder of(Partitioner who, Examples examples, DeterministicRandom random) {
        OptionalInt classes = examples.classes();
        if (classes.isEmpty()) {
            throw new IllegalArgumentException(who
                    + " divides by class, but these examples have dense targets of shape "
                    + examples.labelShape() + "; build them with Examples.classified, or divide by iid(), powerLaw or"
                    + " logNormal");
        }
        int n = examples.size();
        int[] starts = new int[classes.getAsInt() + 1];
        for (int i = 0; i < n; i++) {
            starts[examples.label(i) + 1]++;
        }
        for (int c = 1; c < starts.length; c++) {
            starts[c] += starts[c - 1];
        }
        int[] next = starts.clone();
        int[] order = new int[n];
        for (int example : random.permutation(n)) {
            order[next[examples.label(example)]++] = example;
        }
        return new LabelOrder(order, starts);
    }

    int classes() {
        return starts.length - 1;
    }

    /** The position of the first example of a class; at {@link #classes()} the number of examples. */
    int start(int label) {
        return starts[label];
    }

    /** The examples of each client, given the owner of each position. */
    int[][] group(int[] owner, int clients) {
        int[] sizes = new int[clients];
        for (int k : owner) {
            sizes[k]++;
        }
        int[][] members = new int[clients][];
        for (int k = 0; k < clients; k++) {
            members[k] = new int[sizes[k]];
        }
        for (int i = owner.length - 1; i >= 0; i--) {
            members[owner[i]][--sizes[owner[i]]] = order[i];
        }
        return members;
    }
}
