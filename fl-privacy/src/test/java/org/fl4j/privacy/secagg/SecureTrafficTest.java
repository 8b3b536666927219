package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes of a masked round's report against those that a transport carries, by stage. */
@Timeout(60)
class SecureTrafficTest {

    private static final int D = 200;
    private static final List<ClientId> CLIENTS = ClientId.numbered("patient-", 12);
    private static final SecureSum RULE = SecureSum.on(ClippedMean.fixed(1));

    private final Map<String, Traffic.Bytes> carried = new ConcurrentHashMap<>();
    private final Map<ClientId, ParticipantSession> sessions = CLIENTS.stream()
            .collect(Collectors.toMap(Function.identity(), id -> ParticipantSession.of(RULE, client(id))));

    /** One client's training fails, and another one's shares are lost. */
    @Test
    void isWhatATransportCarriesByStage() {
        Traffic far = traffic(RULE, this::far, 2);

        assertEquals(new TreeMap<>(carried), new TreeMap<>(far.byStage()));
        assertEquals(Traffic.TASK, far.byStage().keySet().iterator().next());
        assertEquals(
                1
                        + Arrays.stream(ProtocolStage.values())
                                .filter(stage -> stage != ProtocolStage.CONSISTENCY)
                                .count(),
                far.byStage().size());
        assertTrue(far.byStage().get("MASKED_INPUT").up() > 0);
        sessions.values().forEach(ParticipantSession::close);
    }

    @Test
    void isTheSameOnAnyNumberOfThreads() {
        Traffic one = traffic(RULE, SecureTrafficTest::client, 1);
        assertEquals(one, traffic(RULE, SecureTrafficTest::client, 2));
        assertEquals(one, traffic(RULE, SecureTrafficTest::client, 8));
    }

    /** Lengths of the protocol's messages would show how many clients are left. */
    @Test
    void ofAPrivateMaskedRoundItIsTheTaskAlone() {
        SecureSum noised = SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 2));
        Traffic traffic = traffic(noised, SecureTrafficTest::client, 2);
        assertEquals(
                new Traffic.PerClient(
                        Map.of(Traffic.TASK, new Traffic.Bytes(carriedTask().encodedLength(), 0))),
                traffic);
    }

    private static TrainingTask carriedTask() {
        return new TrainingTask(1, start().weights(), LocalTraining.epochs(1), RULE.objective(), Map.of(), 0);
    }

    private static ServerState start() {
        return ServerState.initial(ModelWeights.copyOf(Fixtures.layout(D), new double[D]), 1);
    }

    private static Traffic traffic(SecureSum rule, Function<ClientId, Client> clients, int threads) {
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ClientProvider.of(CLIENTS, clients))
                        .localTraining(LocalTraining.epochs(1))
                        .runner(runner)
                        .build()) {
            RoundResult.Advanced end = (RoundResult.Advanced) server.run(start(), 1);
            return end.report().traffic();
        }
    }

    private static Client client(ClientId id) {
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws IOException {
                if (id.equals(CLIENTS.get(3))) {
                    throw new IOException("away");
                }
                double[] values = new double[D];
                Arrays.fill(values, 0.01);
                return ClientUpdate.of(id, task, ModelDelta.of(Fixtures.layout(D), values), 3);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return Evaluation.NONE;
            }
        };
    }

    private Client far(ClientId id) {
        return new MaskingClient() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public byte[] answer(TrainingTask task, byte[] message) throws Exception {
                ProtocolStage stage = Arrays.stream(ProtocolStage.values())
                        .filter(each -> each.asks(message))
                        .findFirst()
                        .orElseThrow();
                if (stage == ProtocolStage.ADVERTISE) {
                    count(Traffic.TASK, task.toBytes().length, 0);
                }
                count(stage.name(), message.length, 0);
                byte[] answer = sessions.get(id).answer(task, message);
                if (stage == ProtocolStage.SHARE_KEYS && id.equals(CLIENTS.get(5))) {
                    throw new IOException("lost on the way");
                }
                count(stage.name(), 0, answer.length);
                return answer;
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return Evaluation.NONE;
            }
        };
    }

    private void count(String stage, long down, long up) {
        carried.merge(stage, new Traffic.Bytes(down, up), Traffic.Bytes::plus);
    }
}
