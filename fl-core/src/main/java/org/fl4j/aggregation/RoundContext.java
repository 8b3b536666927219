package org.fl4j.aggregation;

import org.fl4j.binary.ComponentState;
import org.fl4j.model.ParameterLayout;

/**
 * What a rule knows of the round before any update arrives.
 *
 * @param round counted from 1
 * @param layout of the global weights and of every delta
 * @param population how many clients there are
 * @param sampling how the cohort was drawn
 * @param state what the rule left after the last round; {@link ComponentState#EMPTY} at first
 * @param seed derived for the rule and the round
 */
public record RoundContext(
        int round, ParameterLayout layout, long population, SamplingScheme sampling, ComponentState state, long seed) {
    /**
     * This round for a rule inside another, which keeps a state of its own.
     *
     * @param inner the inner rule's state
     * @return a copy
     */
    public RoundContext withState(ComponentState inner) {
        return new RoundContext(round, layout, population, sampling, inner, seed);
    }
}
