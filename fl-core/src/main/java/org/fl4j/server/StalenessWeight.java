package org.fl4j.server;

import org.fl4j.internal.Check;

/**
 * How much an update counts that was trained from older weights. The staleness s is how many rounds after its task's start
 * it enters a buffer: 0 if the task started from the weights that the round steps from.
 *
 * <p>A function of s alone, in (0, 1], and thread-safe. Under a private rule it must not depend on data either.
 *
 * <p>Source of the families: Xie, Koyejo, Gupta, "Asynchronous Federated Optimization", 2019, section 5.2.
 */
@FunctionalInterface
public interface StalenessWeight {

    /**
     * The weight.
     *
     * @param staleness at least 0
     * @return in (0, 1]
     */
    double at(int staleness);

    /** 1, however stale. */
    static StalenessWeight constant() {
        return staleness -> 1;
    }

    /**
     * {@code (1 + s)^-a}. FedBuff's 1 / sqrt(1 + s) is a = 0.5.
     *
     * @param a at least 0
     */
    static StalenessWeight polynomial(double a) {
        Check.notNegative("a", a);
        return staleness -> Math.max(Double.MIN_NORMAL, StrictMath.pow(1.0 + staleness, -a));
    }

    /**
     * 1 up to a staleness of b, then {@code 1 / (a (s - b) + 1)}.
     *
     * @param a at least 0
     * @param b at least 0
     */
    static StalenessWeight hinge(double a, int b) {
        Check.notNegative("a", a);
        Check.atLeast("b", b, 0);
        return staleness -> staleness <= b ? 1 : 1 / (a * (staleness - b) + 1);
    }
}
