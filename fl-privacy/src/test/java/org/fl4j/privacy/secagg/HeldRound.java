package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.privacy.secagg.InputCollection.MaskedSum;
import org.fl4j.privacy.secagg.ShareRevelation.RevealedSum;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.testkit.Fixtures;

/**
 * A round that a test holds in its hands: each stage stays open for as many wrong messages as it likes. Stages, records and
 * clients are the session's own; what {@link ServerSession} adds, the order of stages and the last sum, is repeated here.
 */
final class HeldRound implements AutoCloseable {

    private final FuzzedCohort cohort;
    private final int round;
    private final long seed;
    private final RoundContext context;
    private final ServerRound server;
    private final List<ClientSession> clients = new ArrayList<>();
    private ServerStage stage;
    private boolean begun;
    private Optional<AdvertisedKeys> keys = Optional.empty();
    private Optional<RevealedSum> revealed = Optional.empty();
    private Optional<StageReplies> open = Optional.empty();
    private BitSet taken = new BitSet();
    private Optional<String> failure = Optional.empty();

    HeldRound(FuzzedCohort cohort, int round, long seed) {
        this.cohort = cohort;
        this.round = round;
        this.seed = seed;
        this.context = cohort.context(round);
        SecureRandom random = FixedRandom.seeded(seed);
        SessionTerms terms = cohort.terms(round);
        this.server = new ServerRound(
                terms,
                IntStream.range(0, cohort.clients()).mapToObj(Fixtures::client).toList(),
                ServerRound.Keys.fresh(terms, context.shared(Optional.empty()).toBytes(), random));
        for (int client = 0; client < cohort.clients(); client++) {
            clients.add(cohort.client(client, clientSeed(client)));
        }
        this.stage = new KeyCollection(server, random);
    }

    private long clientSeed(int client) {
        return 31 * seed + client + 1;
    }

    int round() {
        return round;
    }

    /** With a signature by the identity key of whoever it says it is from. */
    KeyAdvertisement signed(KeyAdvertisement keys) throws GeneralSecurityException {
        return cohort.threatModel().signs()
                ? keys.signed(cohort.threatModel().signer().sign(keys.header().client(), keys.signedBytes()))
                : keys;
    }

    int stages() {
        return cohort.threatModel().signs() ? 5 : 4;
    }

    String who(int client) {
        return "client '" + Fixtures.client(client) + "', round " + round + ": ";
    }

    SessionTerms terms() {
        return server.terms();
    }

    ServerRound.Keys serverKeys() {
        return server.keys();
    }

    /** Once they are collected. */
    AdvertisedKeys keys() {
        return keys.orElseThrow();
    }

    /** Ends the stage, if one is open, and opens the next one, if there is one. */
    Optional<ProtocolStage> next() {
        if (begun) {
            ServerStage.End end = stage.end(IndexSet.of(cohort.clients(), taken.stream()));
            if (end instanceof ServerStage.Next next) {
                stage = next.stage();
            } else if (end instanceof ServerStage.Finished last) {
                revealed = Optional.of(last.sum());
            } else {
                failure = Optional.of(((ServerStage.Abandoned) end).reason());
            }
            if (stage instanceof ShareCollection) {
                keys = Optional.of((AdvertisedKeys) SecretArrays.value(stage, "keys"));
            }
        }
        begun = true;
        taken = new BitSet();
        boolean over = failure.isPresent() || revealed.isPresent();
        open = over ? Optional.empty() : Optional.of(new StageReplies(server, stage));
        return over ? Optional.empty() : Optional.of(stage.stage());
    }

    int[] recipients() {
        return stage.recipients().toArray();
    }

    byte[] messageFor(int client) {
        return open.orElseThrow().messageFor(Fixtures.client(client));
    }

    /** The client's own answer. */
    byte[] answer(int client, byte[] message) throws Exception {
        return answer(clients.get(client), client, message);
    }

    byte[] answer(ClientSession session, int client, byte[] message) throws Exception {
        return session.answer(message, cohort.work(client, round));
    }

    /** The client a second time, with the same keys, after it has answered some messages. */
    ClientSession again(int client, List<byte[]> messages) throws Exception {
        ClientSession session = cohort.client(client, clientSeed(client));
        for (byte[] message : messages) {
            answer(session, client, message);
        }
        return session;
    }

    /** What the server says of an answer, from whom none has come yet. */
    Optional<String> probe(int client, byte[] answer) {
        Optional<String> rejection = new StageReplies(server, stage).reply(Fixtures.client(client), answer);
        if (rejection.isEmpty()) {
            taken.set(client);
        }
        return rejection;
    }

    /** What the server says of an answer, of which there can be one. */
    Optional<String> deliver(int client, byte[] answer) {
        Optional<String> rejection = open.orElseThrow().reply(Fixtures.client(client), answer);
        if (rejection.isEmpty()) {
            taken.set(client);
        }
        return rejection;
    }

    boolean hasTaken(int client) {
        return taken.get(client);
    }

    /** Why there is no sum; or that it is wrong. */
    Optional<String> shortfall() {
        if (failure.isPresent()) {
            return failure;
        }
        try (Unmasking unmasking = new Unmasking(revealed.orElseThrow())) {
            Optional<String> cheated = unmasking.run(1);
            return cheated.isPresent()
                            || masked().sum().withinHeadroom(masked().included().size())
                    ? cheated
                    : Optional.of("beyond the headroom");
        }
    }

    private MaskedSum masked() {
        return revealed.orElseThrow().masked();
    }

    /** Whether the sum is that of the contributions in the clear, bit for bit. */
    boolean isExact() {
        double[] expected = cohort.sum(masked().included());
        var aggregate = FuzzedCohort.RULE
                .begin(context)
                .decode(masked().sum().toSummand(terms().segments()))
                .aggregate();
        return IntStream.range(0, expected.length).allMatch(i -> aggregate.get(i) == expected[i]);
    }

    /** The clients' halves are over, wherever they have got to. */
    void endClients() {
        clients.forEach(ClientSession::close);
    }

    @Override
    public void close() {
        endClients();
        stage.close();
    }
}
