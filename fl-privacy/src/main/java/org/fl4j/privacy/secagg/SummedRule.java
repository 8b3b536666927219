package org.fl4j.privacy.secagg;

import java.util.List;
import java.util.Optional;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.dp.DistributedNoise;
import org.fl4j.privacy.dp.NoisedRound;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters;
import org.fl4j.privacy.secagg.internal.vector.VectorPlan;

/** What is summed under masks: contributions, or contributions with noise. Immutable and thread-safe. */
sealed interface SummedRule {

    /** The rule that encodes. */
    LinearAggregator rule();

    /** Whether the rule spends a privacy budget: then nothing may name or count participants. */
    boolean isPrivate();

    /** Who charges a round. */
    Optional<PrivacyBudgetGuard> guard(ThreatModel threatModel);

    /** Begins a round of a cohort, of whose numbers the server's and a client's must be the same. */
    Begun begin(RoundContext context, GraphParameters graph, ThreatModel threatModel);

    /**
     * A round of a cohort.
     *
     * @param round of the rule
     * @param plan widths
     * @param noisedByClients whether the sum has its noise when its masks are off
     * @param terms what else must be the same at both ends
     */
    record Begun(LinearRound round, VectorPlan plan, boolean noisedByClients, String terms) {}

    /** Noise must be charged to a guard, and added in the ring, before anything reveals the sum without noise. */
    static void requireCharged(List<Segment> segments, boolean isPrivate) {
        for (Segment segment : segments) {
            if (segment.noise() > 0 && !isPrivate) {
                throw new IllegalStateException("segment '" + segment.name() + "': a rule that adds noise must have a"
                        + " guard; does a wrapper not pass on the guard of its rule?");
            }
            if (segment.grid().isEmpty() && isPrivate) {
                throw new IllegalStateException(
                        "segment '" + segment.name() + "': under masks every segment of a private"
                                + " rule needs a grid, as noise is added in whole steps");
            }
        }
    }

    /**
     * Contributions of a linear rule, which adds its own noise if it is private.
     *
     * @param numbers for segments without a grid
     */
    record Plain(LinearAggregator rule, FixedPoint numbers) implements SummedRule {

        @Override
        public boolean isPrivate() {
            return rule.isPrivate();
        }

        @Override
        public Optional<PrivacyBudgetGuard> guard(ThreatModel threatModel) {
            return rule.guard();
        }

        @Override
        public Begun begin(RoundContext context, GraphParameters graph, ThreatModel threatModel) {
            LinearRound round = rule.begin(context);
            requireCharged(round.segments(), isPrivate());
            return new Begun(round, VectorPlan.of(round.segments(), numbers.scales(), graph.clients()), false, "");
        }

        @Override
        public String toString() {
            return numbers + ") of " + rule;
        }
    }

    /** Contributions to which clients add noise. */
    record Noised(DistributedNoise noise) implements SummedRule {

        @Override
        public LinearAggregator rule() {
            return noise.rule();
        }

        @Override
        public boolean isPrivate() {
            return true;
        }

        @Override
        public Optional<PrivacyBudgetGuard> guard(ThreatModel threatModel) {
            return Optional.of(noise.guard(new DistributedNoise.Setting() {
                @Override
                public int survivors(int clients) {
                    return threatModel.graph(clients).minimumSurvivors();
                }

                @Override
                public int honest(int clients) {
                    return threatModel.honestSurvivors(threatModel.graph(clients));
                }
            }));
        }

        @Override
        public Begun begin(RoundContext context, GraphParameters graph, ThreatModel threatModel) {
            NoisedRound round = begun(context, graph.clients(), threatModel.honestSurvivors(graph));
            return new Begun(round, VectorPlan.ofRing(round.segments(), round.bits()), true, round.terms());
        }

        /** What was in order when the round was charged can fail by the cohort's size only, which the figures would tell. */
        private NoisedRound begun(RoundContext context, int clients, int honest) {
            try {
                return noise.begin(context, clients, honest);
            } catch (IllegalArgumentException e) {
                throw new CohortSizeException(
                        String.valueOf(e.getMessage()),
                        noise + " has no integers for a cohort of its size; use a lower noise multiplier or cohorts of"
                                + " another size");
            }
        }

        @Override
        public String toString() {
            return "clients' noise) of " + noise;
        }
    }
}
