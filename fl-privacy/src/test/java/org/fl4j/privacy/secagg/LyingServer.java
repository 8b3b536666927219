package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.SecureParticipant.LocalWork;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;

/**
 * A server that tells real clients what a test wants, under the right seals, as it has the keys. Without a lie it is the
 * server's half as it stands. Whoever refuses is out of the round, as is whoever is {@link #lose lost}.
 */
final class LyingServer implements AutoCloseable {

    /** What a client is told instead of the truth. */
    @FunctionalInterface
    interface Lie<T> {

        T told(int client, T truth) throws GeneralSecurityException;
    }

    static final LinearAggregator RULE = new IntegerRule(1000);
    static final int LENGTH = 3;

    private final int n;
    private final Drill drill;
    private final SessionTerms terms;
    private final ServerRecords records;
    private final List<ClientSession> sessions = new ArrayList<>();
    private final Map<Integer, UnaryOperator<TrainingTask>> tasks = new HashMap<>();
    private final Map<Integer, String> refusals = new TreeMap<>();
    private final Map<Integer, RevealedShares> revelations = new TreeMap<>();

    LyingServer(ThreatModel threatModel, int n) {
        this.n = n;
        this.drill = new Drill(SecureSum.of(RULE), n, LENGTH, client -> new double[] {client, 10 * client, -client});
        this.terms = SessionTerms.of(RULE, FixedPoint.UNSTATED, threatModel, drill.context(1), n);
        List<ClientId> cohort = IntStream.range(0, n).mapToObj(Drill::id).toList();
        this.records = new ServerRecords(
                terms,
                cohort,
                ServerKeys.fresh(
                        terms, drill.context(1).shared(Optional.empty()).toBytes(), new SecureRandom()));
        cohort.forEach(
                id -> sessions.add(new ClientSession(RULE, FixedPoint.UNSTATED, threatModel, id, new SecureRandom())));
    }

    Drill drill() {
        return drill;
    }

    SessionTerms terms() {
        return terms;
    }

    ServerRecords records() {
        return records;
    }

    ClientSession session(int client) {
        return sessions.get(client);
    }

    /** Why which client refused to go on. */
    Map<Integer, String> refusals() {
        return refusals;
    }

    /** What the server got at the end. With fewer than the threshold it learns no sum, whatever it computes. */
    Map<Integer, RevealedShares> revelations() {
        return revelations;
    }

    void lose(int client) {
        records.setLeft(records.left().where(index -> index != client));
    }

    /** Another task for one client. */
    void hand(int client, UnaryOperator<TrainingTask> other) {
        tasks.put(client, other);
    }

    void advertise() throws Exception {
        advertise(client -> records.keys());
    }

    /** With other keys for some clients: the announcement comes with them. */
    void advertise(IntFunction<ServerKeys> keys) throws Exception {
        for (int client : records.left().toArray()) {
            announce(client, keys.apply(client));
        }
        settleRoster();
    }

    void announce(int client, ServerKeys keys) throws Exception {
        Optional<byte[]> answer = ask(client, keys.announcement());
        if (answer.isPresent()) {
            KeyAdvertisement advertisement =
                    KeyAdvertisement.fromBytes(Envelope.unverified(answer.get(), Envelope.SEAL_BYTES));
            records.peer(client).advertise(advertisement, keys.with(advertisement));
        }
    }

    /** Of everyone left. */
    void settleRoster() {
        IndexSet there = records.left();
        byte[] roster = roster(client -> records.peer(client).advertisement());
        byte[] seed = terms.seedIsOfKeys() ? Transcript.graphSeed(roster) : new byte[0];
        KeyAdvertisement first = records.peer(there.toArray()[0]).advertisement();
        records.setRoster(there, roster, seed, first.taskFingerprint());
    }

    /** The hash of a roster in which everyone left has these keys. */
    byte[] roster(IntFunction<KeyAdvertisement> keys) {
        List<Bytes> leaves = records.left().stream()
                .mapToObj(client ->
                        Bytes.owning(Transcript.leaf(keys.apply(client).toBytes())))
                .toList();
        return Transcript.roster(records.keys().announced(), records.left(), leaves);
    }

    void deal(Lie<KeyRoster> lie) throws Exception {
        StageWork work = new ShareCollection(records);
        for (int client : records.left().toArray()) {
            KeyRoster told = lie.told(client, KeyRoster.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes())
                    .ifPresent(record -> records.peer(client).deal(ShareDealing.fromBytes(record)));
        }
        records.setDealt(records.left());
    }

