package org.fl4j.remote;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.NonBlockingMaskingClient;

/** A client whose end of a secure rule is elsewhere, as the server has it. The task travels with the first stage. */
record MaskedFarClient(ClientId id, Mailbox mailbox) implements NonBlockingMaskingClient {

    @Override
    public CompletionStage<byte[]> answerAsync(TrainingTask task, byte[] message) {
        RequestId request = RequestId.fresh();
        Mailbox.HeldTask held = new Mailbox.HeldTask(task.token(), task.fingerprint());
        boolean isHeld = mailbox.holds(held);
        return mailbox.ask(new Pending<>(
                request,
                "client '" + id + "', round " + task.round(),
                () -> (isHeld
                                ? Request.stage(id, request, task, message)
                                : Request.firstStage(id, request, task, message))
                        .toBytes(),
                answer -> {
                    mailbox.hold(held);
                    return answer;
                },
                new CompletableFuture<>()));
    }

    @Override
    public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
        return ClearFarClient.evaluation(id, mailbox, task);
    }
}
