package org.fl4j.server.evaluation;

import org.fl4j.model.Evaluation;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;

/**
 * Evaluates the global weights on data the server holds, every k rounds, after the last of those asked for, and where the
 * budget guard refuses a further one. A run that a {@linkplain RoundListener#endsRunAfter listener} or a {@link FederatedServer.RunAbandonedException}
 * ends before has no evaluation of its last round beyond every k-th.
 *
 * <p>One run at a time.
 *
 * @param <D> the type of data
 */
public final class CentralEvaluation<D> implements RoundListener {

    private final int every;
    private final EvaluationRounds rounds;
    private final ModelPool<? extends Model<D>> models;
    private final D heldOut;
    private final Evaluation.Listener listener;
    private final StatisticsSpec statistics;

    private CentralEvaluation(
            int every,
            ModelPool<? extends Model<D>> models,
            D heldOut,
            Evaluation.Listener listener,
            StatisticsSpec statistics) {
        this.every = every;
        this.rounds = new EvaluationRounds(every);
        this.models = models;
        this.heldOut = heldOut;
        this.listener = listener;
        this.statistics = statistics;
    }

    /**
     * An evaluation every few rounds.
     *
     * @param <D> the type of data
     * @param every how many rounds apart, at least 1
     * @param models where to borrow a model
     * @param heldOut data no client trains on
     * @param listener gets the results
     * @return to be given to the server's builder
     */
    public static <D> CentralEvaluation<D> every(
            int every, ModelPool<? extends Model<D>> models, D heldOut, Evaluation.Listener listener) {
        return new CentralEvaluation<>(every, models, heldOut, listener, StatisticsSpec.NONE);
    }

    /**
     * Returns a copy that collects statistics for metrics.
     *
     * @param other such as {@code StatisticsSpec.forMetrics(Metric.ROC_AUC)}
     * @return a copy, to be given to the server's builder in place of this one
     */
    public CentralEvaluation<D> collecting(StatisticsSpec other) {
        return new CentralEvaluation<>(every, models, heldOut, listener, other);
    }

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int asked) {
        rounds.runStarted(from, asked);
    }

    @Override
    public void roundEnded(RoundResult result) {
        if (rounds.isDue(result)) {
            Evaluation evaluation = models.with(model -> {
                model.load(result.state().weights());
                return model.evaluate(heldOut, statistics);
            });
            listener.evaluated(result.state().round(), evaluation);
        }
    }
}
