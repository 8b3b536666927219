package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A malicious server may ask one client to train another thing than the rest, or to encode it in another way. */
class LyingTaskTest {

    private static final int N = 6;
    private static final IdentityDirectory.Simulated IDENTITIES = new IdentityDirectory.Simulated();
    private static final String UNSIGNED =
            "the keys of neighbour 'client-3' are not signed by the identity key that the directory has for it";

    private final LyingServer server = new LyingServer(
            ThreatModel.curious(new DropoutTolerance(0, 0.33)).against(Adversary.MALICIOUS, IDENTITIES, IDENTITIES), N);

    @AfterEach
    void close() {
        server.close();
    }

    /** What is changed of the task. */
    enum Changed {
        WEIGHTS,
        VECTORS,
        OBJECTIVE,
        LEARNING_RATE;

        TrainingTask of(TrainingTask task) {
            ParameterLayout layout = task.global().layout();
            return switch (this) {
                case WEIGHTS ->
                    task(task, ModelWeights.copyOf(layout, new double[] {0, 1e-300, 0}), task.localTraining());
                case LEARNING_RATE ->
                    task(task, task.global(), task.localTraining().withLearningRate(0.2));
                case OBJECTIVE ->
                    new TrainingTask(
                            task.round(),
                            task.global(),
                            task.localTraining(),
                            ObjectiveSpec.of("proximal", "mu", 0.1),
                            task.vectors(),
                            task.seed());
                case VECTORS ->
                    new TrainingTask(
                            task.round(),
                            task.global(),
                            task.localTraining(),
                            task.objective(),
                            Map.of("control", ModelDelta.of(layout, 1, 2, 3)),
                            task.seed());
            };
        }
    }

    private static TrainingTask task(TrainingTask task, ModelWeights weights, LocalTraining how) {
        return new TrainingTask(task.round(), weights, how, task.objective(), task.vectors(), task.seed());
    }

    /** Another model for client 3, to distinguish its update in the sum (Pasquini et al., CCS 2022). */
    @ParameterizedTest
    @EnumSource
    void rejectsAnotherTaskForOneClient(Changed changed) throws Exception {
        server.hand(3, changed::of);
        server.advertise();
        server.deal(LyingServer::truth);
        server.assertAllReject(client -> client == 3 ? anotherTask(0, 3) : anotherTask(3, 0));
    }

    private String anotherTask(int neighbour, int client) {
        return "the server gave neighbour 'client-" + neighbour + "' another task: its fingerprint is "
                + fingerprint(neighbour) + " but this client's is " + fingerprint(client);
    }

    /** The server sends the others the fingerprint they expect. */
    @Test
    void rejectsAnotherTaskUnderTheFingerprintOfTheOthers() throws Exception {
        server.hand(3, Changed.LEARNING_RATE::of);
        server.advertise();
        KeyAdvertisement its = server.advertisement(3);
        server.dealWith(
                3, new KeyAdvertisement(its.header(), its.boxKey(), its.maskKey(), fingerprint(0), its.signature()));
        server.assertAllReject(client -> client == 3 ? anotherTask(0, 3) : UNSIGNED);
    }

    @Test
    void rejectsAnotherTaskAfterTheKeys() throws Exception {
        server.advertise();
        server.deal(LyingServer::truth);
        for (int client = 0; client < N; client++) {
            server.hand(client, Changed.LEARNING_RATE::of);
        }
        server.mask(LyingServer::truth);
        server.assertAllReject(client -> "the task is not the one that it advertised its keys for");
    }

    /** A rule encodes with the context: another context, another encoding. */
    @Test
    void rejectsAnotherContextForOneClient() throws Exception {
        server.advertise(client -> client == 3 ? keysOfAnotherContext() : server.serverKeys());
        server.deal(LyingServer::truth);
        server.assertAllReject(client ->
                "the keys of neighbour 'client-" + (client == 3 ? 0 : 3) + "' are of another round or session");
    }

    @Test
    void rejectsAnotherContextUnderTheSessionOfTheOthers() throws Exception {
        server.advertise(client -> client == 3 ? keysOfAnotherContext() : server.serverKeys());
        KeyAdvertisement its = server.advertisement(3);
        server.dealWith(
                3,
                new KeyAdvertisement(
                        server.header(3), its.boxKey(), its.maskKey(), its.taskFingerprint(), its.signature()));
        server.assertAllReject(
                client -> client == 3 ? "the keys of neighbour 'client-0' are of another round or session" : UNSIGNED);
    }

    private ServerRound.Keys keysOfAnotherContext() {
        byte[] context = server.drill()
                .context(1)
                .shared(Optional.of(ComponentState.of("clip", 1).with("norm", 0.5)))
                .toBytes();
        return ServerRound.Keys.fresh(server.terms(), context, new SecureRandom());
    }

    private String fingerprint(int client) {
        return server.advertisement(client).taskFingerprint();
    }
}
