package org.fl4j.privacy.secagg.internal.cohort;

import java.util.Optional;
import java.util.function.IntFunction;

/** How many clients a round needs, and which clients have enough holders of shares left. */
public record SurvivorRequirement(GraphParameters graph, int round) {

    /** Why too few clients are left after a stage, if they are. */
    public Optional<String> after(Enum<?> stage, IndexSet left) {
        int needed = graph.minimumSurvivors();
        return left.size() >= needed
                ? Optional.empty()
                : Optional.of("round " + round + ": " + left.size() + " of " + graph.clients()
                        + " clients are left after " + stage + " but "
                        + (graph.isComplete() ? "the threshold is " : "the sparse graph needs ") + needed);
    }

    /** The clients with enough holders left, after all others have dropped out as well. */
    public IndexSet recoverable(IndexSet clients, IntFunction<int[]> holders) {
        IndexSet left = clients;
        for (int before = -1; before != left.size(); ) {
            before = left.size();
            IndexSet now = left;
            left = now.where(dealer -> count(holders.apply(dealer), now) >= graph.threshold());
        }
        return left;
    }

    private static int count(int[] holders, IndexSet among) {
        int count = 0;
        for (int holder : holders) {
            count += among.contains(holder) ? 1 : 0;
        }
        return count;
    }
}
