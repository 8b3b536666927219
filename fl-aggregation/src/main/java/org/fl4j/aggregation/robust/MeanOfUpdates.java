package org.fl4j.aggregation.robust;

import org.fl4j.model.ModelDelta;

/** The mean of some of a round's updates, summed in FP64 in the given order and rounded once. */
final class MeanOfUpdates {

    private MeanOfUpdates() {}

    static ModelDelta of(HeldUpdates updates, int[] which) {
        int length = updates.layout().length();
        double[] mean = new double[length];
        Stripes.inParallel(length, (stripe, from, to) -> {
            double[][] rows = new double[which.length][Math.min(Stripes.CHUNK, to - from)];
            Stripes.chunks(from, to, (at, n) -> {
                for (int i = 0; i < which.length; i++) {
                    updates.copyTo(which[i], at, n, rows[i], 0);
                }
                SortedColumns.mean(rows, 0, rows.length, n, mean, at);
            });
        });
        return ModelDelta.of(updates.layout(), mean);
    }
}
