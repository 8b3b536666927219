package org.fl4j.server;

import java.util.OptionalDouble;
import org.fl4j.internal.Check;

/**
 * Rounds that wait for no cohort: clients are at work all the time, and whenever a buffer of updates is full, the server
 * combines them and steps. Each such step is a round; what arrives later enters a later round, damped by its staleness.
 *
 * <pre>{@code
 * FederatedServer.with(FedAvg.byExamples())
 *         .selector(ClientSelector.uniform(100))
 *         .asynchronous(AsynchronousRounds.fedBuff(100, 10).withMaxStaleness(20))
 * }</pre>
 *
 * <ul>
 *   <li>A client is at work on one task at a time and fills at most one slot of a buffer. The selector fills places one by
 *       one ({@code ClientSelector.fill}).
 *   <li>The rule combines a buffer as it would a cohort: its weights (examples, caps) stay what they are, and each delta is
 *       multiplied by the {@link StalenessWeight}; rules that clip damp what they have clipped.
 *   <li>A task that fails fills no slot, and its place is filled anew. Under a private rule it fills one with zero, and
 *       every buffer has as many slots, a public number.
 *   <li>{@link RoundPolicy#deadline} is that of a task.
 *   <li>A task whose staleness would exceed the maximum is abandoned, {@code ClientOutcome.Stale}.
 *   <li>A round is abandoned if 10 times as many tasks fail as there are places and slots, or if nobody is at work and nobody can
 *       be chosen. What its buffer held is lost.
 *   <li>A resumed run may have other numbers: while there are more tasks than places none is started, and tasks beyond a smaller
 *       maximum staleness are abandoned.
 * </ul>
 *
 * <p>Privacy: each release is charged in full; no amplification by sampling is claimed. The guarantee assumes that the times at
 * which tasks arrive do not depend on clients' data.
 *
 * @param concurrency how many clients are at work, at least 1
 * @param buffer how many updates, or slots under a private rule, end a round; at least 1
 * @param staleness how much an update counts
 * @param maxStaleness the largest staleness of an update, at least 0; a state holds at most maxStaleness + 1 versions of the
 *     weights
 * @param selectsPerRelease whether places are filled when a round begins only, and not as soon as they are free
 * @param mixing FedAsync's alpha in (0, 1]; empty to apply the aggregate as it is
 */
public record AsynchronousRounds(
        int concurrency,
        int buffer,
        StalenessWeight staleness,
        int maxStaleness,
        boolean selectsPerRelease,
        OptionalDouble mixing) {

    /** The largest staleness of an update, unless set: {@value}. */
    public static final int DEFAULT_MAX_STALENESS = 100;

    private static final double FED_BUFF_EXPONENT = 0.5;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is violated, or there is a mixing and a buffer of more than one
     */
    public AsynchronousRounds {
        Check.atLeast("concurrency", concurrency, 1);
        Check.atLeast("buffer", buffer, 1);
        Check.atLeast("maxStaleness", maxStaleness, 0);
        if (mixing.isPresent() && !(mixing.getAsDouble() > 0 && mixing.getAsDouble() <= 1)) {
            throw new IllegalArgumentException("mixing must be in (0, 1], but was " + mixing.getAsDouble());
        }
        if (mixing.isPresent() && buffer != 1) {
            throw new IllegalArgumentException("mixing needs a buffer of 1, but was " + buffer);
        }
    }

    /**
     * FedBuff: a step for every k updates, each weighted by 1 / sqrt(1 + s). The paper divides their sum by k, as a uniform
     * rule does; a rule that weighs divides by the sum of its own weights.
     *
     * <p>Source: Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba, "Federated Learning with Buffered Asynchronous
     * Aggregation", AISTATS 2022, algorithm 1.
     *
     * @param concurrency how many clients are at work, at least 1
     * @param buffer k, at least 1
     */
    public static AsynchronousRounds fedBuff(int concurrency, int buffer) {
        return new AsynchronousRounds(
                concurrency,
                buffer,
                StalenessWeight.polynomial(FED_BUFF_EXPONENT),
                DEFAULT_MAX_STALENESS,
                false,
                OptionalDouble.empty());
    }

    /**
     * FedAsync: every update is mixed into the global weights at once, {@code x <- (1 - a_s) x + a_s x_new} with {@code a_s =
     * alpha} times the staleness weight.
     *
     * <p>Source: Xie, Koyejo, Gupta, "Asynchronous Federated Optimization", 2019, algorithm 1.
     *
     * @param concurrency how many clients are at work, at least 1
     * @param alpha in (0, 1]
     * @param staleness such as {@link StalenessWeight#polynomial}, {@link StalenessWeight#hinge}
     */
    public static AsynchronousRounds fedAsync(int concurrency, double alpha, StalenessWeight staleness) {
        return new AsynchronousRounds(
                concurrency, 1, staleness, DEFAULT_MAX_STALENESS, false, OptionalDouble.of(alpha));
    }

    /**
     * Semi-synchronous rounds: a round ends at k of n, late updates join a later round with their staleness, and when a round
     * begins, as many clients are selected as are missing to n.
     *
     * @param clients n, at least 1
     * @param enough k, at least 1
     */
    public static AsynchronousRounds semiSynchronous(int clients, int enough) {
        return fedBuff(clients, enough).selectingPerRelease();
    }

    /** How much an update of this staleness counts, before any mixing. */
    double weightAt(int its) {
        double weight = staleness.at(its);
        if (!(weight > 0 && weight <= 1)) {
            throw new IllegalStateException(
                    "a staleness weight must be in (0, 1], but was " + weight + " at a staleness of " + its);
        }
        return weight;
    }

    /** Returns a copy with other weights. */
    public AsynchronousRounds withStaleness(StalenessWeight weight) {
        return new AsynchronousRounds(concurrency, buffer, weight, maxStaleness, selectsPerRelease, mixing);
    }

    /** Returns a copy with another largest staleness. */
    public AsynchronousRounds withMaxStaleness(int most) {
        return new AsynchronousRounds(concurrency, buffer, staleness, most, selectsPerRelease, mixing);
    }

    /**
     * Returns a copy that fills places when a round begins only: one selection for each release, and another where all that are
     * at work have ended without filling the buffer.
     */
    public AsynchronousRounds selectingPerRelease() {
        return new AsynchronousRounds(concurrency, buffer, staleness, maxStaleness, true, mixing);
    }
}
