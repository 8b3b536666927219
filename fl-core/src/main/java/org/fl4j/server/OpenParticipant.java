package org.fl4j.server;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.NonBlockingMaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.internal.BusyClients;
import org.jspecify.annotations.Nullable;

/**
 * A client in one secure round, as the server reaches it: a {@link MaskingClient} has its half of the protocol at its own
 * end, any other client has it here, from its first message on. A straggler may still be at work when the round is over;
 * its half, which is not thread-safe, is then closed by the thread that is using it, when that returns. One call at a time:
 * a client that is inside another is {@linkplain BusyClients busy}.
 */
final class OpenParticipant implements AutoCloseable {

    private final Cohort cohort;
    private final SecureAggregator rule;
    private final ClientId client;
    private @Nullable ParticipantSession here;
    private boolean atWork;
    private boolean closed;

    OpenParticipant(Cohort cohort, SecureAggregator rule, ClientId client) {
        this.cohort = cohort;
        this.rule = rule;
        this.client = client;
    }

    ClientId client() {
        return client;
    }

    /**
     * The client, unless its half of the protocol is here already. The provider is asked anew in each stage: clients elsewhere are
     * not held in between.
     */
    Optional<Client> made() {
        synchronized (this) {
            if (closed || here != null) {
                return Optional.empty();
            }
        }
        return Optional.of(cohort.settings().clients().client(client));
    }

    /** On the runner's thread. */
    ClientOutcome<byte[]> answer(Optional<Client> made, byte[] message) throws Exception {
        enter();
        try {
            if (here == null) {
                if (made.isPresent() && made.get() instanceof MaskingClient elsewhere) {
                    return outcome(elsewhere.answer(cohort.task(client), message));
                }
                here = ParticipantSession.of(rule, new Trainee(cohort, client));
            }
            return new ClientOutcome.Completed<>(client, here.answer(cohort.task(client), message));
        } finally {
            leave();
        }
    }

    /** Without a thread. What is elsewhere needs no protection from a straggler here. */
    CompletionStage<byte[]> ask(NonBlockingMaskingClient elsewhere, byte[] message) throws Exception {
        return elsewhere.answerAsync(cohort.task(client), message);
    }

    ClientOutcome<byte[]> outcome(byte @Nullable [] answer) {
        return answer == null
                ? new ClientOutcome.Rejected<>(client, who() + "answer returned null, not bytes")
                : new ClientOutcome.Completed<>(client, answer);
    }

    /** Why there is nothing of the client in a sum that it is in, where its half is here. */
    synchronized Optional<ClientOutcome<ClientUpdate.Receipt>> contributedNothing() {
        return here == null
                ? Optional.empty()
                : here.contributedNothing().map(loss -> loss.map(bytes -> ClientUpdate.Receipt.MASKED));
    }

    @Override
    public synchronized void close() {
        if (!closed && !atWork) {
            closeHalf();
        }
        closed = true;
    }

    private synchronized void enter() {
        if (closed) {
            throw new IllegalStateException(who() + "the round is over");
        }
        atWork = true;
    }

    private synchronized void leave() {
        atWork = false;
        if (closed) {
            closeHalf();
        }
    }

    private void closeHalf() {
        if (here != null) {
            here.close();
        }
    }

    private String who() {
        return "client '" + client + "', round " + cohort.context().round() + ": ";
    }

    /**
     * The client as its session here trains it: the provider is asked anew, so that its data are not held through the stages
     * before. Only a client whose end of the protocol is here may hand over a clear update, also where the provider changes its
     * mind.
     */
    private record Trainee(Cohort cohort, ClientId id) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            Client trainee = cohort.settings().clients().client(id);
            if (trainee instanceof MaskingClient) {
                throw new IllegalStateException("client '" + id + "', round " + task.round()
                        + ": it was not a MaskingClient when the round began and is now; a client's kind must not change"
                        + " within a round");
            }
            return trainee.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return cohort.settings().clients().client(id).evaluate(task);
        }
    }
}
