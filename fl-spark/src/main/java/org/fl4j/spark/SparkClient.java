package org.fl4j.spark;

import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.Delivery;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Stages;
import org.fl4j.model.Evaluation;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/**
 * A client as the driver reaches it: its work is done on an executor. What it remembers is in the driver's store, travels with the call and
 * is staged when the answer is here.
 */
record SparkClient(ClientId id, Calls calls, ClientStateStore states) implements NonBlockingClient {

    private record Training(String fingerprint, int attempt, long token) {}

    private record Evaluating(EvaluationTask.Evaluated of, Object statistics, String weights, int round) {}

    @Override
    public CompletionStage<ClientUpdate> trainAsync(TrainingTask task) {
        return Stages.linked(
                calls.call(
                        new Training(task.fingerprint(), task.attempt(), task.token()),
                        () -> task.withSeed(0).with(Delivery.NONE).toBytes(),
                        new CallTask(id, task.seed(), remembered()),
                        "round " + task.round()),
                () -> {},
                result -> {
                    if (!result.staged().isEmpty()) {
                        stage(task, result.staged());
                    }
                    return ClientUpdate.fromBytes(result.bytes());
                });
    }

    @Override
    public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
        return Stages.linked(
                calls.call(
                        new Evaluating(
                                task.of(), task.statistics(), task.global().fingerprint(), task.round()),
                        () -> task.with(Delivery.NONE).toBytes(),
                        new CallTask(id, 0, remembered()),
                        "evaluation of round " + task.round()),
                () -> {},
                result -> Evaluation.fromBytes(result.bytes()));
    }

    /** The store is the server's: what it throws ends the run. */
    private ComponentState remembered() {
        return ClientRunner.ServerFailureException.ours(() -> states.read(id));
    }

    private void stage(TrainingTask task, ComponentState state) {
        ComponentState unused = ClientRunner.ServerFailureException.ours(() -> {
            states.stage(id, task.round(), task.token(), state);
            return state;
        });
    }
}
