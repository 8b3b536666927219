package org.fl4j.aggregation.robust;

import java.util.Arrays;
import java.util.List;
import org.fl4j.weights.ModelDelta;

/** Means of some of a round's updates, summed in FP64 in a fixed order and rounded once. */
final class MeanOfUpdates {

    private MeanOfUpdates() {}

    /** The mean of one set of updates. */
    static ModelDelta of(HeldUpdates updates, int[] which) {
        return of(updates, List.of(which)).get(0);
    }

    /** The mean of each set. All updates are read once, and one FP64 vector a set is held. */
    static List<ModelDelta> of(HeldUpdates updates, List<int[]> sets) {
        int length = updates.layout().length();
        double[][] means = new double[sets.size()][length];
        Stripes.inParallel(length, (stripe, from, to) -> {
            double[][] rows = new double[updates.size()][Math.min(Stripes.CHUNK, to - from)];
            Stripes.chunks(from, to, (at, n) -> {
                for (int i = 0; i < rows.length; i++) {
                    updates.copyTo(i, at, n, rows[i], 0);
                }
                for (int s = 0; s < means.length; s++) {
                    double[][] members =
                            Arrays.stream(sets.get(s)).mapToObj(i -> rows[i]).toArray(double[][]::new);
                    SortedColumns.mean(members, 0, members.length, n, means[s], at);
                }
            });
        });
        return Arrays.stream(means)
                .map(mean -> ModelDelta.of(updates.layout(), mean))
                .toList();
    }
}
