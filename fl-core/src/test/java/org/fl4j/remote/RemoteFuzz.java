package org.fl4j.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.TestMean;

/**
 * Damaged messages, thrown at a federation while it runs: copies of each answer while its request is pending, in its sender's name and in
 * others', and copies of a request at a session. Every eighth has a damaged payload under an envelope that is in order.
 */
final class RemoteFuzz {

    private static final int CLIENTS = 4;
    private static final int ROUNDS = 5;
    private static final int PAYLOADS = 8;

    /** What follows a payload: an empty reason or message, and the checksum. */
    private static final int END = 8;

    private final ScriptedPopulation population = ScriptedPopulation.of(CLIENTS, Toy::wanders);
    private final Damage damage;
    private final Random random;
    private final List<byte[]> sent = new ArrayList<>();
    private long answersRefused;
    private long answersTaken;
    private long requestsRefused;
    private long requestsFailed;

    RemoteFuzz(long seed) {
        this.damage = new Damage(seed);
        this.random = new Random(seed);
    }

    /** Answers that had an effect: none should. */
    long answersTaken() {
        return answersTaken;
    }

    long refused() {
        return answersRefused + requestsRefused;
    }

    /** Requests whose envelope was in order and whose task was not: the client says that it failed. */
    long requestsFailed() {
        return requestsFailed;
    }

    /** The end of a run without a wire. */
    static ServerState expected() {
        return train(ScriptedPopulation.of(CLIENTS, Toy::wanders));
    }

    /** The end of a run at which so many damaged answers are thrown. */
    ServerState damageAnswers(int count) throws InterruptedException {
        RemoteClients clients = RemoteClients.of(population.ids());
        int each = count / (CLIENTS * ROUNDS);
        BiConsumer<ClientId, byte[]> attack = (client, answer) -> attack(clients, client, answer, each);
        try (LossyLoopback loopback = new LossyLoopback(clients, 0, attack)) {
            for (ClientId id : population.ids()) {
                loopback.start(RemoteSession.of(population.client(id)), random.nextLong());
            }
            return train(clients);
        }
    }

    private synchronized void attack(RemoteClients clients, ClientId client, byte[] answer, int count) {
        sent.add(answer);
        for (int i = 0; i < count; i++) {
            byte[] damaged = random.nextInt(PAYLOADS) == 0
                    ? damage.ofPayload(answer, END)
                    : damage.of(random.nextBoolean() ? answer : anyOf(sent));
            try {
                clients.answer(random.nextInt(CLIENTS) == 0 ? anyOf(clients.ids()) : client, damaged);
                answersTaken++;
            } catch (MessageRefusedException e) {
                answersRefused++;
            }
        }
    }

    /** Throws damaged requests at a session, whose answer to the right one must be the client's. */
    byte[] damageRequests(int count) throws InterruptedException {
        ClientId self = population.ids().get(0);
        byte[] request = Request.training(self, new RequestId(1, 2), task()).toBytes();
        try (RemoteSession session = RemoteSession.of(population.client(self))) {
            for (int i = 0; i < count; i++) {
                byte[] damaged =
                        random.nextInt(PAYLOADS) == 0 ? damage.ofPayload(otherRequest(self), END) : damage.of(request);
                try {
                    requestsFailed +=
                            Answer.fromBytes(session.answer(damaged)).outcome() == Answer.Outcome.FAILED ? 1 : 0;
                } catch (MessageRefusedException e) {
                    requestsRefused++;
                }
            }
            return session.answer(request);
        }
    }

    byte[] expectedAnswer() throws InterruptedException {
        ClientId self = population.ids().get(0);
        try (RemoteSession session = RemoteSession.of(population.client(self))) {
            return session.answer(
                    Request.training(self, new RequestId(1, 2), task()).toBytes());
        }
    }

    private static byte[] otherRequest(ClientId self) {
        return Request.training(self, RequestId.fresh(), task()).toBytes();
    }

    private static TrainingTask task() {
        return new TrainingTask(1, Toy.start().weights(), Toy.TRAINING, ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 3);
    }

    private <T> T anyOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    static ServerState train(ClientProvider clients) {
        try (FederatedServer server = FederatedServer.with(new TestMean())
                .clients(clients)
                .localTraining(Toy.TRAINING)
                .build()) {
            return server.run(Toy.start(), ROUNDS).state();
        }
    }
}
