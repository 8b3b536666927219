package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.LinearCodec;
import org.fl4j.model.Evaluation;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.privacy.secagg.ShareHolder;
import org.fl4j.privacy.secagg.ShareServer;
import org.fl4j.privacy.secagg.SharedSum;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs under a sum among servers: the bits of the plain run on a grid, and of the masked one elsewhere. */
class SharedSumRunsTest {

    private static final int ROUNDS = 3;
    private static final FixedPoint COARSE =
            FixedPoint.within(8).resolution(0x1p-5).weighingAtMost(PointFederation.MOST_POINTS);

    static Stream<LinearAggregator> onAGrid() {
        return Stream.of(
                ClippedMean.fixed(0.7).byCappedExamples(4, 20),
                AdaptiveClippedMean.startingAt(0.7).withCountNoise(3),
                GaussianMechanism.on(
                        Sketched.on(FedProx.on(ClippedMean.fixed(0.7), 0.3), LinearCodec.randomK(0.5)), 0));
    }

    @ParameterizedTest
    @MethodSource("onAGrid")
    void isThePlainRunToTheBitOnAGrid(LinearAggregator rule) {
        RoundResult plain = losingSome().run(rule, PointFederation.START, ROUNDS);
        RoundResult shared = losingSome().run(SharedSum.on(rule).amongServers(3), PointFederation.START, ROUNDS);

        assertEquals(ROUNDS, shared.state().round());
        assertEquals(plain.state(), shared.state());
    }

    static Stream<LinearAggregator> rounded() {
        // Clients of SCAFFOLD remember: a round that is not committed, or twice, would show.
        return Stream.of(FedAvg.byExamples(), Scaffold.on(FedAvg.byExamples()));
    }

    private static FixedPoint numbers(LinearAggregator rule) {
        return rule instanceof Scaffold ? COARSE.segment("control", COARSE) : COARSE;
    }

    @ParameterizedTest
    @MethodSource("rounded")
    void isTheMaskedRunOnAnyNumberOfThreadsAndAfterAResume(LinearAggregator rule) {
        ServerState expected = losingSome()
                .run(SecureSum.on(rule, numbers(rule)), PointFederation.START, 4)
                .state();
        SharedSum shared = SharedSum.on(rule, numbers(rule));

        assertEquals(
                expected,
                losingSome().threads(4).run(shared, PointFederation.START, 4).state());
        PointFederation resumed = losingSome().threads(1);
        byte[] half = resumed.run(shared, PointFederation.START, 2).state().toBytes();
        assertEquals(
                expected, resumed.run(shared, ServerState.fromBytes(half), 2).state());
    }

    /** Every end has its own copy of the configuration, and bytes in between. */
    @Test
    void serversAndClientsElsewhere() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        List<KeyPair> identities = List.of(generator.generateKeyPair(), generator.generateKeyPair());
        SharedSum known = SharedSum.on(FedAvg.byExamples(), COARSE)
                .ofAtLeast(3)
                .amongServers(identities.stream()
                        .map(keys -> ShareServer.known(keys.getPublic()))
                        .toList());
        RoundResult expected =
                losingSome().run(SecureSum.on(FedAvg.byExamples(), COARSE), PointFederation.START, ROUNDS);
        List<ShareServer> holders = new ArrayList<>();
        for (KeyPair keys : identities) {
            holders.add(ShareHolder.of(known, keys));
        }
        PointFederation there = losingSome();
        try (Ends ends = new Ends(known, there.clients())) {
            RoundResult actual = there.run(known.amongServers(holders), ends, ROUNDS);

            assertEquals(expected.state(), actual.state());
            assertEquals(ROUNDS, actual.state().round());
            // One message a client and round, also of those that fail.
            assertEquals(ROUNDS * PointFederation.CLIENTS, ends.messages);
        }
    }

    private static PointFederation losingSome() {
        return new PointFederation().losing((round, client) -> (client + round) % 3 == 0);
    }

    /** What a host's transport does: a task and a message out, an answer back. */
    private static final class Ends implements ClientProvider, AutoCloseable {

        private final Map<ClientId, ParticipantSession> sessions = new LinkedHashMap<>();
        private final ClientStateStore states;
        private int messages;

        Ends(SecureAggregator rule, ClientProvider clients) {
            states = clients.clientStates();
            clients.ids().forEach(id -> sessions.put(id, ParticipantSession.of(rule, clients.client(id))));
        }

        private synchronized byte[] carry(ClientId id, TrainingTask task, byte[] message) throws Exception {
            messages++;
            return sessions.get(id).answer(TrainingTask.fromBytes(task.toBytes()), message.clone());
        }

        @Override
        public List<ClientId> ids() {
            return List.copyOf(sessions.keySet());
        }

        @Override
        public ClientStateStore clientStates() {
            return states;
        }

        @Override
        public Client client(ClientId id) {
            return new MaskingClient() {

                @Override
                public ClientId id() {
                    return id;
                }

                @Override
                public byte[] answer(TrainingTask task, byte[] message) throws Exception {
                    return carry(id, task, message);
                }

                @Override
                public Evaluation evaluate(EvaluationTask task) {
                    throw new UnsupportedOperationException("no evaluation");
                }
            };
        }

        @Override
        public void close() {
            sessions.values().forEach(ParticipantSession::close);
        }
    }
}
