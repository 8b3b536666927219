package org.fl4j.aggregation.robust;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fl4j.weights.ModelDelta;

/** Passes over the coordinates of a round's updates, and what rules compute coordinate by coordinate. FP64, rounded once. */
final class Columns {

    /** How many coordinates of every update are read together: 100 updates need 400 kB, which second-level caches hold. */
    static final int CHUNK = 512;

    private static final int MOST_STRIPES = 16;

    private Columns() {}

    /**
     * At most 16 stripes of a vector, to be worked on in parallel. They depend on the length of the vector alone, so sums
     * over a stripe, added in the order of the stripes, have the same bits on any number of threads.
     */
    static Stream<Stripe> stripes(int length) {
        int chunks = (length - 1) / CHUNK + 1;
        int size = ((chunks - 1) / MOST_STRIPES + 1) * CHUNK;
        return IntStream.range(0, (length - 1) / size + 1)
                .parallel()
                .mapToObj(i -> new Stripe(i * size, (int) Math.min((i + 1L) * size, length)));
    }

    /** Coordinates {@code [from, to)}. */
    record Stripe(int from, int to) {

        /** Visits the stripe chunk by chunk. */
        void chunks(ChunkTask task) {
            for (int at = from; at < to; at += Math.min(CHUNK, to - at)) {
                task.run(at, Math.min(CHUNK, to - at));
            }
        }

        /** Reads some updates chunk by chunk. */
        void read(HeldUpdates updates, int[] which, RowsTask task) {
            double[][] rows = new double[which.length][Math.min(CHUNK, to - from)];
            chunks((at, n) -> {
                for (int i = 0; i < rows.length; i++) {
                    updates.copyTo(which[i], at, n, rows[i], 0);
                }
                task.run(rows, at, n);
            });
        }
    }

    interface ChunkTask {
        /** Processes the n coordinates from {@code at} on, at most {@link #CHUNK}. */
        void run(int at, int n);
    }

    interface RowsTask {
        /** {@code rows[i][k]} is coordinate {@code at + k} of update {@code which[i]}, for k below n. */
        void run(double[][] rows, int at, int n);
    }

    interface ColumnRule {
        /** Combines each of {@code width} columns, ascending in {@code rows}, into one value from {@code into[at]} on. */
        void combine(double[][] rows, int width, double[] into, int at);
    }

    interface WeightedRule {
        /** Combines columns as a {@link ColumnRule} does; {@code weights[i][k]} is that of {@code rows[i][k]}. */
        void combine(double[][] rows, double[][] weights, int width, double[] into, int at);
    }

    /** Applies a rule to every coordinate's values in ascending order, each with the weight of its update. */
    static ModelDelta combineWeighted(HeldUpdates updates, double[] shares, WeightedRule rule) {
        SortingNetwork network = SortingNetwork.of(shares.length);
        double[] combined = new double[updates.layout().length()];
        stripes(combined.length).forEach(stripe -> {
            double[][] weights = new double[shares.length][CHUNK];
            stripe.read(updates, all(updates), (rows, at, n) -> {
                for (int i = 0; i < shares.length; i++) {
                    Arrays.fill(weights[i], 0, n, shares[i]);
                }
                network.sort(rows, weights, n);
                rule.combine(rows, weights, n, combined, at);
            });
        });
        return ModelDelta.of(updates.layout(), combined);
    }

    static int[] all(HeldUpdates updates) {
        return IntStream.range(0, updates.size()).toArray();
    }

    /** Applies a rule to every coordinate's values in ascending order, over the updates that take part. */
    static ModelDelta combineSorted(HeldUpdates updates, int[] which, ColumnRule rule) {
        SortingNetwork network = SortingNetwork.of(which.length);
        double[] combined = new double[updates.layout().length()];
        stripes(combined.length)
                .forEach(stripe -> stripe.read(updates, which, (rows, at, n) -> {
                    network.sort(rows, n);
                    rule.combine(rows, n, combined, at);
                }));
        return ModelDelta.of(updates.layout(), combined);
    }

    /** The mean of each set of updates. All updates are read once, and one FP64 vector a set is held. */
    static List<ModelDelta> means(HeldUpdates updates, List<int[]> sets) {
        int length = updates.layout().length();
        double[][] means = new double[sets.size()][length];
        stripes(length)
                .forEach(stripe -> stripe.read(updates, all(updates), (rows, at, n) -> {
                    for (int s = 0; s < means.length; s++) {
                        double[][] members = Arrays.stream(sets.get(s))
                                .mapToObj(i -> rows[i])
                                .toArray(double[][]::new);
                        mean(members, 0, members.length, n, means[s], at);
                    }
                }));
        return Arrays.stream(means)
                .map(mean -> ModelDelta.of(updates.layout(), mean))
                .toList();
    }

    /** The mean of rows {@code [from, to)} of every column, where {@code into} holds zeros. */
    static void mean(double[][] rows, int from, int to, int width, double[] into, int at) {
        int row = from;
        for (; row + 4 <= to; row += 4) {
            add(rows[row], rows[row + 1], rows[row + 2], rows[row + 3], width, into, at);
        }
        for (; row < to; row++) {
            double[] values = rows[row];
            for (int k = 0; k < width; k++) {
                into[at + k] += values[k];
            }
        }
        for (int k = 0; k < width; k++) {
            into[at + k] /= to - from;
        }
    }

    /** Four rows for one reading and writing of the sums. */
    private static void add(double[] a, double[] b, double[] c, double[] d, int width, double[] into, int at) {
        for (int k = 0; k < width; k++) {
            into[at + k] += (a[k] + b[k]) + (c[k] + d[k]);
        }
    }
}
