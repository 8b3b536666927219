package org.fl4j.aggregation;

import java.util.Map;
import java.util.Optional;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.weights.ModelDelta;

/**
 * A rule that combines client updates. The ladder below it is ordered by what the server may see:
 *
 * <ul>
 *   <li>{@link DirectAggregator}: each update (medians, Krum);
 *   <li>{@link LinearAggregator}: only a sum over clients is needed (FedAvg);
 *   <li>{@link BoundedAggregator}: only a sum to which each client contributes a bounded amount (clipped means);
 *   <li>{@link Masked}: only a masked sum is ever seen.
 * </ul>
 *
 * <p>So what needs each update cannot be put under masks, and what has no bound cannot be given noise: neither compiles.
 *
 * <p>A rule is immutable and thread-safe; what it remembers from round to round is in the {@link RoundContext}.
 */
public sealed interface Aggregator permits DirectAggregator, Aggregator.Masked, Aggregator.Forwarding {

    /**
     * What clients are to minimise so that this rule is what its name says. A {@link Forwarding} returns the wrapped rule's.
     *
     * @return {@link ObjectiveSpec#EMPIRICAL_RISK} unless the rule carries another
     */
    default ObjectiveSpec objective() {
        return ObjectiveSpec.EMPIRICAL_RISK;
    }

    /**
     * The clients' side of {@link #objective}, which clients in the server's JVM get from here.
     *
     * @return named as {@link #objective} is; empty where that needs no further behaviour, as empirical risk
     */
    default Optional<LocalObjective> localObjective() {
        return Optional.empty();
    }

    /**
     * Who must agree before a round may release anything. A rule with a guard is private: what its clients did stays
     * out of every report.
     *
     * @return empty unless the rule spends a privacy budget
     */
    default Optional<PrivacyBudgetGuard> guard() {
        return Optional.empty();
    }

    /** Whether the rule has a {@link #guard}, so that nothing may show what single clients did. */
    default boolean isPrivate() {
        return guard().isPresent();
    }

    /**
     * A rule under which the server sees only a masked sum. The protocol between the two ends is
     * {@code org.fl4j.secure.SecureAggregator}, in whose package both are; the ladder is sealed in this one.
     */
    non-sealed interface Masked extends Aggregator {

        /**
         * Named vectors for every client's task, as {@link DirectRound#taskVectors} of the rule that is summed.
         *
         * @param context the round
         * @return none unless the rule needs some
         */
        Map<String, ModelDelta> taskVectors(RoundContext context);

        /** A masked rule around the rule whose contributions it sums. */
        non-sealed interface Forwarding extends Masked, Aggregator.Forwarding {

            @Override
            LinearAggregator inner();

            @Override
            default Map<String, ModelDelta> taskVectors(RoundContext context) {
                return inner().begin(context).taskVectors();
            }
        }
    }

    /** A rule around another, with its objective and its guard, whichever of them it does not override. */
    sealed interface Forwarding extends Aggregator permits DirectAggregator.Forwarding, Masked.Forwarding {

        /**
         * The rule that is wrapped.
         *
         * @return always the same
         */
        DirectAggregator inner();

        @Override
        default ObjectiveSpec objective() {
            return inner().objective();
        }

        @Override
        default Optional<LocalObjective> localObjective() {
            return inner().localObjective();
        }

        @Override
        default Optional<PrivacyBudgetGuard> guard() {
            return inner().guard();
        }
    }
}
