package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Trouble;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients drop out of real secure sums at a stage of one's choice. Client k's update is 2^k, so a sum shows who is in it. */
class DropOutStageTest {

    private static final int CLIENTS = 6;
    private static final List<ClientId> IDS = ClientId.numbered("client-", CLIENTS);
    private static final Set<ClientId> TWO = Set.of(IDS.get(1), IDS.get(4));
    private static final Set<ClientId> FOUR = Set.of(IDS.get(0), IDS.get(1), IDS.get(4), IDS.get(5));

    private final IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();

    /** With signatures, so that all stages are there. */
    private final SecureSum rule = SecureSum.on(new IntegerRule(1 << 20))
            .malicious(identities, identities)
            .tolerating(new DropoutTolerance(0.1, 0.33));

    /** The stages that each client was asked to answer and did. */
    private final Map<ClientId, Set<SecureSum.Stage>> answered = new ConcurrentHashMap<>();

    @ParameterizedTest
    @EnumSource(SecureSum.Stage.class)
    void theSumIsThatOfTheSurvivors(SecureSum.Stage stage) {
        RoundResult.Advanced end = assertInstanceOf(RoundResult.Advanced.class, run(TWO, stage));

        boolean inSum = stage.compareTo(SecureSum.Stage.MASKED_INPUT) > 0;
        assertEquals(inSum ? 63 : 63 - 2 - 16, end.state().weights().get(0));
        assertEquals(inSum ? 6 : 4, end.report().completed().size());
        assertStages(TWO, stage);
    }

    @ParameterizedTest
    @EnumSource(SecureSum.Stage.class)
    void tooManyAbandonTheRound(SecureSum.Stage stage) {
        RoundResult.Abandoned end = assertInstanceOf(RoundResult.Abandoned.class, run(FOUR, stage));

        assertEquals(0, end.state().weights().get(0));
        assertTrue(end.reason().contains("a crash on purpose, in a stage of the secure sum"), end.reason());
    }

    /** Clients elsewhere have the trouble at their own end. */
    @Test
    void clientsElsewhereDropOutToo() {
        SecureAggregator troubled = troubled(TWO, SecureSum.Stage.UNMASK);
        Map<ClientId, ParticipantSession> sessions = new ConcurrentHashMap<>();
        ClientProvider elsewhere = ClientProvider.of(IDS, id -> {
            ParticipantSession session =
                    sessions.computeIfAbsent(id, self -> ParticipantSession.of(troubled, new Power(self)));
            return new Elsewhere(id, session);
        });
        RoundResult end = run(rule, elsewhere);
        sessions.values().forEach(ParticipantSession::close);

        assertEquals(63, end.state().weights().get(0));
        assertStages(TWO, SecureSum.Stage.UNMASK);
    }

    /** Seed, client and round decide: with half of the calls in trouble, runs are alike. */
    @Test
    void sharesOfCallsDropOutAlikeInEveryRun() {
        Trouble half = Trouble.seeded(11).of(0.3, Trouble.dropOut(SecureSum.Stage.SHARE_KEYS::asks));
        ModelWeights end = run(half.around(rule), clients()).state().weights();
        assertEquals(end, run(half.around(rule), clients()).state().weights());
        assertTrue(end.get(0) > 0 && end.get(0) < 63, end.toString());
    }

    private void assertStages(Set<ClientId> lost, SecureSum.Stage stage) {
        Map<ClientId, Set<SecureSum.Stage>> expected = new TreeMap<>();
        for (ClientId id : IDS) {
            Set<SecureSum.Stage> all = new TreeSet<>(List.of(SecureSum.Stage.values()));
            if (lost.contains(id)) {
                all.removeIf(each -> each.compareTo(stage) >= 0);
            }
            if (!all.isEmpty()) {
                expected.put(id, all);
            }
        }
        assertEquals(expected, new TreeMap<>(answered));
    }

    private RoundResult run(Set<ClientId> lost, SecureSum.Stage stage) {
        return run(troubled(lost, stage), clients());
    }

    private SecureAggregator troubled(Set<ClientId> lost, SecureSum.Stage stage) {
        return Trouble.seeded(1).of(lost, Trouble.dropOut(stage::asks)).around(new Watched(rule, answered));
    }

    private static ClientProvider clients() {
        return ClientProvider.of(IDS, Power::new);
    }

    private static RoundResult run(SecureAggregator rule, ClientProvider clients) {
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(1))
                .build()) {
            return server.run(ServerState.initial(ModelWeights.copyOf(Fixtures.layout(1), new double[1]), 3), 1);
        }
    }

    /** Below the trouble: notes what reaches the protocol. */
    private record Watched(SecureSum rule, Map<ClientId, Set<SecureSum.Stage>> answered) implements SecureAggregator {

        @Override
        public Map<String, ModelDelta> taskVectors(RoundContext context) {
            return rule.taskVectors(context);
        }

        @Override
        public SecureRound begin(RoundContext context, List<ClientId> cohort) {
            return rule.begin(context, cohort);
        }

        @Override
        public Participant participant(ClientId self) {
            Participant participant = rule.participant(self);
            return new Participant() {
                @Override
                public byte[] answer(byte[] message, LocalWork local) throws Exception {
                    Stream.of(SecureSum.Stage.values())
                            .filter(stage -> stage.asks(message))
                            .forEach(stage -> answered.computeIfAbsent(self, id -> new TreeSet<>())
                                    .add(stage));
                    return participant.answer(message, local);
                }

                @Override
                public void close() {
                    participant.close();
                }
            };
        }
    }

    private record Power(ClientId id) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) {
            return ClientUpdate.of(id, task, ModelDelta.of(task.global().layout(), 1 << IDS.indexOf(id)), 1);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            throw new UnsupportedOperationException();
        }
    }

    private record Elsewhere(ClientId id, ParticipantSession session) implements MaskingClient {

        @Override
        public byte[] answer(TrainingTask task, byte[] message) throws Exception {
            return session.answer(task, message);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            throw new UnsupportedOperationException();
        }
    }
}
