package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Included;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Opened;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Seed;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Sum;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Transfer;
import org.fl4j.privacy.secagg.internal.vector.MaskRemoval;
import org.fl4j.privacy.secagg.internal.vector.RingVector;

/** One session of a {@link ShareHolder}: seeds by position, until their sum is asked for. Not thread-safe. */
final class HolderSession implements AutoCloseable {

    private static final int MOST_THREADS = 8;

    /** Keys that share a pass over the vector. */
    private static final int PIECE = 64;

    private final String who;
    private final SharedTerms terms;
    private final Bytes session;
    private final int position;
    private final RoundKeys keys;
    private final ServerLink link;
    private final Map<Integer, byte[]> seeds = new TreeMap<>();
    private final Set<ClientId> seen = new HashSet<>();
    private Optional<String> task = Optional.empty();
    private boolean over;

    /**
     * Begins a session.
     *
     * @param position of this server; the leading one is 0
     * @param keys of this server and round, closed with the session
     * @param leading the leading server's X25519 key of the round
     */
    HolderSession(String who, SharedTerms terms, Bytes session, int position, RoundKeys keys, Bytes leading)
            throws InvalidKeyException {
        this.who = who + ", round " + terms.round() + ": ";
        this.terms = terms;
        this.session = session;
        this.position = position;
        this.keys = keys;
        this.link = ServerLink.between(keys.agreement(), leading, session);
    }

    boolean isOver() {
        return over;
    }

    /** Opens the seeds of some clients; those that do not open are left out. */
    byte[] transferred(byte[] message) {
        return answered(message, record -> {
            Transfer transfer = Transfer.fromBytes(record);
            if (!task.orElse(transfer.task()).equals(transfer.task())) {
                throw violation("the leading server transfers shares of two tasks");
            }
            task = Optional.of(transfer.task());
            List<Integer> opened = new ArrayList<>();
            for (Seed seed : transfer.seeds()) {
                requireNew(seed);
                open(seed, transfer.task()).ifPresent(its -> {
                    seeds.put(seed.position(), its);
                    opened.add(seed.position());
                });
            }
            IndexSet set = IndexSet.of(terms.clients(), opened.stream().mapToInt(Integer::intValue));
            return new Opened(session, Bytes.owning(set.toBytes())).toBytes();
        });
    }

    /** The sum of this server's parts over a set of clients, after which the session is over. */
    byte[] summed(byte[] message) {
        byte[] answer = answered(message, record -> {
            IndexSet included = included(Included.fromBytes(record));
            RingVector part = RingVector.zero(terms.plan());
            int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
            new MaskRemoval(session.shared(), terms.plan(), pieces(included.toArray())).run(part, threads);
            try {
                return new Sum(session, Bytes.owning(part.pack())).toBytes();
            } finally {
                part.erase();
            }
        });
        close();
        return answer;
    }

    /** A message with the seal that must not be answered ends the session. */
    private byte[] answered(byte[] message, Function<byte[], byte[]> answer) {
        byte[] record = link.openQuestion(message)
                .orElseThrow(
                        () -> violation("the message does not bear the leading server's seal of the next message of its"
                                + " session: it was altered, repeated, or is of another"));
        try {
            return link.sealAnswer(answer.apply(record));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void requireNew(Seed seed) {
        boolean inCohort = seed.position() >= 0 && seed.position() < terms.clients();
        if (!inCohort || seeds.containsKey(seed.position()) || !seen.add(seed.client())) {
            throw violation("the leading server transfers the shares of a client twice, or of one outside the cohort");
        }
    }

    private Optional<byte[]> open(Seed seed, String its) {
        MessageHeader header = new MessageHeader(session, terms.round(), seed.client());
        return new ShareBox(header, its, seed.key(), keys.published())
                .open(seed.part(), keys)
                .filter(opened -> opened.length == Sha256.BYTES);
    }

    private IndexSet included(Included request) {
        IndexSet included;
        try {
            included = IndexSet.fromBytes(terms.clients(), request.clients().shared());
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException(who + "the set of clients is " + e.getMessage(), e);
        }
        if (included.size() < terms.sum().smallestCohort()) {
            throw violation("the leading server asks for a sum over fewer clients than .ofAtLeast("
                    + terms.sum().smallestCohort() + ") of this server allows");
        }
        if (!included.stream().allMatch(seeds::containsKey)) {
            throw violation("the leading server asks for a sum over clients whose shares this server does not hold");
        }
        return included;
    }

    /** This server's part of x is -PRG(seed). */
    private List<MaskRemoval.Piece> pieces(int[] included) {
        return IntStream.iterate(0, from -> from < included.length, from -> from + PIECE)
                .mapToObj(from -> Arrays.copyOfRange(included, from, Math.min(from + PIECE, included.length)))
                .<MaskRemoval.Piece>map(some -> (part, masks) -> {
                    byte[][] its = Arrays.stream(some).mapToObj(seeds::get).toArray(byte[][]::new);
                    int[] positions = new int[some.length];
                    Arrays.fill(positions, position);
                    masks.removeSelves(part, its, positions);
                })
                .toList();
    }

    private SecureSum.ProtocolViolationException violation(String what) {
        return new SecureSum.ProtocolViolationException(who + what);
    }

    @Override
    public void close() {
        over = true;
        seeds.values().forEach(seed -> Arrays.fill(seed, (byte) 0));
        seeds.clear();
        keys.close();
        link.close();
    }
}
