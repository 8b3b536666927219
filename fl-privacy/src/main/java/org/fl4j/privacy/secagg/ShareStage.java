package org.fl4j.privacy.secagg;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.secure.SecureRound;

/** SHARE: the only stage in which a shared sum asks clients. One answer of each, once; which are due is tracked here. */
final class ShareStage implements SecureRound.Stage {

    private final List<ClientId> cohort;
    private final SharedTerms terms;
    private final Bytes request;
    private final ShareCollector collector;
    private final Map<ClientId, Integer> positions = new HashMap<>();
    private final Set<ClientId> due;
    private boolean started;
    private boolean over;

    ShareStage(List<ClientId> cohort, SharedTerms terms, Bytes request, ShareCollector collector) {
        this.cohort = cohort;
        this.terms = terms;
        this.request = request;
        this.collector = collector;
        this.due = new HashSet<>(cohort);
        for (int position = 0; position < cohort.size(); position++) {
            if (positions.put(cohort.get(position), position) != null) {
                throw new IllegalArgumentException(
                        (terms.isPrivate() ? "a client" : "client '" + cohort.get(position) + "'")
                                + " is in the cohort twice");
            }
        }
    }

    boolean isStarted() {
        return started;
    }

    void start() {
        started = true;
    }

    @Override
    public String name() {
        return "SHARE";
    }

    /** Nobody has a sum yet: the other servers are not asked for theirs before this stage is over. */
    @Override
    public boolean unmasks() {
        return false;
    }

    @Override
    public List<ClientId> recipients() {
        return cohort;
    }

    @Override
    public byte[] messageFor(ClientId recipient) {
        requireOpen();
        if (!positions.containsKey(recipient)) {
            throw new IllegalArgumentException(who(recipient) + "it is not a recipient of SHARE");
        }
        return request.shared().clone();
    }

    @Override
    public Optional<String> reply(ClientId from, byte[] answer) {
        requireOpen();
        if (!due.remove(from)) {
            return Optional.of(who(from) + "no answer to SHARE is due");
        }
        return refusal(from, answer).map(why -> who(from) + why);
    }

    private Optional<String> refusal(ClientId from, byte[] answer) {
        long longest = collector.longestAnswer();
        if (answer.length > longest) {
            return Optional.of(
                    "its answer to SHARE has " + answer.length + " bytes; at most " + longest + " can be due");
        }
        try {
            return collector.add(Objects.requireNonNull(positions.get(from)), from, answer);
        } catch (CorruptDataException | NewerVersionException e) {
            return Optional.of("its answer to SHARE cannot be read: " + e.getMessage());
        }
    }

    @Override
    public void missing(ClientId who) {
        requireOpen();
        if (!due.remove(who)) {
            throw new IllegalStateException(who(who) + "no answer to SHARE is due, so none is missing");
        }
    }

    /** Whose parts all servers hold. */
    IndexSet end() throws HolderConnection.LostServer {
        requireOpen();
        if (!due.isEmpty()) {
            throw new IllegalStateException((terms.isPrivate()
                            ? "round " + terms.round() + ": a client "
                            : who(due.iterator().next()))
                    + "has neither answered SHARE nor been reported missing");
        }
        over = true;
        return collector.held();
    }

    void close() {
        over = true;
        collector.close();
    }

    private void requireOpen() {
        if (over) {
            throw new IllegalStateException("round " + terms.round() + ": SHARE is over");
        }
    }

    private String who(ClientId client) {
        return "client '" + client + "', round " + terms.round() + ": ";
    }
}
