package org.fl4j.secure;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.nd4j.NativeThreads;
import org.jspecify.annotations.Nullable;

/**
 * One client in one secure round: its participant, and the work that participant may ask for: to train once, check and encode.
 * Used by one thread at a time.
 */
final class ParticipantRound implements SecureAggregator.Participant.LocalWork, AutoCloseable {

    private final SecureAggregator.Participant participant;
    private final Client client;
    private final TrainingTask task;
    private final boolean isPrivate;
    private boolean trained;

    /** The outcome of the training, if not a contribution. */
    private volatile @Nullable ClientOutcome<byte[]> loss;

    ParticipantRound(SecureAggregator rule, Client client, TrainingTask task) {
        this.participant = rule.participant(client.id());
        this.client = client;
        this.task = task;
        this.isPrivate = rule.isPrivate();
    }

    /** The participant's answer. A rejected update is thrown as what it is, whatever the participant made of that. */
    byte[] answer(byte[] message) throws Exception {
        try {
            byte[] answer = participant.answer(message, this);
            throwRejection();
            return answer;
        } catch (Exception e) {
            throwRejection();
            throw e;
        }
    }

    /** Why there is nothing of the client in a sum that it is in; only under a private rule. */
    Optional<ClientOutcome<byte[]>> contributedNothing() {
        return isPrivate ? Optional.ofNullable(loss) : Optional.empty();
    }

    @Override
    public TrainingTask task() {
        return task;
    }

    @Override
    public <C> C train(Function<ClientUpdate, C> encode, Supplier<C> zeros) throws Exception {
        if (trained) {
            throw new IllegalStateException("client '" + client.id() + "', round " + task.round()
                    + ": the rule's participant trains a second time");
        }
        trained = true;
        try {
            ClientUpdate update = task.requireAnsweredBy(client.id(), NativeThreads.pinToOne(() -> client.train(task)));
            return ClientRunner.ServerFailureException.ofRule(isPrivate, () -> encode.apply(update));
        } catch (UpdateRejectedException e) {
            UpdateRejectedException named = e.of(client.id(), task.round());
            loss = new ClientOutcome.Rejected<>(client.id(), named.reason());
            if (isPrivate) {
                return zeros.get();
            }
            throw named;
        } catch (Throwable e) {
            loss = new ClientOutcome.Failed<>(client.id(), e);
            if (isPrivate && isTheClients(e)) {
                return zeros.get();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        participant.close();
    }

    /** Not an interrupt, after which nobody waits for the answer, nor a failure of the server, which is thrown, to end the run. */
    private boolean isTheClients(Throwable thrown) {
        ClientRunner.ServerFailureException.failed(client.id(), thrown);
        return !(thrown instanceof InterruptedException
                || thrown instanceof RunInterruptedException
                || Thread.currentThread().isInterrupted());
    }

    private void throwRejection() {
        if (!isPrivate && loss instanceof ClientOutcome.Rejected<byte[]> rejected) {
            throw new UpdateRejectedException(rejected.reason());
        }
    }
}
