package org.fl4j.aggregation.robust;

import java.util.Optional;
import org.fl4j.internal.Check;

/**
 * How many Byzantine updates f a rule tolerates, and how many updates n it needs for that.
 *
 * @param rule its name, for messages
 * @param f at least 0
 */
record ByzantineTolerance(String rule, int f) {

    ByzantineTolerance {
        Check.atLeast("f", f, 0);
    }

    /** n >= times * f + more. */
    Optional<String> needs(int n, int times, int more) {
        long least = (long) times * f + more;
        return n >= least ? Optional.empty() : shortfall("n >= " + times + "f + " + more + " = " + least, n);
    }

    /** n > 2f: a majority of honest updates. */
    Optional<String> needsMajority(int n) {
        long bound = 2L * f;
        return n > bound ? Optional.empty() : shortfall("n > 2f = " + bound, n);
    }

    private Optional<String> shortfall(String condition, int n) {
        return Optional.of(rule + " tolerating f = " + f + " needs " + condition + " updates; there are " + n);
    }

    /** For a rule whose f is not fixed. */
    static Optional<String> needsOne(String rule, int n) {
        return n > 0 ? Optional.empty() : Optional.of(rule + " needs at least 1 update; there are " + n);
    }
}
