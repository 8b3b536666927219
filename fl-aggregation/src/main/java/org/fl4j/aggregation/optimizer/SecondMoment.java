package org.fl4j.aggregation.optimizer;

/** How v follows the squares of the aggregates; the difference between the adaptive optimizers. */
@FunctionalInterface
interface SecondMoment {

    /**
     * Updates {@code v[from + i]} by {@code squares[i]} for i below n. A stretch at a time, so that the loop is
     * compiled for one rule. What it leaves may have overflowed to infinity, but is not NaN.
     */
    void update(double[] v, double[] squares, int from, int n);
}
