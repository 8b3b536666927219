package org.fl4j.aggregation.robust;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.internal.Check;

/**
 * The mean of the m updates with the best scores of {@link Krum}:
 *
 * <pre>  aggregate = 1/m sum of the m deltas x_i with the smallest  s(i) = sum_{i -> j} |x_i - x_j|^2.</pre>
 *
 * <p>All scores come from the same n updates; {@link Bulyan} recomputes them after each choice. The chosen have equal
 * weight, whatever their number of examples.
 *
 * <p>Needs n &gt;= 2f + 3 updates, of which f may be Byzantine, and m &lt;= n - f - 2; else the round is abandoned.
 * Distances and mean in FP64, rounded once to the layout's dtype. Memory and time: those of Krum. Immutable and
 * thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear.
 *
 * <p>Source: Blanchard, El Mhamdi, Guerraoui, Stainer, "Machine Learning with Adversaries: Byzantine Tolerant Gradient
 * Descent", NeurIPS 2017, section 6.
 *
 * @implNote the paper leaves m open; the bound is the one under which its resilience proof carries over, and the default.
 */
public final class MultiKrum implements DirectAggregator {

    private final ByzantineTolerance tolerance;
    private final OptionalInt selected;
    private final UpdateStorage storage;

    private MultiKrum(ByzantineTolerance tolerance, OptionalInt selected, UpdateStorage storage) {
        this.tolerance = tolerance;
        this.selected = selected;
        this.storage = storage;
    }

    /** Tolerates f Byzantine updates and averages m = n - f - 2; throws IllegalArgumentException if f is negative. */
    public static MultiKrum tolerating(int f) {
        return new MultiKrum(new ByzantineTolerance("MultiKrum", f), OptionalInt.empty(), UpdateStorage.onHeap());
    }

    /** Returns a copy that averages m updates, with 1 Krum; throws IllegalArgumentException if m is below 1. */
    public MultiKrum selecting(int m) {
        Check.atLeast("m", m, 1);
        return new MultiKrum(tolerance, OptionalInt.of(m), storage);
    }

    /** Returns a copy with another place for the round's updates. */
    public MultiKrum storedIn(UpdateStorage place) {
        return new MultiKrum(tolerance, selected, place);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, this::shortfall, this::combine);
    }

    private Optional<String> shortfall(int n) {
        return tolerance.needs(n, 2, 3).or(() -> tooManySelected(n));
    }

    private Optional<String> tooManySelected(int n) {
        int most = n - tolerance.f() - 2;
        return selected.orElse(most) <= most
                ? Optional.empty()
                : Optional.of("MultiKrum tolerating f = " + tolerance.f() + " of n = " + n
                        + " updates selects at most n - f - 2 = " + most + "; m is " + selected.getAsInt());
    }

    private Aggregation.Result combine(HeldUpdates updates) {
        int m = selected.orElse(updates.size() - tolerance.f() - 2);
        double[] scores = new KrumScores(SquaredDistances.of(updates), tolerance.f()).scores();
        return Aggregation.Result.of(
                Columns.means(updates, List.of(Neighbours.smallest(scores, m))).get(0));
    }

    @Override
    public String toString() {
        String m = selected.isPresent() ? ".selecting(" + selected.getAsInt() + ")" : "";
        return "MultiKrum.tolerating(" + tolerance.f() + ")" + m;
    }
}
