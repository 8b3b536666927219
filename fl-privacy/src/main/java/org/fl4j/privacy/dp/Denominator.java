package org.fl4j.privacy.dp;

import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.Check;
import org.jspecify.annotations.Nullable;

/** The denominator of a private sum: a public number, never the count of participants. */
record Denominator(@Nullable Double stated) {

    static final Denominator EXPECTED_COHORT = new Denominator(null);

    static Denominator of(double expectedWeight) {
        return new Denominator(Check.positive("expectedWeight", expectedWeight));
    }

    double at(RoundContext context) {
        if (stated != null) {
            return stated;
        }
        long population = Math.max(1, context.population());
        if (context.sampling() instanceof SamplingScheme.Poisson poisson) {
            return poisson.probability() * population;
        }
        if (context.sampling() instanceof SamplingScheme.Separated separated) {
            return (double) population / separated.rounds();
        }
        if (context.sampling() instanceof SamplingScheme.FixedSize fixed) {
            return Math.min(fixed.size(), population);
        }
        if (context.sampling() instanceof SamplingScheme.EveryClient) {
            return population;
        }
        throw new IllegalStateException(
                "the expected cohort of the sampling " + context.sampling() + " is unknown; state it with dividingBy");
    }

    @Override
    public String toString() {
        return stated == null ? "expected cohort" : String.valueOf(stated);
    }
}
