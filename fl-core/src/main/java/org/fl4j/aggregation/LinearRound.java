package org.fl4j.aggregation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * One round of a {@link LinearAggregator}, as it stands before any update arrives: the segments of the sum, what encodes
 * an update into them, and what makes an aggregate of the sum. What follows from the context is computed once, when the
 * round begins.
 *
 * <p>A participant of a secure sum begins the round as well, from the public part of the context, for {@link #segments} and
 * {@link #encoder} alone. A rule whose encoding depends on its state publishes that part as {@link #publicState}.
 *
 * <p>Immutable and thread-safe.
 */
public interface LinearRound extends DirectRound {

    /**
     * The segments of the sum.
     *
     * @return with different names, always the same. {@link Segment#noise} states what {@link #decode} adds
     */
    List<Segment> segments();

    /**
     * Turns updates into contributions.
     *
     * @return the encoder
     */
    UpdateEncoder encoder();

    /**
     * Makes an aggregate of the sum. A rule with a {@link LinearAggregator#guard guard} adds its noise first, by
     * {@link Summand#withNoise}, and then returns a result whatever the sum is: under masks a client can send any integers,
     * and an exception would be a release without noise.
     *
     * @param total the sum over the cohort; not empty unless the rule has a guard
     * @return the aggregate
     */
    Aggregation.Result decode(Summand total);

    /**
     * What participants need of the rule's state in order to encode. It is sent to every client of a secure sum.
     *
     * @return empty if segments and encoder do not depend on the state: {@link RoundContext#state} then throws at a
     *     participant
     */
    default Optional<ComponentState> publicState() {
        return Optional.empty();
    }

    /**
     * A round that sends its clients nothing beside the weights and publishes no state.
     *
     * @param segments as {@link #segments}
     * @param encoder as {@link #encoder}
     * @param decoder as {@link #decode}
     * @return the round
     */
    static LinearRound of(
            List<Segment> segments, UpdateEncoder encoder, Function<Summand, Aggregation.Result> decoder) {
        return new SimpleLinearRound(List.copyOf(segments), encoder, decoder);
    }

    /**
     * Begins a round for a driver that takes the sum itself, and checks that what the rule adds to it is charged to a
     * budget.
     *
     * @param rule the rule
     * @param context the round
     * @return its round
     * @throws IllegalStateException if the rule adds noise and has no guard
     */
    static LinearRound guarded(LinearAggregator rule, RoundContext context) {
        LinearRound round = rule.begin(context);
        if (!rule.isPrivate() && round.segments().stream().anyMatch(segment -> segment.noise() > 0)) {
            throw new IllegalStateException(
                    "a rule that adds noise must have a guard, which charges what it releases, but " + rule
                            + " has none; does a wrapper not pass on the guard of its rule?");
        }
        return round;
    }

    @Override
    default LinearAggregation aggregation() {
        return new LinearAggregation(this);
    }

    /**
     * A linear round that passes everything on to another: a rule around a rule overrides what it changes. One that keeps a state
     * of its own overrides {@link #publicState} as well, which publishes the inner state alone.
     */
    interface Forwarding extends LinearRound {

        /**
         * The round that is wrapped.
         *
         * @return always the same
         */
        LinearRound inner();

        @Override
        default Map<String, ModelDelta> taskVectors() {
            return inner().taskVectors();
        }

        @Override
        default List<Segment> segments() {
            return inner().segments();
        }

        @Override
        default UpdateEncoder encoder() {
            return inner().encoder();
        }

        @Override
        default Aggregation.Result decode(Summand total) {
            return inner().decode(total);
        }

        @Override
        default Optional<ComponentState> publicState() {
            return inner().publicState();
        }
    }
}
