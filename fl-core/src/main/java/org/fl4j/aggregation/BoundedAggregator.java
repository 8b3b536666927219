package org.fl4j.aggregation;

/**
 * A linear rule to whose sum each client contributes a bounded amount, whatever its update: what calibrated noise needs.
 * Its segments have a grid and its encoder emits whole numbers of grid steps, rounded toward zero, so that the bound
 * holds exactly.
 */
public interface BoundedAggregator extends LinearAggregator {

    /**
     * How far one client can move the sum.
     *
     * @param context the round
     * @return a bound for each segment
     */
    Sensitivity sensitivity(RoundContext context);
}
