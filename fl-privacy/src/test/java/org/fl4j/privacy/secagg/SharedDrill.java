package org.fl4j.privacy.secagg;

import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;

/** Rounds of a shared sum over bytes, with servers in this JVM and a network that a test decides about. */
final class SharedDrill {

    /** Who sends a message to whom. */
    enum Leg {
        TO_CLIENT,
        FROM_CLIENT,
        TO_HOLDER,
        FROM_HOLDER
    }

    /** What becomes of a message; empty: it is lost. */
    @FunctionalInterface
    interface Network {

        /**
         * Carries a message.
         *
         * @param who the client's number, or the server's, from 1
         * @param number which message on this leg with this end it is, from 0
         */
        Optional<byte[]> carry(Leg leg, int who, int number, byte[] message);
    }

    private final List<KeyPair> identities;
    private final SharedSum known;
    private final int n;
    private final Drill local;
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private Network network = (leg, who, number, message) -> Optional.of(message);
    private final List<Object> servers = new ArrayList<>();
    final List<String> rejections = new ArrayList<>();
    final Map<Integer, String> failures = new LinkedHashMap<>();

    /** Among so many servers, the leading one included. */
    SharedDrill(SharedSum rule, int servers, int n, int length, IntFunction<double[]> deltas) {
        this.identities =
                IntStream.range(1, servers).mapToObj(i -> Ed25519.freshKeys()).toList();
        this.known = rule.amongServers(identities.stream()
                .map(keys -> ShareServer.known(keys.getPublic()))
                .toList());
        this.n = n;
        this.local = new Drill(rule, n, length, deltas);
    }

    SharedDrill over(Network other) {
        network = other;
        return this;
    }

    SharedSum known() {
        return known;
    }

    /** Of the last round: the holders, then the leading server's half. */
    List<Object> servers() {
        return servers;
    }

    Drill local() {
        return local;
    }

    List<KeyPair> identities() {
        return identities;
    }

    SecureRound.Outcome run(int round) {
        return run(round, (server, holder) -> holder);
    }

    /** With other servers than honest ones. */
    SecureRound.Outcome run(int round, BiFunction<Integer, ShareServer, ShareServer> others) {
        counts.clear();
        List<ShareHolder> holders =
                identities.stream().map(keys -> ShareHolder.of(known, keys)).toList();
        SharedSum leading = known.amongServers(IntStream.range(0, holders.size())
                .mapToObj(i -> over(1 + i, others.apply(1 + i, holders.get(i))))
                .toList());
        List<ClientId> cohort = IntStream.range(0, n).mapToObj(Fixtures::client).toList();
        servers.clear();
        servers.addAll(holders);
        try (SecureRound protocol = leading.begin(local.context(round), cohort)) {
            servers.add(protocol);
            for (Optional<SecureRound.Stage> next = protocol.next(); next.isPresent(); next = protocol.next()) {
                for (ClientId recipient : next.get().recipients()) {
                    exchange(next.get(), cohort.indexOf(recipient), round);
                }
            }
            return protocol.finish();
        } finally {
            holders.forEach(ShareHolder::close);
        }
    }

    private void exchange(SecureRound.Stage stage, int client, int round) {
        Optional<byte[]> answer = Optional.empty();
        ClientId id = Fixtures.client(client);
        try (SecureAggregator.Participant participant = known.participant(id)) {
            Optional<byte[]> message = carry(Leg.TO_CLIENT, client, stage.messageFor(id));
            if (message.isPresent()) {
                answer = carry(Leg.FROM_CLIENT, client, participant.answer(message.get(), local.work(client, round)));
            }
        } catch (Exception e) {
            failures.put(client, String.valueOf(e.getMessage()));
        }
        if (answer.isPresent()) {
            stage.reply(id, answer.get()).ifPresent(rejections::add);
        } else {
            stage.missing(id);
        }
    }

    private Optional<byte[]> carry(Leg leg, int who, byte[] message) {
        return network.carry(leg, who, counts.merge(leg + " " + who, 1, Integer::sum) - 1, message);
    }

    private ShareServer over(int server, ShareServer holder) {
        return new ShareServer() {

            @Override
            public PublicKey identity() {
                return holder.identity();
            }

            @Override
            public byte[] answer(byte[] message) throws Exception {
                byte[] there =
                        carry(Leg.TO_HOLDER, server, message).orElseThrow(() -> new java.io.IOException("no route"));
                return carry(Leg.FROM_HOLDER, server, holder.answer(there))
                        .orElseThrow(() -> new java.io.IOException("no answer"));
            }
        };
    }
}
