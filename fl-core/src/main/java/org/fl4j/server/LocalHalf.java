package org.fl4j.server;

import java.util.Optional;
import java.util.function.Function;
import org.fl4j.aggregation.SecureParticipant;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ServerFailureException;
import org.fl4j.client.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * A client's half of one secure round in this JVM, and what it can do: train once, and check, so that what is masked is
 * in order. Used by one thread at a time.
 */
final class LocalHalf implements SecureParticipant.LocalWork, AutoCloseable {

    /** Trains a client; null if the client returned that. */
    interface Trainer {
        @Nullable
        ClientUpdate train(TrainingTask task) throws Exception;
    }

    private final SecureParticipant participant;
    private final ClientId client;
    private final TrainingTask task;
    private final Trainer trainer;
    private boolean trained;
    private @Nullable String refusal;

    LocalHalf(SecureParticipant participant, ClientId client, TrainingTask task, Trainer trainer) {
        this.participant = participant;
        this.client = client;
        this.task = task;
        this.trainer = trainer;
    }

    /** The client's answer, or why its update was not masked, whatever the participant made of that. */
    ClientOutcome<byte[]> answer(byte[] message) throws Exception {
        try {
            byte[] answer = participant.answer(message, this);
            return refused().orElseGet(() -> new ClientOutcome.Completed<>(client, answer));
        } catch (Exception e) {
            return refused().orElseThrow(() -> e);
        }
    }

    @Override
    public TrainingTask task() {
        return task;
    }

    @Override
    public ClientUpdate train(Function<ClientUpdate, Optional<String>> rulesRefusal) throws Exception {
        if (trained) {
            throw new IllegalStateException(
                    "client '" + client + "', round " + task.round() + ": the rule's participant trains a second time");
        }
        trained = true;
        ClientUpdate update = trainer.train(task);
        ClientOutcome<ClientUpdate> outcome =
                ServerFailureException.ours(() -> new UpdateCheck(client, task).outcome(update, rulesRefusal));
        if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
            return completed.result();
        }
        String why = ((ClientOutcome.Rejected<ClientUpdate>) outcome).why();
        refusal = why;
        throw new RejectedUpdate(why);
    }

    @Override
    public void close() {
        participant.close();
    }

    private Optional<ClientOutcome<byte[]>> refused() {
        return Optional.ofNullable(refusal).map(why -> new ClientOutcome.Rejected<>(client, why));
    }

    /** Carries a refusal through the participant, whose own code lies between. */
    private static final class RejectedUpdate extends Exception {

        private static final long serialVersionUID = 1L;

        RejectedUpdate(String why) {
            super(why);
        }
    }
}
