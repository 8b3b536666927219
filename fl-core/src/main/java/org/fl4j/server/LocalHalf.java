package org.fl4j.server;

import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SecureAggregator;
import org.fl4j.aggregation.SecureParticipant;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ServerFailureException;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.selection.UpdateReceipt;
import org.jspecify.annotations.Nullable;

/**
 * A client's half of one secure round in this JVM, and what it can do: train once, and check, so that what is masked is
 * in order. Under a private rule a client whose update is not in order stays in the round with nothing to contribute: were
 * it lost, its data would decide how many are left, and so whether there is a result. Used by one thread at a time.
 */
final class LocalHalf implements SecureParticipant.LocalWork, AutoCloseable {

    /** Trains a client; null if the client returned that. */
    interface Trainer {
        @Nullable
        ClientUpdate train(TrainingTask task) throws Exception;
    }

    private final SecureParticipant participant;
    private final UpdateCheck check;
    private final Trainer trainer;
    private final boolean isPrivate;
    private boolean trained;

    /** What became of the training, if not an update that is in order. */
    private volatile @Nullable ClientOutcome<UpdateReceipt> loss;

    LocalHalf(SecureAggregator rule, ClientId client, TrainingTask task, Trainer trainer) {
        this.participant = rule.participant(client);
        this.isPrivate = rule.guard().isPresent();
        this.check = new UpdateCheck(client, task, isPrivate);
        this.trainer = trainer;
    }

    /**
     * The client's answer, or why its update was not masked, whatever the participant made of that; under a private rule the
     * answer, which then has nothing in it.
     */
    ClientOutcome<byte[]> answer(byte[] message) throws Exception {
        try {
            byte[] answer = participant.answer(message, this);
            return refused().orElseGet(() -> new ClientOutcome.Completed<>(check.client(), answer));
        } catch (Exception e) {
            return refused().orElseThrow(() -> e);
        }
    }

    /** Why there is nothing of the client in a sum that it is in; only under a private rule. */
    Optional<ClientOutcome<UpdateReceipt>> contributedNothing() {
        return isPrivate ? Optional.ofNullable(loss) : Optional.empty();
    }

    @Override
    public TrainingTask task() {
        return check.task();
    }

    @Override
    public ClientUpdate train(Function<ClientUpdate, Optional<String>> rulesRefusal) throws Exception {
        if (trained) {
            throw new IllegalStateException("client '" + check.client() + "', round "
                    + check.task().round() + ": the rule's participant trains a second time");
        }
        trained = true;
        ClientUpdate update = trainedUpdate();
        ClientOutcome<ClientUpdate> outcome = ServerFailureException.ours(() -> check.outcome(update, rulesRefusal));
        if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
            return completed.result();
        }
        String why = ((ClientOutcome.Rejected<ClientUpdate>) outcome).reason();
        loss = new ClientOutcome.Rejected<>(check.client(), why);
        throw new RejectedUpdate(why);
    }

    private @Nullable ClientUpdate trainedUpdate() throws Exception {
        try {
            return trainer.train(check.task());
        } catch (Throwable e) {
            loss = new ClientOutcome.Failed<>(check.client(), e);
            throw e;
        }
    }

    @Override
    public void close() {
        participant.close();
    }

    private Optional<ClientOutcome<byte[]>> refused() {
        return !isPrivate && loss instanceof ClientOutcome.Rejected<UpdateReceipt> rejected
                ? Optional.of(new ClientOutcome.Rejected<>(check.client(), rejected.reason()))
                : Optional.empty();
    }

    /** Carries a refusal through the participant, whose own code lies between. */
    private static final class RejectedUpdate extends Exception {

        private static final long serialVersionUID = 1L;

        RejectedUpdate(String why) {
            super(why);
        }
    }
}
