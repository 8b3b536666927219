package org.fl4j.remote;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.remote.MessageRefusedException.Refusal;

/** A client whose update comes in the clear, as the server has it. */
record ClearFarClient(ClientId id, Mailbox mailbox) implements NonBlockingClient {

    @Override
    public CompletionStage<ClientUpdate> trainAsync(TrainingTask task) {
        RequestId request = RequestId.fresh();
        String who = "client '" + id + "', round " + task.round();
        return mailbox.ask(new Pending<>(
                request,
                who,
                () -> Request.training(id, request, task).toBytes(),
                bytes -> ofThisTask(ClientUpdate.fromBytes(bytes), task, who),
                new CompletableFuture<>()));
    }

    @Override
    public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
        return evaluation(id, mailbox, task);
    }

    static CompletionStage<Evaluation> evaluation(ClientId id, Mailbox mailbox, EvaluationTask task) {
        RequestId request = RequestId.fresh();
        return mailbox.ask(new Pending<>(
                request,
                "client '" + id + "', after round " + task.round(),
                () -> Request.evaluation(id, request, task).toBytes(),
                Evaluation::fromBytes,
                new CompletableFuture<>()));
    }

    /** All else of an update is for the server's own checks, whose rejection the round records. */
    private ClientUpdate ofThisTask(ClientUpdate update, TrainingTask task, String who) {
        if (!update.client().equals(id) || update.token() != task.token()) {
            throw new MessageRefusedException(
                    Refusal.FOREIGN, who + ": its answer holds the update of another client or of another attempt");
        }
        return update;
    }
}
