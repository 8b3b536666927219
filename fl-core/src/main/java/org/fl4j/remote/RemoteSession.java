package org.fl4j.remote;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.FederatedLearningException;
import org.fl4j.NewerVersionException;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.RemoteMemory;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.remote.MessageRefusedException.Refusal;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.PlainSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's end of {@link RemoteClients}, where its data are: a request's bytes in, the answer's bytes out.
 *
 * <pre>{@code
 * try (RemoteSession session = RemoteSession.of(LocalClient.of(id, data, models))) {
 *     while (true) {
 *         Optional<byte[]> request = transport.poll();
 *         if (request.isPresent()) {
 *             transport.send(session.answer(request.get()));
 *         }
 *     }
 * }
 * }</pre>
 *
 * <ul>
 *   <li>The request that was answered last has the same answer, byte for byte, without any work. One that was answered before it is refused.
 *   <li>What the client throws becomes an answer, so that the server's round continues at once; it is logged here. The server gets the
 *       reason of an update that was rejected, and of any other exception the name of its class, unless {@link #tellingReasons} was called.
 *   <li>An {@link Error} and an interrupt are thrown to the host, and no answer is recorded.
 *   <li>Under a secure rule an attempt begins once. Its secrets are on the heap alone: a process that was restarted answers that it has
 *       dropped out, and takes part from the next attempt on. Secrets of the last attempt stay until another begins, or {@link #close}.
 * </ul>
 *
 * <p>Native code is pinned to one thread while the client works, as in {@link PlainSession} and {@link ParticipantSession}.
 *
 * <p>Thread-safe: one request at a time, others wait, and so does {@link #close}; {@link #contributedNothing} does not.
 */
public final class RemoteSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteSession.class);

    private static final Pattern SENDER = Pattern.compile("', round \\d+: ");

    private final ClientId client;
    private final FarEnd end;
    private final AnsweredRequests answered = new AnsweredRequests();
    private boolean tellsReasons;
    private boolean closed;

    private RemoteSession(ClientId client, FarEnd end) {
        this.client = client;
        this.end = end;
    }

    /**
     * A session of a client whose update the server may see.
     *
     * @param client trains and evaluates on the data that are here
     */
    public static RemoteSession of(Client client) {
        return new RemoteSession(client.id(), new ClearEnd(PlainSession.of(client)));
    }

    /**
     * A session of a client whose update the server may see, and that remembers.
     *
     * @param client trains and evaluates on the data that are here; remembers in the memory
     * @param memory is closed by the caller
     */
    public static RemoteSession of(Client client, RemoteMemory memory) {
        return new RemoteSession(client.id(), new ClearEnd(PlainSession.of(client, memory)));
    }

    /**
     * A session of a client under a secure rule. It does not train in the clear, whatever the server asks, nor evaluate.
     *
     * @param rule configured as the server's
     * @param client trains on the data that are here
     */
    public static RemoteSession masking(SecureAggregator rule, Client client) {
        return new RemoteSession(
                client.id(), new MaskedEnd(ParticipantSession.of(rule, client), TrainingTask::fromBytes));
    }

    /**
     * A session of a client under a secure rule, that remembers.
     *
     * @param rule configured as the server's
     * @param client trains on the data that are here; remembers in the memory
     * @param memory is closed by the caller
     */
    public static RemoteSession masking(SecureAggregator rule, Client client, RemoteMemory memory) {
        return new RemoteSession(
                client.id(),
                new MaskedEnd(
                        ParticipantSession.of(rule, client),
                        task -> TrainingTask.fromBytes(task, client.id(), memory)));
    }

    /**
     * Sends the messages of exceptions to the server as well, for whoever finds out there why a client fails. A message may quote
     * the data that the client's code failed on.
     *
     * @return this session
     */
    public synchronized RemoteSession tellingReasons() {
        tellsReasons = true;
        return this;
    }

    /** Whose session it is. */
    public ClientId client() {
        return client;
    }

    /**
     * Answers a request.
     *
     * @param request what {@link RemoteClients#poll} returned
     * @return for {@link RemoteClients#answer}
     * @throws MessageRefusedException if the request is damaged, names another client or was answered before the last one; the session
     *     is as before
     * @throws IllegalStateException if the session is closed
     * @throws InterruptedException if the thread is interrupted while the client works
     */
    public synchronized byte[] answer(byte[] request) throws InterruptedException {
        if (closed) {
            throw new IllegalStateException("client '" + client + "': its session is closed; make another");
        }
        Request read = read(request);
        Optional<byte[]> recorded = answered.recorded(read, request);
        if (recorded.isPresent()) {
            return recorded.get();
        }
        byte[] answer = answer(read).toBytes();
        answered.record(read, request, answer);
        return answer;
    }

    /**
     * Why zeros were masked in the place of the last update, as a private secure rule asks for. For the client's own host: the server must
     * not be told.
     *
     * @return the outcome of the training; empty if an update was masked, or none was asked for
     */
    public Optional<ClientOutcome<byte[]>> contributedNothing() {
        return end.contributedNothing();
    }

    /** Erases what is left of the last masked attempt. */
    @Override
    public synchronized void close() {
        closed = true;
        end.close();
    }

    private Request read(byte[] bytes) {
        Request request;
        try {
            request = Request.fromBytes(bytes);
        } catch (NewerVersionException e) {
            throw refused(Refusal.MALFORMED, "a request is of a newer version than this client's", e);
        } catch (CorruptDataException e) {
            throw refused(Refusal.MALFORMED, "a request is damaged or not of this library", e);
        }
        if (!request.client().equals(client)) {
            throw new MessageRefusedException(
                    Refusal.FOREIGN, "client '" + client + "': request " + request.id() + " is for another client");
        }
        return request;
    }

    private MessageRefusedException refused(Refusal refusal, String why, Exception cause) {
        return new MessageRefusedException(refusal, "client '" + client + "': " + why, cause);
    }

    private Answer answer(Request request) throws InterruptedException {
        try {
            return Answer.completed(request, end.answer(request));
        } catch (InterruptedException | RunInterruptedException e) {
            throw e;
        } catch (UpdateRejectedException e) {
            return without(request, Answer.Outcome.REJECTED, withoutSender(e.reason()), e);
        } catch (NotDoneException e) {
            LOG.warn("{} is not done: {}", request, e.getMessage());
            return Answer.without(request, Answer.Outcome.FAILED, String.valueOf(e.getMessage()));
        } catch (Exception e) {
            return without(request, Answer.Outcome.FAILED, tellsReasons ? e.toString() : nameOf(e), e);
        }
    }

    /** The server says who it was, and in which round. */
    private String withoutSender(String reason) {
        Matcher sender = SENDER.matcher(reason);
        return reason.startsWith("client '" + client + "'") && sender.find() ? reason.substring(sender.end()) : reason;
    }

    private static String nameOf(Exception e) {
        return e.getClass().getName() + "; its message is in the client's log";
    }

    private static Answer without(Request request, Answer.Outcome outcome, String reason, Exception e) {
        LOG.warn("{} has no result", request, e);
        return Answer.without(request, outcome, reason);
    }

    /** What this end does not do, in words that hold nothing of its data. */
    static final class NotDoneException extends FederatedLearningException {

        private static final long serialVersionUID = 1L;

        NotDoneException(String why) {
            super(why);
        }
    }
}
