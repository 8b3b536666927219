package org.fl4j.server.evaluation;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.fl4j.internal.Check;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.internal.EvaluationTerms;
import org.fl4j.server.report.RoundResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from how good the global weights are: the best model kept, early stopping, a target, learning rates that fall on a plateau.
 *
 * <pre>{@code
 * builder.validation(Validation.by(Measure.central(5, models, heldOut, Metric.ACCURACY))
 *         .improvingBy(0.001)
 *         .keepingBest()
 *         .stoppingAfter(10)
 *         .stoppingAt(0.98));
 * ...
 * BestModel best = BestModel.of(state).orElseThrow();
 * }</pre>
 *
 * <p>All it counts is in {@link ServerState#progress}: a run that is resumed has the bits of one that never stopped. A value that is measured is a
 * metric of the round's report.
 *
 * <p>Immutable and thread-safe if the measure is.
 *
 * <p>Privacy: the length of the run, the model that is kept and the rates depend on the measure; {@link Measure} says what that may be under a private
 * rule.
 */
public final class Validation {

    private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

    private final Measure measure;
    private final double least;
    private final boolean keepsBest;
    private final OptionalInt patience;
    private final OptionalDouble target;
    private final Optional<Plateau> plateau;

    private Validation(
            Measure measure,
            double least,
            boolean keepsBest,
            OptionalInt patience,
            OptionalDouble target,
            Optional<Plateau> plateau) {
        this.measure = measure;
        this.least = least;
        this.keepsBest = keepsBest;
        this.patience = patience;
        this.target = target;
        this.plateau = plateau;
    }

    /**
     * When learning rates fall.
     *
     * @param after how many measured rounds without an improvement, at least 1; counted anew after each reduction
     * @param clients the factor of local training's rate, in (0, 1]; 1 to leave it
     * @param server the factor of the server's step, in (0, 1]; 1 to leave it
     */
    public record Plateau(int after, double clients, double server) {

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if one is out of range, or neither rate falls
         */
        public Plateau {
            Check.atLeast("after", after, 1);
            if (!isFactor(clients) || !isFactor(server) || (clients == 1 && server == 1)) {
                throw new IllegalArgumentException("factors must be in (0, 1] and one of them below 1, but were "
                        + clients + " for clients and " + server + " for the server");
            }
        }

        private static boolean isFactor(double factor) {
            return factor > 0 && factor <= 1;
        }

        /** Local training's rate falls. */
        public static Plateau ofClients(int after, double factor) {
            return new Plateau(after, factor, 1);
        }

        /** The server's step falls. */
        public static Plateau ofServer(int after, double factor) {
            return new Plateau(after, 1, factor);
        }
    }

    /** A validation that measures, and changes nothing. */
    public static Validation by(Measure measure) {
        return new Validation(measure, 0, false, OptionalInt.empty(), OptionalDouble.empty(), Optional.empty());
    }

    /**
     * Returns a copy for which a value counts as an improvement only if it is better than the best by more than this.
     *
     * @param difference at least 0; 0 unless set
     */
    public Validation improvingBy(double difference) {
        if (!(difference >= 0 && difference < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("difference must be at least 0 and finite, but was " + difference);
        }
        return new Validation(measure, difference, keepsBest, patience, target, plateau);
    }

    /** Returns a copy that keeps the weights of the best value, for {@link BestModel#of}. */
    public Validation keepingBest() {
        return new Validation(measure, least, true, patience, target, plateau);
    }

    /**
     * Returns a copy that ends the run once so many measured rounds in a row are no improvement (early stopping).
     *
     * @param measured at least 1
     */
    public Validation stoppingAfter(int measured) {
        Check.atLeast("measured", measured, 1);
        return new Validation(measure, least, keepsBest, OptionalInt.of(measured), target, plateau);
    }

    /**
     * Returns a copy that ends the run once the measure is this good.
     *
     * @param value finite
     */
    public Validation stoppingAt(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("value must be finite, but was " + value);
        }
        return new Validation(measure, least, keepsBest, patience, OptionalDouble.of(value), plateau);
    }

    /** Returns a copy that reduces learning rates where the model no longer improves. */
    public Validation reducingRates(Plateau when) {
        return new Validation(measure, least, keepsBest, patience, target, Optional.of(when));
    }

    /** Whether local training's rate depends on it. */
    public boolean changesClientRate() {
        return plateau.filter(when -> when.clients() < 1).isPresent();
    }

    /** Called by the builder of the server that this is given to. */
    public void joins(EvaluationTerms server) {
        measure.joins(server);
    }

    /** By what local training's rate is multiplied in the round after a state. */
    public static double clientFactor(ServerState state) {
        return Progress.clientFactor(state);
    }

    /** By what the server's step is multiplied in the round after a state. */
    public static double serverFactor(ServerState state) {
        return Progress.serverFactor(state);
    }

    /** Why the run that has this state is to end; empty if it is not. */
    public static Optional<String> ended(ServerState state) {
        return Optional.of(Progress.ended(state)).filter(reason -> !reason.isEmpty());
    }

    /**
     * Judges a round, before it is saved.
     *
     * @param result how it ended
     * @return the same with what this has counted, and the value among its metrics if it was measured
     * @throws IllegalStateException if the measure is NaN or infinite
     */
    public RoundResult judge(RoundResult result) {
        if (!(result instanceof RoundResult.Advanced advanced)) {
            return result;
        }
        OptionalDouble measured = measure.of(advanced);
        if (measured.isEmpty()) {
            return result;
        }
        double value = measured.getAsDouble();
        ServerState state = advanced.state();
        if (!Double.isFinite(value)) {
            throw new IllegalStateException(
                    "round " + state.round() + ": " + measure + " must be finite, but was " + value);
        }
        Progress next = next(Progress.of(state), value, state);
        return new RoundResult.Advanced(next.in(state), advanced.report().with("validation." + measure.name(), value));
    }

    private Progress next(Progress before, double value, ServerState state) {
        boolean improves = before.bestRound() == 0 || better(value, before.bestValue(), least);
        Progress next = improves
                ? new Progress(
                        state.round(),
                        value,
                        0,
                        0,
                        before.clientFactor(),
                        before.serverFactor(),
                        "",
                        keepsBest
                                ? Optional.of(new BestModel(state.round(), value, state.weights()))
                                : Optional.empty())
                : new Progress(
                        before.bestRound(),
                        before.bestValue(),
                        before.since() + 1,
                        before.reducedSince() + 1,
                        before.clientFactor(),
                        before.serverFactor(),
                        "",
                        before.best());
        return ending(reduced(next, state), value, state);
    }

    private Progress reduced(Progress next, ServerState state) {
        if (plateau.isEmpty() || next.reducedSince() < plateau.get().after()) {
            return next;
        }
        Progress reduced = next.reducing(plateau.get().clients(), plateau.get().server());
        LOG.info(
                "round {}: no improvement of {} for {} measured rounds; factors of learning rates are now {} for clients and {}"
                        + " for the server",
                state.round(),
                measure,
                plateau.get().after(),
                reduced.clientFactor(),
                reduced.serverFactor());
        return reduced;
    }

    private Progress ending(Progress next, double value, ServerState state) {
        if (target.isPresent() && !better(target.getAsDouble(), value, 0)) {
            return next.endedBy("round " + state.round() + ": " + measure + " is " + value + ", and the target is "
                    + target.getAsDouble());
        }
        if (patience.isPresent() && next.since() >= patience.getAsInt()) {
            return next.endedBy("round " + state.round() + ": " + measure + " has not improved by more than " + least
                    + " in " + next.since() + " measured rounds; the best is " + next.bestValue() + ", after round "
                    + next.bestRound());
        }
        return next;
    }

    private boolean better(double a, double b, double by) {
        return measure.higherIsBetter() ? a > b + by : a < b - by;
    }

    @Override
    public String toString() {
        return "Validation.by(" + measure + ")";
    }
}
