package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Announcement;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Request;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.secure.SecureRound;
import org.jspecify.annotations.Nullable;

/**
 * The leading server's half of a shared sum: SHARE asks every client for its parts, SUM asks no client but the other servers, once,
 * for theirs.
 */
final class SharedRound implements SecureRound {

    private final SharedTerms terms;
    private final List<ClientId> cohort;
    private final RoundKeys keys;
    private final List<HolderConnection> others = new ArrayList<>();
    private final RingVector sum;
    private @Nullable ShareStage open;
    private @Nullable IndexSet included;
    private boolean summing;
    private Optional<Unrecovered> failure = Optional.empty();
    private boolean finished;
    private boolean closed;

    private SharedRound(SharedTerms terms, List<ClientId> cohort, RoundKeys keys) {
        this.terms = terms;
        this.cohort = List.copyOf(cohort);
        this.keys = keys;
        this.sum = RingVector.zero(terms.plan());
    }

    static SecureRound begin(SharedSum sum, RoundContext context, List<ClientId> cohort, List<ShareServer> others) {
        Optional<String> tooSmall = tooSmall(sum, context, cohort.size());
        if (tooSmall.isPresent()) {
            return new ServerSession.NoRound(
                    unrecovered(sum.isPrivate(), context.round(), Cause.TOO_FEW_CLIENTS, tooSmall.get()));
        }
        SharedRound round =
                new SharedRound(terms(sum, context, cohort.size()), cohort, RoundKeys.fresh(new SecureRandom()));
        round.announce(others);
        return round;
    }

    private static SharedTerms terms(SharedSum sum, RoundContext context, int clients) {
        try {
            return SharedTerms.of(sum, context, clients);
        } catch (CohortSizeException e) {
            throw sum.isPrivate() ? e.uncounted(context.round()) : e;
        }
    }

    /** A cohort of random size that is too small is not a mistake of the host. */
    private static Optional<String> tooSmall(SharedSum sum, RoundContext context, int clients) {
        boolean chosen = context.sampling() instanceof SamplingScheme.EveryClient
                || context.sampling() instanceof SamplingScheme.FixedSize;
        if ((chosen && clients > 0) || clients >= sum.smallestCohort()) {
            return Optional.empty();
        }
        try {
            sum.requireAllowed(clients);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("round " + context.round() + ": " + e.getMessage());
        }
    }

    private void announce(List<ShareServer> servers) {
        RoundContext.PublicPart shared = terms.context().shared(terms.summed().publicState());
        byte[] announcement = new Announcement(
                        terms.clients(),
                        Bytes.owning(shared.toBytes()),
                        Bytes.owning(terms.fingerprint()),
                        keys.published())
                .toBytes();
        Bytes session = Announcement.session(announcement);
        try {
            for (ShareServer server : servers) {
                others.add(HolderConnection.open(server, 1 + others.size(), announcement, session, keys));
            }
        } catch (HolderConnection.LostServer e) {
            lost(e);
            return;
        }
        Request request = new Request(
                Bytes.owning(announcement),
                others.stream().map(HolderConnection::key).toList());
        ShareCollector collector = new ShareCollector(terms, session, keys, others, sum);
        open = new ShareStage(cohort, terms, Bytes.owning(request.toBytes()), collector);
    }

    /** The leading server's own log has the exception; reports of a private rule have the cause alone. */
    private void lost(HolderConnection.LostServer e) {
        ShareCollector.LOG.warn("round {}: {}", terms.round(), e.reason(), e);
        fail(Cause.LOST_SERVER, e.reason());
    }

    private void fail(Cause cause, String reason) {
        failure = Optional.of(
                unrecovered(terms.isPrivate(), terms.round(), cause, "round " + terms.round() + ": " + reason));
    }

    private static Unrecovered unrecovered(boolean isPrivate, int round, Cause cause, String reason) {
        return new Unrecovered(cause, isPrivate ? cause.reason(round) : reason);
    }

