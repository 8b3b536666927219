package org.fl4j.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.ClientId;
import org.fl4j.server.CapturedLog;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs over a transport that loses, repeats and damages messages: the weights are those of a run without one. */
class RemoteRunTest {

    private static final int MESSAGES = 20_000;

    @ParameterizedTest(name = "loss {0}")
    @ValueSource(doubles = {0, 0.3, 0.7})
    void theWeightsAreThoseOfARunInOneProcess(double loss) throws InterruptedException {
        ScriptedPopulation population = ScriptedPopulation.of(4, Toy::wanders);
        RemoteClients clients = RemoteClients.of(population.ids());
        try (LossyLoopback loopback = new LossyLoopback(clients, loss, (client, answer) -> {})) {
            for (ClientId id : population.ids()) {
                loopback.start(RemoteSession.of(population.client(id)), id.hashCode());
            }
            assertEquals(RemoteFuzz.expected(), RemoteFuzz.train(clients));
            assertEquals(loss > 0, loopback.lost.get() > 0);
            assertEquals(loss > 0, loopback.refused.get() > 0);
        }
    }

    @Test
    void damagedAnswersChangeNoSum() throws InterruptedException {
        RemoteFuzz fuzz = new RemoteFuzz(15);
        assertEquals(RemoteFuzz.expected(), fuzz.damageAnswers(MESSAGES));
        assertEquals(0, fuzz.answersTaken());
        assertEquals(MESSAGES, fuzz.refused());
    }

    @Test
    void damagedRequestsChangeNoAnswer() throws InterruptedException {
        RemoteFuzz fuzz = new RemoteFuzz(16);
        try (CapturedLog log = CapturedLog.of(RemoteSession.class)) {
            assertArrayEquals(fuzz.expectedAnswer(), fuzz.damageRequests(MESSAGES));
            assertEquals(fuzz.requestsFailed(), log.warnings().size());
        }
        assertTrue(fuzz.requestsFailed() > MESSAGES / 10, () -> "failed " + fuzz.requestsFailed());
        assertEquals(MESSAGES, fuzz.refused() + fuzz.requestsFailed());
    }
}
