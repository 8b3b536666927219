package org.fl4j.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.DistributedGaussian;
import org.fl4j.privacy.dp.DistributedNoise;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.privacy.secagg.DropoutTolerance;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Noise of clients at ends of their own, over mailboxes, against a server that may lie. */
@Timeout(60)
class DistributedNoiseFarAwayTest {

    private static final int LENGTH = 80;
    private static final int ROUNDS = 2;
    private static final List<ClientId> IDS = ClientId.numbered("client-", 4);
    private static final ClientId FAILING = IDS.get(3);

    /** One of four cannot train: it adds its noise, and is named nowhere. */
    @Test
    void theMeanOfTheOthersIsReleasedAndCharged() throws InterruptedException {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(8).dividingBy(IDS.size()), 0.01);
        SecureSum rule = SecureSum.on(noise)
                .tolerating(DropoutTolerance.ofDropouts(0.25))
                .malicious(identities, identities);
        RemoteClients clients = RemoteClients.masking(IDS);
        ServerState end;
        try (MaskedFarSide far = new MaskedFarSide(clients);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(clients)
                        .localTraining(LocalTraining.epochs(1))
                        .build()) {
            IDS.forEach(id -> far.start(id, () -> RemoteSession.masking(rule, new Steady(id)), List.of()));
            end = server.run(
                            ServerState.initial(ModelWeights.copyOf(Fixtures.layout(LENGTH), new double[LENGTH]), 7),
                            ROUNDS)
                    .state();
        }
        double off = 0;
        for (int i = 0; i < LENGTH; i++) {
            double error = end.weights().get(i) - ROUNDS * 0.75 * 0.5;
            off += error * error / LENGTH;
        }
        // Of 4 clients 3 survive, each of whom knows its own noise: 2 are counted, and the sum of a round has 4/2 of
        // the
        // variance (0.01 * 8)^2; six deviations of the estimate.
        double variance = ROUNDS * 4.0 / 2 * 0.01 * 0.01 * 8 * 8 / (IDS.size() * IDS.size());
        assertTrue(off > variance * (1 - 6 * Math.sqrt(2.0 / LENGTH)), off + " of " + variance);
        assertTrue(off < 1.05 * variance * (1 + 6 * Math.sqrt(2.0 / LENGTH)), off + " of " + variance);
        PrivacyStatement statement = noise.statement(end.ledger(), 1e-6);
        assertEquals(ROUNDS, statement.rounds());
        assertEquals(PrivacyStatement.PrivacyModel.DISTRIBUTED, statement.model());
    }

    private record Steady(ClientId id) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) {
            if (id.equals(FAILING)) {
                throw new IllegalStateException("wrong labels");
            }
            double[] half = new double[LENGTH];
            Arrays.fill(half, 0.5);
            return new ClientUpdate(
                    id,
                    task.round(),
                    task.token(),
                    ModelDelta.of(Fixtures.layout(LENGTH), half),
                    1,
                    Map.of(),
                    Map.of(),
                    task.objective());
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            return new Evaluation(1, 0, List.of());
        }
    }
}