    @Override
    public Optional<SecureRound.Stage> next() {
        requireOpen();
        if (failure.isPresent() || summing) {
            return Optional.empty();
        }
        ShareStage stage = open;
        if (stage != null && !stage.isStarted()) {
            stage.start();
            return Optional.of(stage);
        }
        try {
            collected(Objects.requireNonNull(stage).end());
        } catch (HolderConnection.LostServer e) {
            lost(e);
        }
        summing = failure.isEmpty();
        return summing ? Optional.of(new SumStage()) : Optional.empty();
    }

    private void collected(IndexSet held) {
        included = held;
        int least = terms.sum().smallestCohort();
        if (held.size() < least) {
            fail(
                    Cause.TOO_FEW_CLIENTS,
                    "the shares of " + held.size() + " of " + terms.clients()
                            + " clients arrived, but a shared sum must be over at" + " least " + least);
        }
    }

    @Override
    public Outcome finish() {
        requireOpen();
        if (finished) {
            throw new IllegalStateException("round " + terms.round() + " is finished");
        }
        if (failure.isEmpty() && !summing) {
            throw new IllegalStateException("round " + terms.round() + ": its protocol is not at its end");
        }
        finished = true;
        if (failure.isEmpty()) {
            addParts(Objects.requireNonNull(included));
        }
        return failure.<Outcome>map(why -> why).orElseGet(() -> decoded(Objects.requireNonNull(included)));
    }

    private void addParts(IndexSet clients) {
        try {
            for (HolderConnection other : others) {
                byte[] part = other.sum(clients, terms.plan().packedBytes());
                try {
                    sum.addPacked(part, 0);
                } catch (IllegalArgumentException e) {
                    fail(
                            Cause.LOST_SERVER,
                            "server " + (1 + other.position()) + " of the shared sum: " + e.getMessage());
                }
            }
        } catch (HolderConnection.LostServer e) {
            lost(e);
        }
    }

    /** As of a {@link SecureSum}: under a private rule nothing but sum plus noise decides what is released. */
    private Outcome decoded(IndexSet clients) {
        if (!terms.isPrivate()) {
            if (!sum.withinHeadroom(clients.size())) {
                fail(
                        Cause.MISBEHAVING_CLIENT,
                        "the sum is beyond what " + clients.size()
                                + " contributions in range can come to; a client or a server sent something else");
                return failure.orElseThrow();
            }
            return recovered(sum.toSummand(terms.segments()), clients);
        }
        Summand noiseless = sum.toResidues(terms.segments());
        try {
            return recovered(noiseless, clients);
        } finally {
            noiseless.erase();
        }
    }

    private Outcome recovered(Summand total, IndexSet clients) {
        return new Recovered(
                terms.summed().decode(total),
                clients.stream().mapToObj(cohort::get).toList());
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("round " + terms.round() + " is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        if (open != null) {
            open.close();
        }
        others.forEach(HolderConnection::close);
        keys.close();
        sum.erase();
    }

    /**
     * Asks no client: it says that from here on the sum may become known, so that the attempt is not repeated. The other servers
     * are asked when the round is finished.
     */
    private static final class SumStage implements SecureRound.Stage {

        @Override
        public String name() {
            return "SUM";
        }

        @Override
        public boolean unmasks() {
            return true;
        }

        @Override
        public List<ClientId> recipients() {
            return List.of();
        }

        @Override
        public byte[] messageFor(ClientId recipient) {
            throw new IllegalArgumentException("client '" + recipient + "': SUM has no recipients");
        }

        @Override
        public Optional<String> reply(ClientId from, byte[] answer) {
            return Optional.of("client '" + from + "': no answer to SUM is due");
        }

        @Override
        public void missing(ClientId who) {
            throw new IllegalStateException("client '" + who + "': no answer to SUM is due, so none is missing");
        }
    }
}
