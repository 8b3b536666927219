package org.fl4j.privacy.secagg;

import java.util.Optional;
import java.util.function.IntFunction;

/** Why too few clients are left. */
record Shortfall(SessionTerms terms) {

    Optional<String> after(ProtocolStage stage, IndexSet left) {
        int needed = terms.graph().minimumSurvivors();
        return left.size() >= needed
                ? Optional.empty()
                : Optional.of("round " + terms.round() + ": " + left.size() + " of " + terms.clients()
                        + " clients are left after " + stage + " but "
                        + (terms.isComplete() ? "the threshold is " : "the sparse graph needs ") + needed);
    }

    /** Those of whom enough holders are left, when all others are gone too. */
    IndexSet recoverable(IndexSet clients, IntFunction<int[]> holders) {
        IndexSet left = clients;
        for (int before = -1; before != left.size(); ) {
            before = left.size();
            IndexSet now = left;
            left = now.where(dealer -> count(holders.apply(dealer), now) >= terms.threshold());
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
