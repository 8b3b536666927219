package org.fl4j.server;

import java.util.Optional;
import java.util.function.Function;
import org.fl4j.aggregation.SecureParticipant;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * A client's half of one secure round, and what it can do: train once, and check, so that what is masked is in order. A
 * straggler may still be at work when the round is over; its participant, which is not thread-safe, is then closed by
 * the thread that is using it, when that returns.
 */
final class OpenParticipant implements SecureParticipant.LocalWork, AutoCloseable {

    private final OpenRound round;
    private final ClientId client;
    private final SecureParticipant participant;
    private boolean atWork;
    private boolean closed;
    private boolean trained;
    private @Nullable String refusal;

    OpenParticipant(OpenRound round, ClientId client, SecureParticipant participant) {
        this.round = round;
        this.client = client;
        this.participant = participant;
    }

    ClientId client() {
        return client;
    }

    /** The client's answer, or why its update was not masked, whatever the participant made of that. */
    ClientOutcome<byte[]> answer(byte[] message) throws Exception {
        enter();
        try {
            byte[] answer = participant.answer(message, this);
            return refused().orElseGet(() -> new ClientOutcome.Completed<>(client, answer));
        } catch (Exception e) {
            return refused().orElseThrow(() -> e);
        } finally {
            leave();
        }
    }

    @Override
    public TrainingTask task() {
        return round.task(client);
    }

    @Override
    public ClientUpdate train(Function<ClientUpdate, Optional<String>> rulesRefusal) throws Exception {
        if (trained) {
            throw new IllegalStateException("client '" + client + "', round "
                    + round.context().round() + ": the rule's participant trains a second time");
        }
        trained = true;
        ClientOutcome<ClientUpdate> outcome = round.train(client, rulesRefusal);
        if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
            return completed.result();
        }
        String why = ((ClientOutcome.Rejected<ClientUpdate>) outcome).why();
        refusal = why;
        throw new RejectedUpdate(why);
    }

    @Override
    public synchronized void close() {
        if (!closed && !atWork) {
            participant.close();
        }
        closed = true;
    }

    private synchronized void enter() {
        if (closed) {
            throw new IllegalStateException(
                    "client '" + client + "', round " + round.context().round() + ": the round is over");
        }
        if (atWork) {
            throw new IllegalStateException("client '" + client + "', round "
                    + round.context().round() + ": still at work on an earlier stage");
        }
        atWork = true;
    }

    private synchronized void leave() {
        atWork = false;
        if (closed) {
            participant.close();
        }
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
