package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.LinearCodec;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.Test;

/** Clients that mask at their own end, against a server that may lie: all that it has of them is bytes. */
class SecureSumElsewhereTest {

    private static final FixedPoint COARSE = FixedPoint.within(8).resolution(0x1p-5);
    private static final int ROUNDS = 2;

    /** ADVERTISE, SHARE_KEYS, MASKED_INPUT, CONSISTENCY, UNMASK; who vanishes answers the first two. */
    private static final int ANSWERS_A_ROUND = 5 * (PointFederation.CLIENTS - 1) + 2;

    private static final int MASKED_INPUT = 2;

    /** Five coordinates of 12 bits: +-6 x 256 steps; a weight of 24: +-6 x 2^20. Equal by chance with probability 2^-84. */
    private static final int VECTOR_BYTES = 8 + 3;

    /** What a message ends with behind its vector: checksum and seal. */
    private static final int END_BYTES = 4 + 16;

    private final IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();

    @Test
    void theServerHasBytesOnlyAndComesToTheSameBits() {
        SecureSum rule = malicious(SecureSum.on(Scaffold.uniform(), COARSE.segment("control", COARSE)));
        PointFederation here = losingOne();
        RoundResult expected = here.run(rule, here.clients(), ROUNDS);
        PointFederation there = losingOne();
        try (Wire wire = new Wire(rule, there.clients())) {
            RoundResult actual = there.run(rule, wire, ROUNDS);

            assertEquals(expected.state(), actual.state());
            assertEquals(ROUNDS, actual.state().round());
            assertEquals(
                    ROUNDS * ANSWERS_A_ROUND,
                    wire.answers.values().stream().mapToInt(Queue::size).sum());
            assertEquals(ROUNDS * (PointFederation.CLIENTS - 1), wire.updates.size());
            for (ClientUpdate update : wire.updates) {
                assertNoBytesOf(update, wire.answers.values());
            }
        }
    }

    /** Whoever fails answers every stage like the others, and contributes what it does in the clear: nothing. */
    @Test
    void underAPrivateRuleTheServerCannotTellWhoFailed() {
        GaussianMechanism noiseless = GaussianMechanism.on(ClippedMean.fixed(0.7), 0);
        SecureSum rule = malicious(SecureSum.on(noiseless));
        RoundResult expected = losingOne().run(noiseless, PointFederation.START, ROUNDS);
        PointFederation there = losingOne();
        try (Wire wire = new Wire(rule, there.clients())) {
            assertEquals(expected.state(), there.run(rule, wire, ROUNDS).state());
            wire.answers.values().forEach(each -> assertEquals(ROUNDS * 5, each.size()));
            assertEquals(ROUNDS * (PointFederation.CLIENTS - 1), wire.updates.size());
        }
    }

    /** Each end begins the round from its public part, the map included. */
    @Test
    void sketchesMadeElsewhereAreThoseMadeHere() {
        GaussianMechanism noiseless = GaussianMechanism.on(
                Sketched.on(
                        AdaptiveClippedMean.startingAt(0.7).withCountNoise(3),
                        LinearCodec.rotation().keeping(0.5)),
                0);
        SecureSum rule = malicious(SecureSum.on(noiseless));
        RoundResult expected = losingOne().run(noiseless, PointFederation.START, ROUNDS);
        PointFederation there = losingOne();
        try (Wire wire = new Wire(rule, there.clients())) {
            assertEquals(expected.state(), there.run(rule, wire, ROUNDS).state());
        }
    }

