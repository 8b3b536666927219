package org.fl4j.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.LocalClient;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.secagg.DropoutTolerance;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.remote.MaskedFarSide.Kill;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The secure sum against a server that may lie, over mailboxes: the sum of one process, whoever is restarted when, and one answer to each
 * thing that a client is asked.
 */
@Timeout(60)
class MaskedRemoteTest {

    private static final int D = 6;
    private static final int ROUNDS = 2;
    private static final int STAGES = 5;
    private static final List<ClientId> IDS = ClientId.numbered("client-", 4);
    private static final ClientId KILLED = IDS.get(2);
    private static final ModelPool<QuadraticModel> MODELS = ModelPool.of(() -> new QuadraticModel(D));

    private final IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
    private final SecureSum rule = SecureSum.on(FedAvg.uniform(), FixedPoint.within(8))
            .tolerating(DropoutTolerance.ofDropouts(0.25))
            .malicious(identities, identities);

    private static double[][] data(ClientId id) {
        double[] point = new double[D];
        for (int i = 0; i < D; i++) {
            point[i] = Math.sin(17 * i + id.value().hashCode());
        }
        return new double[][] {point};
    }

    private ServerState run(ClientProvider clients) {
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5))
                .build()) {
            return server.run(ServerState.initial(MODELS.initialWeights(), 7), ROUNDS)
                    .state();
        }
    }

    private ServerState here() {
        return run(ClientProvider.local(IDS, MaskedRemoteTest::data, MODELS));
    }

    private ServerState hereWithout(int round) {
        return run(ClientProvider.local(IDS, MaskedRemoteTest::data, MODELS)
                .decorated(client -> client.id().equals(KILLED) ? new Away(client, round) : client));
    }

    private RemoteSession session(ClientId id) {
        return RemoteSession.masking(rule, LocalClient.of(id, data(id), MODELS));
    }

    private ServerState there(List<Kill> kills) throws InterruptedException {
        RemoteClients clients = RemoteClients.masking(IDS);
        try (MaskedFarSide far = new MaskedFarSide(clients)) {
            IDS.forEach(id -> far.start(id, () -> session(id), kills));
            return run(clients);
        }
    }

    @Test
    void theWeightsAreThoseOfARunInOneProcess() throws InterruptedException {
        assertEquals(here(), there(List.of()));
    }

    static Stream<Arguments> restarts() {
        List<Arguments> cases = new ArrayList<>();
        for (int stage = 1; stage <= STAGES; stage++) {
            // The keys of the first answer were sent only if the process lived until then.
            cases.add(Arguments.of(stage, false, stage == 1 || stage > 3));
            cases.add(Arguments.of(stage, true, stage >= 3));
        }
        return cases.stream();
    }

    /** Whose input had arrived is in the sum, whose had not is not, and all are back for the next round. */
    @ParameterizedTest(name = "stage {0}, after its answer: {1}")
    @MethodSource("restarts")
    void aRestartedClientHasDroppedOut(int stage, boolean afterAnswering, boolean isInTheSum)
            throws InterruptedException {
        assertEquals(isInTheSum ? here() : hereWithout(1), there(List.of(new Kill(KILLED, stage, afterAnswering))));
    }

    /** Its secrets ended with its process, and it says so in every stage but the first. */
    @ParameterizedTest(name = "stage {0}")
    @ValueSource(ints = {1, 2, 3, 4})
    void aProcessThatWasRestartedHoldsNothingOfTheAttempt(int stage) throws InterruptedException {
        List<Request> asked = recorded().requests.get(KILLED);
        try (RemoteSession another = session(KILLED)) {
            Answer answer = Answer.fromBytes(another.answer(asked.get(stage).toBytes()));
            assertEquals(
                    "it holds nothing of this attempt, so it has dropped out of it; was its process restarted?",
                    answer.reason());
        }
    }

    /**
     * A server that asks anything twice: for the same request it gets the same bytes, for another one no answer, and the round goes on. So
     * one key pair masks one input, and of each client there is one kind of share.
     */
    @Test
    void eachStageIsAnsweredOnceAndItsBytesAreRepeated() throws InterruptedException {
        List<String> reasons = new CopyOnWriteArrayList<>();
        RemoteClients clients = RemoteClients.masking(IDS);
        try (MaskedFarSide far = new MaskedFarSide(clients)) {
            far.afterEachAnswer((session, request, answer) -> {
                assertArrayEquals(answer, session.answer(request.toBytes()));
                Request again = new Request(
                        request.client(),
                        RequestId.fresh(),
                        request.kind(),
                        request.token(),
                        request.task(),
                        request.message());
                reasons.add(Answer.fromBytes(session.answer(again.toBytes())).reason());
                if (request.hasTask()) {
                    Request further = new Request(
                            request.client(),
                            RequestId.fresh(),
                            request.kind(),
                            request.token(),
                            Payload.NONE,
                            request.message());
                    reasons.add(
                            Answer.fromBytes(session.answer(further.toBytes())).reason());
                }
            });
            IDS.forEach(id -> far.start(id, () -> session(id), List.of()));
            assertEquals(here(), run(clients));
        }
        String begun = "an attempt begins once, and this one has begun";
        assertEquals(
                (long) ROUNDS * IDS.size(),
                reasons.stream().filter(begun::equals).count());
        assertEquals(ROUNDS * IDS.size() * (STAGES + 1), reasons.size());
        assertFalse(reasons.contains(""));
    }

    @Test
    void nothingButStagesIsAnswered() throws InterruptedException {
        TrainingTask task = new TrainingTask(
                1, MODELS.initialWeights(), LocalTraining.steps(1), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1);
        try (RemoteSession session = session(KILLED)) {
            assertEquals(
                    "it sends its update under masks only",
                    Answer.fromBytes(session.answer(Request.training(KILLED, RequestId.fresh(), task)
                                    .toBytes()))
                            .reason());
            assertEquals(
                    "it contributes under masks, and an evaluation would be in the clear",
                    Answer.fromBytes(session.answer(
                                    Request.evaluation(KILLED, RequestId.fresh(), new EvaluationTask(1, task.global()))
                                            .toBytes()))
                            .reason());
        }
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> RemoteClients.masking(IDS).client(KILLED).train(task));
        assertEquals(
                "client 'client-2', round 1: it sends its update under a secure rule only; is the rule another, or does a"
                        + " decorator hide that this is a MaskingClient?",
                refused.getMessage());
    }

    private MaskedFarSide recorded() throws InterruptedException {
        RemoteClients clients = RemoteClients.masking(IDS);
        try (MaskedFarSide far = new MaskedFarSide(clients)) {
            IDS.forEach(id -> far.start(id, () -> session(id), List.of()));
            run(clients);
            return far;
        }
    }

    /** Does not train in one round, after it has dealt shares of its keys. */
    private record Away(Client itself, int round) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (task.round() == round) {
                throw new IOException("away");
            }
            return itself.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }
}
