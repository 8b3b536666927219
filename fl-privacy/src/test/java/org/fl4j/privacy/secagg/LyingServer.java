package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.privacy.secagg.InputCollection.MaskedSum;
import org.fl4j.privacy.secagg.ShareCollection.DealtShares;
import org.fl4j.privacy.secagg.ShareRevelation.RevealedSum;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.privacy.secagg.internal.sharing.ShareBook;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.secure.SecureAggregator.Participant.LocalWork;
import org.fl4j.testkit.Fixtures;
import org.jspecify.annotations.Nullable;

/**
 * A server that tells real clients what a test wants, under the right seals, as it has the keys. Without a lie it is the
 * server's half as it stands. A client that rejects is out of the round, as is one that is {@link #lose lost}.
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
    private final ServerRound round;
    private final Map<Integer, AdvertisedKeys.Peer> peers = new TreeMap<>();
    private final Map<Integer, Bytes> signatures = new TreeMap<>();
    private final List<ServerStage> stages = new ArrayList<>();
    private IndexSet left;
    private @Nullable AdvertisedKeys keys;
    private @Nullable DealtShares dealt;
    private @Nullable MaskedSum masked;
    private @Nullable RevealedSum revealed;
    private final List<ClientSession> sessions = new ArrayList<>();
    private final Map<Integer, UnaryOperator<TrainingTask>> tasks = new HashMap<>();
    private final Map<Integer, String> rejections = new TreeMap<>();
    private final Map<Integer, RevealedShares> revelations = new TreeMap<>();

    LyingServer(ThreatModel threatModel, int n) {
        this.n = n;
        this.drill = new Drill(SecureSum.on(RULE), n, LENGTH, client -> new double[] {client, 10 * client, -client});
        this.terms = SessionTerms.of(new SummedRule.Plain(RULE, FixedPoint.UNSTATED), threatModel, drill.context(1), n);
        List<ClientId> cohort = IntStream.range(0, n).mapToObj(Fixtures::client).toList();
        this.left = IndexSet.all(n);
        this.round = new ServerRound(
                terms,
                cohort,
                ServerRound.Keys.fresh(
                        terms, drill.context(1).shared(Optional.empty()).toBytes(), new SecureRandom()));
        cohort.forEach(id -> sessions.add(new ClientSession(
                new SummedRule.Plain(RULE, FixedPoint.UNSTATED), threatModel, id, new SecureRandom())));
    }

    Drill drill() {
        return drill;
    }

    SessionTerms terms() {
        return terms;
    }

    ServerRound.Keys serverKeys() {
        return round.keys();
    }

    MessageHeader header(int client) {
        return round.header(client);
    }

    KeyAdvertisement advertisement(int client) {
        return Objects.requireNonNull(peers.get(client)).advertisement();
    }

    /** The roster that is settled. */
    AdvertisedKeys keys() {
        return Objects.requireNonNull(keys);
    }

    /** What clients signed, by signer. */
    Map<Integer, Bytes> signatures() {
        return signatures;
    }

    Bytes signature(int signer) {
        return Objects.requireNonNull(signatures.get(signer));
    }

    RevealedSum revealed() {
        return Objects.requireNonNull(revealed);
    }

    ClientSession session(int client) {
        return sessions.get(client);
    }

    /** Why each client that rejected a message did so. */
    Map<Integer, String> rejections() {
        return rejections;
    }

    /** What the server got at the end. With fewer than the threshold it learns no sum, whatever it computes. */
    Map<Integer, RevealedShares> revelations() {
        return revelations;
    }

    void assertAllReject(IntFunction<String> why) {
        assertRejected(n, why);
    }

    /** The first clients reject, for these reasons, and the server learns nothing. */
    void assertRejected(int clients, IntFunction<String> why) {
        Map<Integer, String> expected = new TreeMap<>();
        for (int client = 0; client < clients; client++) {
            expected.put(client, "client 'client-" + client + "', round 1: " + why.apply(client));
        }
        assertEquals(expected, rejections);
        assertNothingLearned();
    }

    void assertNothingLearned() {
        assertEquals(Set.of(), revelations.keySet());
        assertTrue(sum().isEmpty());
    }

    void lose(int client) {
        left = left.where(index -> index != client);
    }

    /** Another task for one client. */
    void hand(int client, UnaryOperator<TrainingTask> other) {
        tasks.put(client, other);
    }

    void advertise() throws Exception {
        advertise(client -> serverKeys());
    }

    /** With other keys for some clients: the announcement comes with them. */
    void advertise(IntFunction<ServerRound.Keys> keys) throws Exception {
        for (int client : left.toArray()) {
            announce(client, keys.apply(client));
        }
        settleRoster();
    }

    void announce(int client, ServerRound.Keys ours) throws Exception {
        Optional<byte[]> answer = ask(client, ours.announcement());
        if (answer.isPresent()) {
            KeyAdvertisement advertisement =
                    KeyAdvertisement.fromBytes(Envelope.unverified(answer.get(), Envelope.SEAL_BYTES));
            know(client, advertisement, ours);
        }
    }

    /** As if the client had sent it. */
    void know(int client, KeyAdvertisement advertisement, ServerRound.Keys ours) throws InvalidKeyException {
        peers.put(client, new AdvertisedKeys.Peer(advertisement, ours.with(advertisement)));
    }

    /** Of everyone left. */
    void settleRoster() {
        byte[] roster = roster(this::advertisement);
        byte[] seed = terms.seedIsOfKeys() ? Transcript.graphSeed(roster) : new byte[0];
        settleRoster(roster, seed, advertisement(left.toArray()[0]).taskFingerprint());
    }

    void settleRoster(byte[] roster, byte[] seed, String task) {
        keys = AdvertisedKeys.of(round, peers, left, roster, seed, task);
    }

    /** The hash of a roster in which everyone left has these keys. */
    byte[] roster(IntFunction<KeyAdvertisement> keys) {
        List<Bytes> leaves = left.stream()
                .mapToObj(client ->
                        Bytes.owning(Transcript.leaf(keys.apply(client).toBytes())))
                .toList();
        return Transcript.roster(serverKeys().announced(), left, leaves);
    }

    void deal(Lie<KeyRoster> lie) throws Exception {
        ServerStage work = begun(new ShareCollection(keys()));
        Map<Integer, ShareDealing> dealings = new TreeMap<>();
        for (int client : left.toArray()) {
            KeyRoster told = lie.told(client, KeyRoster.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes())
                    .ifPresent(record -> dealings.put(client, ShareDealing.fromBytes(record)));
        }
        dealt = new DealtShares(keys(), dealings, left);
    }

    /** Everybody else is told other keys of one client, and all are told the hash that fits them. */
    void dealWith(int replaced, KeyAdvertisement other) throws Exception {
        byte[] hash = roster(client -> client == replaced ? other : advertisement(client));
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
        ServerStage work = begun(new InputCollection(Objects.requireNonNull(dealt)));
        for (int client : left.toArray()) {
            ShareDelivery told = lie.told(client, ShareDelivery.fromBytes(record(work, client), n));
            ask(client, keys().seal(client, work.stage(), told.toBytes()))
                    .ifPresent(answer ->
                            work.accept(client, work.open(client, answer).orElseThrow()));
        }
        RingVector sum = (RingVector) SecretArrays.value(work, "sum");
        masked = new MaskedSum(Objects.requireNonNull(dealt), left, left, sum, Map.of());
    }

    void sign(Lie<SurvivorList> lie) throws Exception {
        ServerStage work = begun(new SignatureCollection(masked()));
        for (int client : left.toArray()) {
            SurvivorList told = lie.told(client, SurvivorList.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes())
                    .ifPresent(record -> signatures.put(
                            client, SurvivorSignature.fromBytes(record).signature()));
        }
    }

    void unmask(Lie<UnmaskingRequest> lie) throws Exception {
        MaskedSum asked = masked().signed(left, signatures);
        ServerStage work = begun(new ShareRevelation(asked));
        revealed = new RevealedSum(asked, (ShareBook) SecretArrays.value(work, "shares"));
        for (int client : left.toArray()) {
            UnmaskingRequest told = lie.told(client, UnmaskingRequest.fromBytes(record(work, client), n));
            tell(client, work.stage(), told.toBytes()).ifPresent(record -> {
                work.accept(client, record);
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

    private MaskedSum masked() {
        return Objects.requireNonNull(masked).signed(left, Map.of());
    }

    private ServerStage begun(ServerStage stage) {
        stages.add(stage);
        return stage;
    }

    /** No lie. */
    static <T> T truth(int client, T truth) {
        return truth;
    }

    /** Asks for shares, with the signatures of some clients, whatever they are on. */
    UnmaskingRequest request(int client, IndexSet survivors, int... signers) {
        IndexSet whose = IndexSet.of(n, IntStream.of(signers));
        return new UnmaskingRequest(
                header(client),
                survivors,
                whose,
                whose.stream().mapToObj(this::signature).toList());
    }

    IndexSet clients(int... indices) {
        return IndexSet.of(n, IntStream.of(indices));
    }

    /** The sum, taken off as the honest server does, if enough clients helped. */
    Optional<double[]> sum() {
        if (revelations.size() < terms.threshold()) {
            return Optional.empty();
        }
        try (Unmasking unmasking = new Unmasking(revealed())) {
            unmasking.run(1).ifPresent(why -> {
                throw new AssertionError(why);
            });
        }
        return Optional.of(masked().sum().toSummand(terms.segments()).toArray("delta"));
    }

    /** The record of a client's answer to a record under the server's seal; empty if it rejects it. */
    Optional<byte[]> tell(int client, ProtocolStage stage, byte[] record) throws Exception {
        return ask(client, keys().seal(client, stage, record))
                .map(answer -> keys().open(client, stage, answer).orElseThrow());
    }

    private Optional<byte[]> ask(int client, byte[] message) throws Exception {
        try {
            return Optional.of(sessions.get(client).answer(message, work(client)));
        } catch (SecureSum.ProtocolViolationException e) {
            rejections.put(client, e.getMessage());
            lose(client);
            return Optional.empty();
        }
    }

    /** What the honest server would tell a client. */
    static byte[] record(ServerStage work, int client) {
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
            public <C> C train(Function<ClientUpdate, C> encode, Supplier<C> zeros) throws Exception {
                return honest.train(encode, zeros);
            }
        };
    }

    @Override
    public void close() {
        sessions.forEach(ClientSession::close);
        peers.values().forEach(peer -> peer.seals().close());
        round.close();
        stages.forEach(ServerStage::close);
    }
}