    @Test
    void theObjectAtTheServerRefusesToTrain() {
        SecureSum rule = malicious(SecureSum.on(FedAvg.uniform(), COARSE));
        try (Wire wire = new Wire(rule, new PointFederation().clients())) {
            ClientId first = wire.ids().get(0);
            TrainingTask task = new TrainingTask(
                    1, PointFederation.START.weights(), LocalTraining.epochs(1), rule.objective(), Map.of(), 1);
            assertEquals(
                    "client 'client-0', round 1: it sends its update under a secure rule only; is the rule another, or does a"
                            + " decorator hide that this is a MaskingClient?",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> wire.client(first).train(task))
                            .getMessage());
        }
    }

    @Test
    void masksAreFreshThoughTheUpdatesAreTheSame() {
        SecureSum rule = malicious(SecureSum.on(FedAvg.uniform(), COARSE));
        List<List<ByteBuffer>> inputs = new ArrayList<>();
        Set<ServerState> states = new HashSet<>();
        for (int time = 0; time < 2; time++) {
            PointFederation there = new PointFederation();
            try (Wire wire = new Wire(rule, there.clients())) {
                states.add(there.run(rule, wire, 1).state());
                inputs.add(wire.answers.values().stream()
                        .map(each -> vector(List.copyOf(each).get(MASKED_INPUT)))
                        .toList());
            }
        }
        assertEquals(1, states.size());
        for (int client = 0; client < PointFederation.CLIENTS; client++) {
            assertNotEquals(inputs.get(0).get(client), inputs.get(1).get(client));
        }
    }

    private static ByteBuffer vector(byte[] input) {
        return ByteBuffer.wrap(input, input.length - END_BYTES - VECTOR_BYTES, VECTOR_BYTES);
    }

    private SecureSum malicious(SecureSum rule) {
        return rule.malicious(identities, identities);
    }

    private static PointFederation losingOne() {
        return new PointFederation().losing((round, client) -> client == 2 * round);
    }

    /** No coordinate of it, as any of our binary forms has it. */
    private static void assertNoBytesOf(ClientUpdate update, Iterable<Queue<byte[]>> answers) {
        for (int j = 0; j < PointFederation.DIMENSION; j++) {
            byte[] coordinate = ByteBuffer.allocate(Double.BYTES)
                    .putDouble(update.delta().get(j))
                    .array();
            for (Queue<byte[]> each : answers) {
                each.forEach(answer -> assertFalse(contains(answer, coordinate)));
            }
        }
    }

    private static boolean contains(byte[] text, byte[] part) {
        for (int from = 0; from + part.length <= text.length; from++) {
            if (ByteBuffer.wrap(text, from, part.length).equals(ByteBuffer.wrap(part))) {
                return true;
            }
        }
        return false;
    }

    /** What a host's transport does: a task and a message out, an answer back, all of it bytes. */
    private static final class Wire implements ClientProvider, AutoCloseable {

        private final Map<ClientId, ParticipantSession> sessions = new LinkedHashMap<>();
        final Map<ClientId, Queue<byte[]>> answers = new LinkedHashMap<>();
        final Queue<ClientUpdate> updates = new ConcurrentLinkedQueue<>();

        private final ClientStateStore states;

        /** The ends know the rule, and remember in the store that the server commits to. */
        Wire(SecureAggregator rule, ClientProvider clients) {
            ClientProvider ends =
                    rule.localObjective().map(clients::withObjective).orElse(clients);
            states = ends.clientStates();
            for (ClientId id : ends.ids()) {
                sessions.put(id, ParticipantSession.of(rule, new Remembering(ends.client(id), updates)));
                answers.put(id, new ConcurrentLinkedQueue<>());
            }
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
            ParticipantSession end = sessions.get(id);
            Queue<byte[]> carried = answers.get(id);
            return new MaskingClient() {

                @Override
                public ClientId id() {
                    return id;
                }

                @Override
                public byte[] answer(TrainingTask task, byte[] message) throws Exception {
                    byte[] answer = end.answer(TrainingTask.fromBytes(task.toBytes()), message.clone());
                    carried.add(answer);
                    return answer.clone();
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

    /** A client, where its data are, whose updates a test looks at. */
    private record Remembering(Client itself, Queue<ClientUpdate> updates) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            ClientUpdate update = itself.train(task);
            updates.add(update);
            return update;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }
}
