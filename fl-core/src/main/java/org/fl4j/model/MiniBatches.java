package org.fl4j.model;

import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * The mini-batches of one client's local training, as indices of its examples: every epoch in a new order, derived
 * from the seed and the epoch alone; the last batch of an epoch is short if the batch size does not divide, or
 * left out if it has fewer examples than {@link LocalTraining#smallestBatch()}.
 *
 * <pre>{@code
 * MiniBatches batches = new MiniBatches(data.size(), how, seed);
 * while (batches.next()) {
 *     for (int i = 0; i < batches.size(); i++) {
 *         data.copyFeatures(batches.example(i), features, i * width);
 *     }
 *     ...
 * }
 * }</pre>
 *
 * <p>Training counted in steps goes on into further epochs until the steps are done. Not thread-safe.
 */
public final class MiniBatches {

    private final int examples;
    private final int batchSize;
    private final int end;
    private final long seed;
    private long stepsLeft;
    private int[] order = new int[0];
    private int epoch;
    private int from;
    private int to;

    /**
     * The mini-batches of some examples.
     *
     * @param examples how many there are; with none there are no batches
     * @param how batch size and extent
     * @param seed decides the orders
     */
    public MiniBatches(int examples, LocalTraining how, long seed) {
        this.examples = examples;
        this.batchSize = how.batchSize();
        int last = examples % batchSize;
        this.end = last < how.smallestBatch() ? examples - last : examples;
        this.seed = seed;
        this.stepsLeft = how.stepsOver(examples);
    }

    /**
     * Moves on to the next mini-batch.
     *
     * @return false when training is done
     */
    public boolean next() {
        if (stepsLeft == 0) {
            return false;
        }
        stepsLeft--;
        if (epoch == 0 || to == end) {
            epoch++;
            order = new DeterministicRandom(Seeds.derive(seed, epoch, "shuffle")).permutation(examples);
            to = 0;
        }
        from = to;
        to = (int) Math.min((long) from + batchSize, end);
        return true;
    }

    /**
     * How many examples the current mini-batch has.
     *
     * @return 1 to the batch size
     */
    public int size() {
        return to - from;
    }

    /**
     * An example of the current mini-batch.
     *
     * @param i in {@code [0, size())}
     * @return the example's index in the client's data
     */
    public int example(int i) {
        return order[from + i];
    }
}
