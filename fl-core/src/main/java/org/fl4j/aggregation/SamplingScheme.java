package org.fl4j.aggregation;

/**
 * How a selector draws cohorts: what a privacy accountant may assume. The selector states it, the rule reads it in the
 * {@link RoundContext}, and nobody types a sampling probability twice.
 */
public sealed interface SamplingScheme {

    /** Every client in every round. */
    record EveryClient() implements SamplingScheme {}

    /**
     * A uniform sample of fixed size without replacement.
     *
     * @param size how many
     */
    record FixedSize(int size) implements SamplingScheme {}

    /**
     * Every client independently with the same probability.
     *
     * @param probability in (0, 1]
     * @param source where the coins come from; only cryptographic ones amplify privacy
     */
    record Poisson(double probability, Source source) implements SamplingScheme {}

    /**
     * Anything else: nothing may be assumed.
     *
     * @param description for the statement
     */
    record Other(String description) implements SamplingScheme {}

    /** Where the coins of a draw come from. */
    enum Source {
        /** A cryptographic generator, fresh in every run. */
        CRYPTOGRAPHIC,
        /** The run's seed, which whoever knows it can replay. */
        SEEDED
    }
}
