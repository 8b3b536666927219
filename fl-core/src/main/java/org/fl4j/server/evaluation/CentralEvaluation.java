package org.fl4j.server.evaluation;

import org.fl4j.model.Evaluation;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
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

    private final EvaluationRounds rounds;
    private final ModelPool<? extends Model<D>> models;
    private final D heldOut;
    private final Evaluation.Listener listener;

    private CentralEvaluation(
            EvaluationRounds rounds, ModelPool<? extends Model<D>> models, D heldOut, Evaluation.Listener listener) {
        this.rounds = rounds;
        this.models = models;
        this.heldOut = heldOut;
        this.listener = listener;
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
        return new CentralEvaluation<>(new EvaluationRounds(every), models, heldOut, listener);
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
                return model.evaluate(heldOut);
            });
            listener.evaluated(result.state().round(), evaluation);
        }
    }
}
