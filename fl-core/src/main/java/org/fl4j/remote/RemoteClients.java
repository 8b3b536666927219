package org.fl4j.remote;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.internal.Check;
import org.fl4j.remote.MessageRefusedException.Refusal;

/**
 * Clients that call the server: what it asks of them waits here until they poll, and their answers go on from here to the round that
 * waits. A host's transport calls {@link #poll}, {@link #answer} and {@link #heartbeat} for whoever it has authenticated:
 *
 * <pre>{@code
 * RemoteClients clients = RemoteClients.of(ids);
 * FederatedServer.with(rule).clients(clients)...       // the server's run, on a thread of its own
 *
 * // on the transport's threads, for the client that the connection belongs to
 * Optional<byte[]> request = clients.poll(who);        // "nothing yet" if empty
 * clients.answer(who, bytes);                          // acknowledged if it returns
 * }</pre>
 *
 * <ul>
 *   <li>A client has at most one request pending. It is handed out again until it is answered, and its first answer counts; the same answer
 *       again is acknowledged and has no effect. What changes nothing else is refused with a {@link MessageRefusedException}.
 *   <li>A request ends with the round that made it, as by a deadline; an answer after that is refused.
 *   <li>A client whose request is pending and that was not heard of for the {@linkplain #withPatience patience} is presumed gone: the
 *       request fails, so that the round continues, and so does each further one until the client is heard of again.
 * </ul>
 *
 * <p>The other end is a {@link RemoteSession}; {@code docs/remote.md} has the byte format.
 *
 * <p>Privacy: {@link #of} brings each update to this JVM in the clear. {@link #masking} is for secure rules: its clients refuse to train in the
 * clear. An answer's words for a failure are the client's, so they are its own to choose.
 *
 * <p>Thread-safe. Answers are decoded on the calling thread.
 */
public final class RemoteClients implements ClientProvider {

    /** The patience unless set. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The longest answer unless set: {@value} bytes. */
    public static final int LARGEST_ANSWER = 1 << 28;

    private final Population population;
    private final Duration patience;
    private final int largestAnswer;
    private final Timing timing;
    private final Map<ClientId, Mailbox> mailboxes = new ConcurrentHashMap<>();

    /** Who the clients are, and how they contribute. */
    private record Population(List<ClientId> ids, Set<ClientId> members, Contribution contribution) {}

    private enum Contribution {
        CLEAR,
        MASKED
    }

    private RemoteClients(Population population, Duration patience, int largestAnswer, Timing timing) {
        this.population = population;
        this.patience = patience;
        this.largestAnswer = largestAnswer;
        this.timing = timing;
    }

    /**
     * Clients that send their updates in the clear.
     *
     * @param ids unique ids, in an order that stays the same over a run
     */
    public static RemoteClients of(List<ClientId> ids) {
        return with(ids, Contribution.CLEAR);
    }

    /**
     * Clients that are one end of a secure rule.
     *
     * @param ids unique ids, in an order that stays the same over a run
     */
    public static RemoteClients masking(List<ClientId> ids) {
        return with(ids, Contribution.MASKED);
    }

    private static RemoteClients with(List<ClientId> ids, Contribution contribution) {
        List<ClientId> copy = List.copyOf(ids);
        return new RemoteClients(
                new Population(copy, Set.copyOf(copy), contribution), PATIENCE, LARGEST_ANSWER, Timing.REAL);
    }

    /**
     * Returns a copy, without requests, with another time after which a silent client is presumed gone. It should be several heartbeats.
     *
     * @param silence positive
     */
    public RemoteClients withPatience(Duration silence) {
        if (silence.isNegative() || silence.isZero()) {
            throw new IllegalArgumentException("patience must be positive, but was " + silence);
        }
        return new RemoteClients(population, silence, largestAnswer, timing);
    }

    /**
     * Returns a copy, without requests, with another limit for answers.
     *
     * @param bytes at least 1
     */
    public RemoteClients withLargestAnswer(int bytes) {
        return new RemoteClients(population, patience, Check.atLeast("largest answer", bytes, 1), timing);
    }

    /** Returns a copy, without requests, in another time. */
    RemoteClients in(Timing other) {
        return new RemoteClients(population, patience, largestAnswer, other);
    }

    /** The limit for answers in bytes, for a transport that refuses longer ones before it reads them. */
    public int largestAnswer() {
        return largestAnswer;
    }

    /**
     * Hands out what is asked of a client.
     *
     * @param who the client, as the transport authenticated it
     * @return the bytes of a request for {@link RemoteSession#answer}, the same until it is answered; empty if nothing is asked
     * @throws MessageRefusedException if the client is not of the population
     */
    public Optional<byte[]> poll(ClientId who) {
        return mailbox(who).poll();
    }

    /**
     * Takes a client's answer. If it returns, the client need not send it again.
     *
     * @param who the client, as the transport authenticated it
     * @param answer what {@link RemoteSession#answer} returned
     * @throws MessageRefusedException if nothing of the answer counts; what is pending stays pending
     */
    public void answer(ClientId who, byte[] answer) {
        Mailbox mailbox = mailbox(who);
        if (answer.length > largestAnswer) {
            throw new MessageRefusedException(
                    Refusal.TOO_LARGE,
                    "client '" + who + "': an answer has at most " + largestAnswer + " bytes, but this one has "
                            + answer.length);
        }
        Answer read = read(who, answer);
        if (!read.client().equals(who)) {
            throw new MessageRefusedException(
                    Refusal.FOREIGN, "client '" + who + "': its answer names another client as its sender");
        }
        mailbox.take(read, answer);
    }

    /**
     * Notes that a client is there, as each of its messages does: for one that trains for longer than the patience.
     *
     * @param who the client, as the transport authenticated it
     * @throws MessageRefusedException if the client is not of the population
     */
    public void heartbeat(ClientId who) {
        mailbox(who).heard();
    }

    /** The clients that were heard of within the patience, in the order of {@link #ids}. */
    public List<ClientId> present() {
        return population.ids().stream()
                .filter(id -> {
                    Mailbox mailbox = mailboxes.get(id);
                    return mailbox != null && mailbox.isPresent();
                })
                .toList();
    }

    private static Answer read(ClientId who, byte[] answer) {
        try {
            return Answer.fromBytes(answer);
        } catch (NewerVersionException e) {
            throw new MessageRefusedException(
                    Refusal.MALFORMED, "client '" + who + "': its answer is of a newer version than this server's", e);
        } catch (CorruptDataException e) {
            throw new MessageRefusedException(
                    Refusal.MALFORMED, "client '" + who + "': its answer is damaged or not of this library", e);
        }
    }

    private Mailbox mailbox(ClientId who) {
        if (!population.members().contains(who)) {
            throw new MessageRefusedException(Refusal.UNKNOWN_CLIENT, "there is no client '" + who + "'");
        }
        return mailboxes.computeIfAbsent(who, id -> new Mailbox(id, patience, timing));
    }

    @Override
    public List<ClientId> ids() {
        return population.ids();
    }

    @Override
    public Client client(ClientId id) {
        return population.contribution() == Contribution.MASKED
                ? new MaskedFarClient(id, mailbox(id))
                : new ClearFarClient(id, mailbox(id));
    }

    /** Always. */
    @Override
    public boolean areRemote() {
        return true;
    }

    @Override
    public String toString() {
        return "RemoteClients[clients=" + population.ids().size() + ", contribution=" + population.contribution()
                + ", patience=" + patience + ", largestAnswer=" + largestAnswer + "]";
    }
}
