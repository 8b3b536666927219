package org.fl4j.server.evaluation;

import java.util.Optional;
import java.util.OptionalDouble;
import org.fl4j.internal.Check;
import org.fl4j.model.Metric;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.server.internal.EvaluationTerms;
import org.fl4j.server.report.RoundResult;

/**
 * One number that says how good the global weights are after a round: what a {@link Validation} goes by.
 *
 * <p>Called on the thread that runs the rounds, once after each round that advanced. What it throws ends the run.
 */
public interface Measure {

    /** What is measured, such as {@code accuracy}; a round's report has it as {@code validation.accuracy}. */
    String name();

    /** Whether higher is better. */
    boolean higherIsBetter();

    /**
     * Measures.
     *
     * @param result the round
     * @return empty if this round is not measured
     */
    OptionalDouble of(RoundResult.Advanced result);

    /**
     * Called by the builder of the server that the measure is given to.
     *
     * @param server what it shares with the server
     * @throws IllegalStateException if the server's rule does not allow this measure
     */
    default void joins(EvaluationTerms server) {}

    /**
     * A metric of the global weights on held-out data, every few rounds. Under a private rule the data must be public, or those of nobody
     * whom the rule protects.
     *
     * @param <D> the type of data
     * @param every rounds whose number this divides are measured, at least 1
     * @param models where to borrow a model
     * @param heldOut data that no client trains on
     * @param metric an evaluation without it is an {@link IllegalStateException}
     */
    static <D> Measure central(int every, ModelPool<? extends Model<D>> models, D heldOut, Metric metric) {
        return new EvaluationMeasure(
                Check.atLeast("every", every, 1),
                metric,
                state -> Optional.of(models.with(model -> {
                    model.load(state.weights());
                    return model.evaluate(heldOut, metric.needs());
                })),
                Optional.empty());
    }

    /**
     * A metric of an evaluation over clients. It is measured in the rounds whose number the evaluation's interval divides; the evaluation need
     * not be a listener of the server as well. A round in which no client evaluated is not measured, which is logged.
     *
     * <p>Privacy: what clients answer decides how long the run is and which model is kept. Under a private rule it is refused unless
     * {@link FederatedEvaluation#revealingMembersEvaluation} was called.
     *
     * @param evaluation who evaluates, and what
     * @param metric an evaluation of some examples without it is an {@link IllegalStateException}
     */
    static Measure federated(FederatedEvaluation evaluation, Metric metric) {
        FederatedEvaluation collecting = evaluation.alsoCollecting(metric.needs());
        return new EvaluationMeasure(
                evaluation.interval(),
                metric,
                state -> Optional.of(collecting.evaluate(state)).filter(sum -> sum.examples() > 0),
                Optional.of(collecting));
    }

    /**
     * A metric of the rounds' reports, such as {@code loss}, the clients' mean training loss, or what a private rule releases. Rounds without it are
     * not measured.
     *
     * @param metric its name in {@link RoundResult.Report#metrics}
     * @param direction which is better
     */
    static Measure reported(String metric, Metric.Direction direction) {
        return new ReportedMeasure(metric, direction == Metric.Direction.HIGHER_IS_BETTER);
    }
}
