package org.fl4j.model;

import org.fl4j.internal.Check;

/**
 * The learning rate as a function of the round. Users may write their own as a lambda.
 *
 * <pre>{@code
 * LearningRateSchedule.constant(0.1).decayedBy(0.5, 20).warmedUpOver(5)
 * }</pre>
 *
 * <p>Must be a pure function: a resumed run asks again.
 */
@FunctionalInterface
public interface LearningRateSchedule {

    /**
     * The learning rate of a round.
     *
     * @param round counted from 1
     * @return above 0
     */
    double at(int round);

    /**
     * The same rate in every round.
     *
     * @param rate above 0
     * @return the schedule
     */
    static LearningRateSchedule constant(double rate) {
        return round -> rate;
    }

    /**
     * This schedule multiplied by a factor once every few rounds: {@code at(r) * factor^floor((r - 1) / everyRounds)}.
     *
     * @param factor in (0, 1]
     * @param everyRounds at least 1; 1 is the exponential decay
     * @return the decayed schedule
     * @throws IllegalArgumentException if an argument is out of range
     */
    default LearningRateSchedule decayedBy(double factor, int everyRounds) {
        if (!(factor > 0 && factor <= 1)) {
            throw new IllegalArgumentException("factor must be in (0, 1], but was " + factor);
        }
        requirePositive(everyRounds, "everyRounds");
        return round -> {
            int decays = (round - 1) / everyRounds;
            return at(round) * StrictMath.pow(factor, decays);
        };
    }

    /**
     * This schedule rising linearly over its first rounds: {@code at(r) * min(1, r / rounds)}.
     *
     * @param rounds at least 1
     * @return the schedule with warm-up
     * @throws IllegalArgumentException if {@code rounds} is below 1
     */
    default LearningRateSchedule warmedUpOver(int rounds) {
        requirePositive(rounds, "rounds");
        return round -> at(round) * Math.min(1, round / (double) rounds);
    }

    private static void requirePositive(int value, String name) {
        Check.atLeast(name, value, 1);
    }
}
