package org.fl4j.secure;

import java.util.Optional;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.jspecify.annotations.Nullable;

/**
 * The remote side of a {@link org.fl4j.secure.MaskingClient}: the participant of a secure rule in the client's own JVM,
 * where its clear update stays. A host calls it with what its transport receives:
 *
 * <pre>{@code
 * try (ParticipantSession session = ParticipantSession.of(rule, LocalClient.of(id, data, models))) {
 *     while (transport.receive()) {
 *         transport.reply(session.answer(TrainingTask.fromBytes(transport.task()), transport.message()));
 *     }
 * }
 * }</pre>
 *
 * <p>The update goes through the checks the server makes in the clear, then the rule's own; a rejected update is not masked.
 * Under a private rule the server must not learn of that: zeros are masked instead, also where training throws, and
 * {@link #contributedNothing} says why. While the client trains, native code is pinned to one thread, as in a run of the
 * server. What the client remembers is in its {@link org.fl4j.client.RemoteMemory}; without one, a task that needs it throws.
 *
 * <ul>
 *   <li>A task equal to the last one continues its round, or begins it again if the message is a first one, as after a
 *       resume of the server; any other task begins a new round and erases what was left of the last. So a server that
 *       changes the model between two stages gets no answer from the round before.
 *   <li>A client is not told that a round is over: the secrets of the last one are kept until another begins, or until
 *       {@link #close}.
 *   <li>What the participant or the client throws is thrown to the host, whose transport should tell the server that the
 *       client failed. The session can go on with the next round.
 * </ul>
 *
 * <p>Thread-safe: one message at a time, others wait, and so does {@link #close}; {@link #contributedNothing} does not.
 */
public final class ParticipantSession implements AutoCloseable {

    private final SecureAggregator rule;
    private final Client client;
    private volatile @Nullable ParticipantRound round;
    private boolean closed;

    private ParticipantSession(SecureAggregator rule, Client client) {
        this.rule = rule;
        this.client = client;
    }

    /**
     * A session without a round yet.
     *
     * @param rule configured as the server's
     * @param client trains on the data that are here
     * @return to be closed
     */
    public static ParticipantSession of(SecureAggregator rule, Client client) {
        return new ParticipantSession(rule, client);
    }

    /**
     * Answers the server's message of one stage.
     *
     * @param task what the server asks in this round
     * @param message the stage's bytes
     * @return the answer's bytes
     * @throws org.fl4j.client.UpdateRejectedException if the update is rejected, unless the rule is private; the message says who, which
     *     round and why
     * @throws IllegalStateException if the session is closed
     * @throws Exception if training fails, unless the rule is private, or the message is rejected
     */
    public synchronized byte[] answer(TrainingTask task, byte[] message) throws Exception {
        if (closed) {
            throw new IllegalStateException(
                    "client '" + client.id() + "', round " + task.round() + ": its session is closed; make another");
        }
        ParticipantRound known = round;
        if (known == null || !known.task().equals(task)) {
            closeRound();
            return begin(task, message);
        }
        try {
            return known.answer(message);
        } catch (UpdateRejectedException e) {
            throw e;
        } catch (Exception e) {
            return beginAgain(task, message, e);
        }
    }

    /**
     * Answers a further message of the round that was begun last, and never begins it again: for a transport that knows which attempt a
     * message is of, and sends the task with the first one alone.
     *
     * @param message the stage's bytes
     * @return the answer's bytes
     * @throws IllegalStateException if the session is closed or no round was begun
     * @throws Exception as of {@link #answer}
     */
    public synchronized byte[] answerFurther(byte[] message) throws Exception {
        ParticipantRound begun = round;
        if (begun == null) {
            throw new IllegalStateException(
                    "client '" + client.id() + "': no round was begun, or its session is closed");
        }
        return begun.answer(message);
    }

    /**
     * Why zeros were masked in the place of the last round's update, as a private rule asks for. It is for the client's own
     * host: whether a client fails depends on its data, so the server must not be told.
     *
     * @return the outcome of its training; empty if its update was masked, or none yet
     */
    public Optional<ClientOutcome<byte[]>> contributedNothing() {
        ParticipantRound last = round;
        return last == null ? Optional.empty() : last.contributedNothing();
    }

    /** Erases what is left of the last round. */
    @Override
    public synchronized void close() {
        closed = true;
        closeRound();
    }

    private byte[] begin(TrainingTask task, byte[] message) throws Exception {
        ParticipantRound begun = new ParticipantRound(rule, client, task);
        round = begun;
        return begun.answer(message);
    }

    /** A server that resumes repeats a round with an equal task; only a round's first message is accepted by a new round. */
    private byte[] beginAgain(TrainingTask task, byte[] message, Exception thrown) throws Exception {
        ParticipantRound again = new ParticipantRound(rule, client, task);
        try {
            byte[] answer = again.answer(message);
            closeRound();
            round = again;
            return answer;
        } catch (Exception e) {
            again.close();
            throw thrown;
        } catch (Error e) {
            again.close();
            throw e;
        }
    }

    private void closeRound() {
        ParticipantRound last = round;
        round = null;
        if (last != null) {
            last.close();
        }
    }
}
