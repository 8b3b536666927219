package org.fl4j.server;

import java.util.List;
import java.util.Objects;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.RunLimits;
import org.fl4j.model.Evaluation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evaluates the global weights on each client's own data, every k rounds and after the last: counts added, losses
 * weighted by examples. A client that fails is left out, with a warning; so is one that answers with another number of
 * classes than those before it.
 *
 * <p>Privacy: the sums are released as they are. Under a private rule they are not covered by its guarantee.
 *
 * <p>One run at a time.
 */
public final class FederatedEvaluation implements RoundListener {

    private static final Logger LOG = LoggerFactory.getLogger(FederatedEvaluation.class);

    private final EvaluationRounds rounds;
    private final ClientProvider clients;
    private final ClientRunner runner;
    private final EvaluationListener listener;

    private FederatedEvaluation(
            EvaluationRounds rounds, ClientProvider clients, ClientRunner runner, EvaluationListener listener) {
        this.rounds = rounds;
        this.clients = clients;
        this.runner = runner;
        this.listener = listener;
    }

    /**
     * An evaluation every few rounds.
     *
     * @param every how many rounds apart, at least 1
     * @param clients who evaluates: all of them
     * @param runner takes the work to them
     * @param listener gets the sums
     * @return to be given to the server's builder
     */
    public static FederatedEvaluation every(
            int every, ClientProvider clients, ClientRunner runner, EvaluationListener listener) {
        return new FederatedEvaluation(new EvaluationRounds(every), clients, runner, listener);
    }

    @Override
    public void runStarted(Provenance provenance, ServerState from, int asked) {
        rounds.runStarted(from, asked);
    }

    @Override
    public void roundEnded(RoundResult result) {
        if (!rounds.isDue(result)) {
            return;
        }
        List<ClientId> all = clients.ids();
        EvaluationTask task =
                new EvaluationTask(result.state().round(), result.state().weights());
        Evaluation[] sum = {Evaluation.NONE};
        runner.<Evaluation>run(
                all,
                id -> new ClientOutcome.Completed<>(id, evaluate(id, task)),
                RunLimits.NONE,
                outcome -> sum[0] = plus(sum[0], outcome, task.round()));
        listener.evaluated(task.round(), sum[0]);
    }

    private Evaluation evaluate(ClientId client, EvaluationTask task) throws Exception {
        return Objects.requireNonNull(
                NativeThreads.pinned(() -> clients.client(client).evaluate(task)),
                "evaluate returned null, not an evaluation");
    }

    private static Evaluation plus(Evaluation sum, ClientOutcome<Evaluation> outcome, int round) {
        if (outcome instanceof ClientOutcome.Completed<Evaluation> completed) {
            try {
                return sum.plus(completed.result());
            } catch (IllegalArgumentException e) {
                LOG.warn(
                        "client '{}' is left out of the evaluation of round {}: {}",
                        completed.client(),
                        round,
                        e.getMessage());
            }
        } else {
            LOG.warn("left out of the evaluation of round {}: {}", round, OutcomeText.describe(outcome));
        }
        return sum;
    }
}