    /** Everybody else is told other keys of one client, and all are told the hash that fits them. */
    void dealWith(int replaced, KeyAdvertisement other) throws Exception {
        byte[] hash = roster(
                client -> client == replaced ? other : records.peer(client).advertisement());
        deal((client, truth) -> {
            List<Bytes> neighbours = new ArrayList<>(truth.neighbours());
            if (client != replaced) {
                neighbours.set(replaced - (client < replaced ? 1 : 0), Bytes.owning(other.toBytes()));
            }
            return new KeyRoster(
                    truth.header(),
                    client,
                    truth.advertised(),
                    truth.graphSeed(),
                    Bytes.owning(hash),
                    truth.leaves(),
                    neighbours);
        });
    }

    void mask(Lie<ShareDelivery> lie) throws Exception {
        StageWork work = new InputCollection(records);
        for (int client : records.left().toArray()) {
            ShareDelivery told = lie.told(client, ShareDelivery.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes()).ifPresent(record -> work.take(client, record));
        }
        records.setIncluded(records.left());
    }

    void sign(Lie<SurvivorList> lie) throws Exception {
        StageWork work = new SignatureCollection(records);
        for (int client : records.left().toArray()) {
            SurvivorList told = lie.told(client, SurvivorList.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes())
                    .ifPresent(record -> records.signatures()
                            .put(client, SurvivorSignature.fromBytes(record).signature()));
        }
    }

    void unmask(Lie<UnmaskingRequest> lie) throws Exception {
        StageWork work = new ShareRevelation(records);
        for (int client : records.left().toArray()) {
            UnmaskingRequest told = lie.told(client, UnmaskingRequest.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes()).ifPresent(record -> {
                work.take(client, record);
                revelations.put(client, RevealedShares.fromBytes(record, n));
            });
        }
    }

    /** An honest round up to the unmasking; then everybody is asked for shares. */
    void unmaskAfterHonestRound(Lie<UnmaskingRequest> lie) throws Exception {
        untilSigned(LyingServer::truth);
        unmask(lie);
    }

    /** An honest round but for the survivors that clients are to sign. */
    void untilSigned(Lie<SurvivorList> lie) throws Exception {
        advertise();
        deal(LyingServer::truth);
        mask(LyingServer::truth);
        sign(lie);
    }

    /** No lie. */
    static <T> T truth(int client, T truth) {
        return truth;
    }

    /** Asks for shares, with the signatures of some clients, whatever they are on. */
    UnmaskingRequest request(int client, IndexSet survivors, int... signers) {
        IndexSet whose = IndexSet.of(n, IntStream.of(signers));
        return new UnmaskingRequest(
                records.header(client),
                survivors,
                whose,
                whose.stream().mapToObj(records::signature).toList());
    }

    IndexSet clients(int... indices) {
        return IndexSet.of(n, IntStream.of(indices));
    }

    /** The sum, taken off as the honest server does, if enough clients helped. */
    Optional<double[]> sum() {
        if (revelations.size() < terms.threshold()) {
            return Optional.empty();
        }
        try (Unmasking unmasking = new Unmasking(records)) {
            unmasking.run(1).ifPresent(why -> {
                throw new AssertionError(why);
            });
        }
        return Optional.of(records.sum().toSummand(terms.segments()).toArray("delta"));
    }

    /** The record of a client's answer to a record under the server's seal; empty if it refuses. */
    Optional<byte[]> tell(int client, ProtocolStage stage, byte[] record) throws Exception {
        return ask(client, records.seal(client, stage, record))
                .map(answer -> Envelope.open(answer, records.peer(client).keys().key(stage, Direction.TO_SERVER))
                        .orElseThrow());
    }

    private Optional<byte[]> ask(int client, byte[] message) throws Exception {
        try {
            return Optional.of(sessions.get(client).answer(message, work(client)));
        } catch (ProtocolViolationException e) {
            refusals.put(client, e.getMessage());
            lose(client);
            return Optional.empty();
        }
    }

    /** What the honest server would tell a client. */
    static byte[] record(StageWork work, int client) {
        return Envelope.unverified(work.messageFor(client), Envelope.SEAL_BYTES);
    }

    private LocalWork work(int client) {
        LocalWork honest = drill.work(client, 1);
        return new LocalWork() {

            @Override
            public TrainingTask task() {
                return tasks.getOrDefault(client, task -> task).apply(honest.task());
            }

            @Override
            public ClientUpdate train(Function<ClientUpdate, Optional<String>> refusal) throws Exception {
                return honest.train(refusal);
            }
        };
    }

    @Override
    public void close() {
        sessions.forEach(ClientSession::close);
        records.close();
    }
}
