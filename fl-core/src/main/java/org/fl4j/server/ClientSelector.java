package org.fl4j.server;

import org.fl4j.aggregation.SamplingScheme;

/**
 * Chooses the cohort of a round.
 *
 * <p>Immutable and thread-safe; what it remembers is in the {@link SelectionContext}. The same context gives the same
 * cohort, but for selectors whose {@link #scheme} says they draw from a cryptographic generator.
 */
public interface ClientSelector {

    /**
     * Chooses.
     *
     * @param context the round and the population
     * @return the cohort
     */
    Selection select(SelectionContext context);

    /**
     * How it draws: what a privacy accountant may assume.
     *
     * @return the scheme
     */
    SamplingScheme scheme();

    /**
     * Every client in every round, in the population's order.
     *
     * @return the selector
     */
    static ClientSelector all() {
        return new EveryClientSelector();
    }

    /**
     * A uniform sample of fixed size without replacement, derived from the run's seed.
     *
     * @param size how many clients, at least 1; all of them if the population is smaller
     * @return the selector
     * @throws IllegalArgumentException if the size is below 1
     */
    static ClientSelector uniform(int size) {
        return new UniformSelector(size);
    }

    /**
     * Every client independently with the same probability, from a cryptographic generator: the sampling that amplifies
     * privacy. Cohorts differ from run to run even with the same seed; that is what the amplification rests on.
     *
     * @param probability in (0, 1]; the cohort's expected size is this times the population, its real size varies and
     *     may be 0
     * @return the selector
     * @throws IllegalArgumentException if the probability is out of range
     */
    static ClientSelector poisson(double probability) {
        return PoissonSelector.fresh(probability);
    }
}
