package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Seed;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds the leading server's parts of the clients whose other parts all other servers hold, in batches: a part is kept until the other
 * servers have opened theirs, so memory does not grow with the cohort.
 */
final class ShareCollector implements AutoCloseable {

    static final Logger LOG = LoggerFactory.getLogger(ShareCollector.class);

    /** How many parts wait at most. */
    static final int BATCH = 16;

    /** Beside the integers: encapsulations, boxes of seeds and a long id. */
    private static final int ROOM = 1 << 16;

    private final SharedTerms terms;
    private final Bytes session;
    private final RoundKeys keys;
    private final List<HolderConnection> others;
    private final RingVector sum;
    private final BitSet held = new BitSet();
    private final List<Waiting> batch = new ArrayList<>();
    private Optional<String> task = Optional.empty();
    private Optional<HolderConnection.LostServer> lost = Optional.empty();

    ShareCollector(SharedTerms terms, Bytes session, RoundKeys keys, List<HolderConnection> others, RingVector sum) {
        this.terms = terms;
        this.session = session;
        this.keys = keys;
        this.others = others;
        this.sum = sum;
    }

    /** A client's parts, the leading server's opened. */
    private static final class Waiting {

        private final int position;
        private final Shares shares;
        private final byte[] part;

        Waiting(int position, Shares shares, byte[] part) {
            this.position = position;
            this.shares = shares;
            this.part = part;
        }

        void erase() {
            Arrays.fill(part, (byte) 0);
        }
    }

    long longestAnswer() {
        return ROOM + terms.plan().packedBytes();
    }

    /** Collects a client's parts. Returns why they are rejected, if they are. */
    Optional<String> add(int position, ClientId client, byte[] answer) {
        if (lost.isPresent()) {
            return Optional.of("another server of the shared sum is lost");
        }
        Shares shares = Shares.fromBytes(answer);
        MessageHeader header = new MessageHeader(session, terms.round(), client);
        if (!shares.header().equals(header)) {
            return Optional.of("its shares are of another client, round or session");
        }
        if (shares.parts().size() != 1 + others.size()) {
            return Optional.of(
                    "its shares are for " + shares.parts().size() + " servers, but expected " + (1 + others.size()));
        }
        if (shares.parts().stream().skip(1).anyMatch(part -> part.box().length() != ShareBox.SEED_BYTES)) {
            return Optional.of(
                    "its share for another server is no encrypted seed of " + ShareBox.SEED_BYTES + " bytes");
        }
        Optional<byte[]> part = open(shares);
        if (part.isEmpty()) {
            return Optional.of(
                    "its share for the leading server does not open: it was altered or bound to something else");
        }
        if (part.get().length != terms.plan().packedBytes()) {
            return Optional.of("its share has " + part.get().length + " bytes but the rule's has "
                    + terms.plan().packedBytes());
        }
        batch.add(new Waiting(position, shares, part.get()));
        if (batch.size() == BATCH) {
            addBatch();
        }
        return Optional.empty();
    }

    private Optional<byte[]> open(Shares shares) {
        return new ShareBox(shares.header(), shares.task(), shares.key(), keys.published())
                .open(shares.parts().get(0), keys);
    }

    /** The clients whose parts all servers hold, which are those in the sum. */
    IndexSet held() throws HolderConnection.LostServer {
        addBatch();
        if (lost.isPresent()) {
            throw lost.get();
        }
        return IndexSet.of(terms.clients(), held.stream());
    }

    private void addBatch() {
        try {
            if (lost.isEmpty() && !batch.isEmpty()) {
                addHeld();
            }
        } catch (HolderConnection.LostServer e) {
            lost = Optional.of(e);
        } finally {
            batch.forEach(Waiting::erase);
            batch.clear();
        }
    }

    private void addHeld() throws HolderConnection.LostServer {
        String agreed = task.orElseGet(this::mostCommonTask);
        task = Optional.of(agreed);
        List<Waiting> alike = batch.stream()
                .filter(waiting -> waiting.shares.task().equals(agreed))
                .toList();
        if (alike.size() < batch.size()) {
            LOG.warn("round {}: clients were given another task than the others, and are left out", terms.round());
        }
        IndexSet opened = IndexSet.of(terms.clients(), alike.stream().mapToInt(waiting -> waiting.position));
        for (HolderConnection other : others) {
            IndexSet theirs = other.transfer(agreed, seeds(alike, other.position()), terms.clients());
            opened = opened.where(theirs::contains);
        }
        for (Waiting waiting : alike) {
            if (opened.contains(waiting.position)) {
                addPart(waiting);
            }
        }
        if (opened.size() < alike.size()) {
            LOG.warn("round {}: shares of clients did not open at every server, and are left out", terms.round());
        }
    }

    private void addPart(Waiting waiting) {
        try {
            sum.addPacked(waiting.part, 0);
            held.set(waiting.position);
        } catch (IllegalArgumentException e) {
            LOG.warn("round {}: the share of a client is not packed as agreed, and is left out", terms.round());
        }
    }

    /** Of the first batch: the task of most of its clients. */
    private String mostCommonTask() {
        Map<String, Long> counts = batch.stream()
                .map(waiting -> waiting.shares.task())
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static List<Seed> seeds(List<Waiting> clients, int server) {
        return clients.stream()
                .map(waiting -> new Seed(
                        waiting.position,
                        waiting.shares.header().client(),
                        waiting.shares.key(),
                        waiting.shares.parts().get(server)))
                .toList();
    }

    @Override
    public void close() {
        batch.forEach(Waiting::erase);
        batch.clear();
    }
}
