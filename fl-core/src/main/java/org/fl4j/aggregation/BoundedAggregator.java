package org.fl4j.aggregation;

/**
 * A linear rule to whose sum each client contributes a bounded amount, whatever its update: what calibrated noise needs.
 * Its segments have a grid and its encoder emits whole numbers of grid steps, rounded toward zero, so that the bound
 * holds exactly.
 */
public interface BoundedAggregator extends LinearAggregator {

    @Override
    BoundedRound begin(RoundContext context);
}
