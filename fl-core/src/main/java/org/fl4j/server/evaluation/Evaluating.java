package org.fl4j.server.evaluation;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.Delivery;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.model.Evaluation;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.internal.EvaluationTerms;

/** What the runner does for each client that evaluates. */
record Evaluating(ClientProvider clients, EvaluationTerms terms, EvaluationTask task)
        implements ClientRunner.Work<Evaluation> {

    /** A client that remembers elsewhere is told which of its updates was accepted last, and sent what it does not hold. */
    private EvaluationTask task(ClientId id) {
        return clients.rememberElsewhere()
                ? task.with(Delivery.of(
                        Delivery.Held.NOTHING,
                        Delivery.Accepted.in(clients.clientStates().read(id)),
                        true,
                        terms.frozen()))
                : task;
    }

    @Override
    public ClientOutcome<Evaluation> perform(ClientId id) throws Exception {
        return terms.busy()
                .call(
                        id,
                        task.round(),
                        () -> completed(
                                id,
                                NativeThreads.pinned(() -> clients.client(id).evaluate(task(id)))));
    }

    @Override
    public CompletionStage<Callable<ClientOutcome<Evaluation>>> start(ClientId id) throws Exception {
        Optional<CompletionStage<Callable<ClientOutcome<Evaluation>>>> isBusy =
                terms.busy().busy(id);
        if (isBusy.isPresent()) {
            return isBusy.get();
        }
        Client client = NativeThreads.pinned(() -> clients.client(id));
        return client instanceof NonBlockingClient far
                ? terms.busy()
                        .start(
                                id,
                                task.round(),
                                () -> NativeThreads.pinned(() -> far.evaluateAsync(task(id))),
                                evaluation -> () -> completed(id, evaluation))
                : CompletableFuture.completedFuture(() -> terms.busy()
                        .call(
                                id,
                                task.round(),
                                () -> completed(id, NativeThreads.pinned(() -> client.evaluate(task(id))))));
    }

    private static ClientOutcome<Evaluation> completed(ClientId id, Evaluation evaluation) {
        return new ClientOutcome.Completed<>(
                id, Objects.requireNonNull(evaluation, "evaluate returned null, not an evaluation"));
    }
}
