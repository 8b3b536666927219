package org.fl4j.aggregation.robust;

import java.util.Arrays;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;

/**
 * A trimmed mean of what Krum selects, against updates that hide a large deviation in a single coordinate:
 *
 * <ol>
 *   <li>theta = n - 2f updates are selected by {@link Krum}, one at a time: the winner is removed, and the scores are
 *       recomputed over the n' that remain, with max(n' - f - 2, 0) neighbours;
 *   <li>each coordinate is the mean of the beta = theta - 2f selected values closest to the median of the selected.
 * </ol>
 *
 * <p>Ties: among equal scores the first update in the order of the cohort is selected. With f of 1 or 2 the last selections
 * are over one neighbour or none, where updates always tie, so the aggregate depends on the order of the cohort; from 3
 * on only among equal distances. Of two values equally far from the median, the smaller one is kept. The median of an even number is the
 * mean of the two middle values.
 *
 * <p>Needs n &gt;= 4f + 3 updates, of which f may be Byzantine; with fewer the round is abandoned. FP64, rounded once to
 * the layout's dtype. Memory and time: those of Krum, and O(n^3) for the selection. Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear.
 *
 * <p>Source: El Mhamdi, Guerraoui, Rouault, "The Hidden Vulnerability of Distributed Learning in Byzantium", ICML 2018,
 * section 4.
 */
public final class Bulyan implements DirectAggregator {

    private final ByzantineTolerance tolerance;
    private final UpdateStorage storage;

    private Bulyan(ByzantineTolerance tolerance, UpdateStorage storage) {
        this.tolerance = tolerance;
        this.storage = storage;
    }

    /** Tolerates f Byzantine updates; throws IllegalArgumentException if f is negative. */
    public static Bulyan tolerating(int f) {
        return new Bulyan(new ByzantineTolerance("Bulyan", f), UpdateStorage.onHeap());
    }

    /** Returns a copy with another place for the round's updates. */
    public Bulyan storedIn(UpdateStorage place) {
        return new Bulyan(tolerance, place);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, n -> tolerance.needs(n, 4, 3), this::combine);
    }

    private Aggregation.Result combine(HeldUpdates updates) {
        int[] selected = select(SquaredDistances.of(updates), tolerance.f());
        Arrays.sort(selected);
        int kept = selected.length - 2 * tolerance.f();
        return Aggregation.Result.of(Columns.combineSorted(
                updates, selected, (rows, width, into, at) -> closest(rows, kept, width, into, at)));
    }

    /** The n - 2f selected updates in the order of their selection. */
    static int[] select(double[][] squared, int f) {
        KrumScores scores = new KrumScores(squared, f);
        int[] selected = new int[squared.length - 2 * f];
        for (int i = 0; i < selected.length; i++) {
            selected[i] = scores.removeBest();
        }
        return selected;
    }

    /** In a sorted column, the values closest to the median stand side by side. */
    static void closest(double[][] rows, int kept, int width, double[] into, int at) {
        for (int k = 0; k < width; k++) {
            double median = (rows[(rows.length - 1) / 2][k] + rows[rows.length / 2][k]) / 2;
            int first = 0;
            while (first + kept < rows.length && rows[first + kept][k] - median < median - rows[first][k]) {
                first++;
            }
            double sum = 0;
            for (int row = first; row < first + kept; row++) {
                sum += rows[row][k];
            }
            into[at + k] = sum / kept;
        }
    }

    @Override
    public String toString() {
        return "Bulyan.tolerating(" + tolerance.f() + ")";
    }
}
