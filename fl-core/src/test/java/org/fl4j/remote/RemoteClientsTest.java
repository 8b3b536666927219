package org.fl4j.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.remote.MessageRefusedException.Refusal;
import org.fl4j.secure.NonBlockingMaskingClient;
import org.fl4j.server.Toy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What waits for a client at the server: handed out until it is answered, answered once, and not waited for without end. */
class RemoteClientsTest {

    private static final List<ClientId> IDS = ClientId.numbered("client-", 2);
    private static final ClientId SELF = IDS.get(0);
    private static final ClientId OTHER = IDS.get(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final TrainingTask TASK = task(41);

    private final ManualTime time = new ManualTime();
    private final RemoteClients clients =
            RemoteClients.of(IDS).withPatience(PATIENCE).in(time);

    private static TrainingTask task(long token) {
        TrainingTask made =
                new TrainingTask(3, Toy.start().weights(), Toy.TRAINING, ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 5);
        return new TrainingTask(
                made.round(),
                made.attempt(),
                token,
                made.global(),
                made.localTraining(),
                made.objective(),
                made.personal(),
                made.uplink(),
                made.vectors(),
                made.seed(),
                made.delivery());
    }

    private CompletableFuture<ClientUpdate> train(ClientId id, TrainingTask task) throws Exception {
        return ((NonBlockingClient) clients.client(id)).trainAsync(task).toCompletableFuture();
    }

    private Request polled(ClientId id) {
        return Request.fromBytes(clients.poll(id).orElseThrow());
    }

    private static byte[] update(Request request, ClientId self, TrainingTask task) {
        return Answer.completed(
                        request,
                        ClientUpdate.of(self, task, Toy.delta(1, 2, 3), 7).toBytes())
                .toBytes();
    }

    private static void refused(Refusal refusal, String message, Executable call) {
        MessageRefusedException e = assertThrows(MessageRefusedException.class, call);
        assertEquals(refusal, e.refusal());
        assertEquals(message, e.getMessage());
    }

    private static String failure(CompletableFuture<?> result) {
        return assertThrows(ExecutionException.class, result::get).getCause().getMessage();
    }

    @Test
    void aRequestIsHandedOutUntilItIsAnswered() throws Exception {
        assertEquals(Optional.empty(), clients.poll(SELF));
        CompletableFuture<ClientUpdate> result = train(SELF, TASK);
        byte[] request = clients.poll(SELF).orElseThrow();

        assertArrayEquals(request, clients.poll(SELF).orElseThrow());
        assertEquals(Optional.empty(), clients.poll(OTHER));
        assertEquals(
                TASK, TrainingTask.fromBytes(Request.fromBytes(request).task().bytes()));

        clients.answer(SELF, update(Request.fromBytes(request), SELF, TASK));
        assertEquals(ClientUpdate.of(SELF, TASK, Toy.delta(1, 2, 3), 7), result.get());
        assertEquals(Optional.empty(), clients.poll(SELF));
    }

    @Test
    void anAnswerCountsOnce() throws Exception {
        CompletableFuture<ClientUpdate> result = train(SELF, TASK);
        Request request = polled(SELF);
        byte[] answer = update(request, SELF, TASK);
        clients.answer(SELF, answer);
        clients.answer(SELF, answer);

        refused(
                Refusal.REPLAYED,
                "client 'client-0': request " + request.id()
                        + " was answered before, with other bytes; are there two processes of this client?",
                () -> clients.answer(
                        SELF, Answer.without(request, Answer.Outcome.FAILED, "").toBytes()));
        CompletableFuture<ClientUpdate> next = train(SELF, task(42));
        clients.answer(SELF, answer);
        assertFalse(next.isDone());
        clients.answer(SELF, update(polled(SELF), SELF, task(42)));
        refused(
                Refusal.FOREIGN,
                "client 'client-0': its answer is to request " + request.id()
                        + ", which is not pending; is it of a round that is over, or of a server before a restart?",
                () -> clients.answer(SELF, answer));
        assertEquals(7, result.get().numExamples());
    }

    /** What is pending stays so, and the right answer counts afterwards. */
    @Test
    void whatIsNoAnswerChangesNothing() throws Exception {
        CompletableFuture<ClientUpdate> result = train(SELF, TASK);
        CompletableFuture<ClientUpdate> others = train(OTHER, TASK);
        Request request = polled(SELF);
        byte[] answer = update(request, SELF, TASK);

        refused(
                Refusal.UNKNOWN_CLIENT,
                "there is no client 'stranger'",
                () -> clients.answer(new ClientId("stranger"), answer));
        refused(Refusal.UNKNOWN_CLIENT, "there is no client 'stranger'", () -> clients.poll(new ClientId("stranger")));
        refused(
                Refusal.FOREIGN,
                "client 'client-1': its answer names another client as its sender",
                () -> clients.answer(OTHER, answer));
        refused(
                Refusal.FOREIGN,
                "client 'client-0': its answer is to request " + polled(OTHER).id()
                        + ", which is not pending; is it of a round that is over, or of a server before a restart?",
                () -> clients.answer(
                        SELF, new Answer(SELF, polled(OTHER).id(), Answer.Outcome.FAILED, Payload.NONE, "").toBytes()));
        refused(
                Refusal.FOREIGN,
                "client 'client-0', round 3: its answer holds the update of another client or of another attempt",
                () -> clients.answer(SELF, update(request, OTHER, TASK)));
        refused(
                Refusal.FOREIGN,
                "client 'client-0', round 3: its answer holds the update of another client or of another attempt",
                () -> clients.answer(SELF, update(request, SELF, task(40))));
        refused(
                Refusal.MALFORMED,
                "client 'client-0', round 3: its answer is damaged or no answer to what was asked",
                () -> clients.answer(
                        SELF, Answer.completed(request, new byte[] {1, 2}).toBytes()));
        refused(
                Refusal.MALFORMED,
                "client 'client-0': its answer is damaged or not of this library",
                () -> clients.answer(SELF, request.toBytes()));
        refused(
                Refusal.MALFORMED,
                "client 'client-0': its answer is of a newer version than this server's",
                () -> clients.answer(SELF, BinaryWriter.toBytes("remote-answer", 2, out -> {})));

        assertFalse(result.isDone());
        clients.answer(SELF, answer);
        assertEquals(7, result.get().numExamples());
        assertFalse(others.isDone());
    }

    @Test
    void anAnswerOverTheLimitIsNotRead() throws Exception {
        RemoteClients strict = clients.withLargestAnswer(10);
        refused(
                Refusal.TOO_LARGE,
                "client 'client-0': an answer has at most 10 bytes, but this one has 11",
                () -> strict.answer(SELF, new byte[11]));
        assertEquals(10, strict.largestAnswer());
        refused(
                Refusal.MALFORMED,
                "client 'client-0': its answer is damaged or not of this library",
                () -> strict.answer(SELF, new byte[10]));
    }

    @Test
    void aFailureHasTheClientsWordsOnOneLine() throws Exception {
        CompletableFuture<ClientUpdate> result = train(SELF, TASK);
        clients.answer(
                SELF,
                Answer.without(polled(SELF), Answer.Outcome.FAILED, "no\ndata \ud800" + "x".repeat(3_000))
                        .toBytes());
        assertEquals(
                "client 'client-0', round 3: it failed where its data are: no data ?" + "x".repeat(2_000 - 9),
                failure(result));
        CompletableFuture<ClientUpdate> next = train(SELF, TASK);
        clients.answer(
                SELF,
                Answer.without(polled(SELF), Answer.Outcome.REJECTED, "diverged")
                        .toBytes());
        assertTrue(assertThrows(ExecutionException.class, next::get).getCause() instanceof UpdateRejectedException e
                && e.reason().equals("diverged"));
    }

    @Test
    void whoIsSilentIsPresumedGoneUntilItIsHeardOf() throws Exception {
        CompletableFuture<ClientUpdate> never = train(SELF, TASK);
        time.pass(PATIENCE.minusMillis(1));
        assertFalse(never.isDone());
        time.pass(Duration.ofMillis(1));
        String gone = "client 'client-0', round 3: it was not heard of for PT10S and is presumed gone";
        assertEquals(gone, failure(never));
        assertEquals(gone, failure(train(SELF, TASK)), "at once");

        assertEquals(List.of(), clients.present());
        assertEquals(Optional.empty(), clients.poll(SELF));
        assertEquals(List.of(SELF), clients.present());
        CompletableFuture<ClientUpdate> later = train(SELF, TASK);
        for (int i = 0; i < 5; i++) {
            time.pass(PATIENCE.minusMillis(1));
            clients.heartbeat(SELF);
        }
        assertFalse(later.isDone(), "it lives");
        time.pass(PATIENCE);
        assertEquals(gone, failure(later));
    }

    @Test
    void aRequestEndsWithItsRound() throws Exception {
        CompletableFuture<ClientUpdate> result = train(SELF, TASK);
        Request request = polled(SELF);
        result.cancel(true);

        assertEquals(Optional.empty(), clients.poll(SELF));
        assertEquals(
                Refusal.FOREIGN,
                assertThrows(MessageRefusedException.class, () -> clients.answer(SELF, update(request, SELF, TASK)))
                        .refusal());
        CompletableFuture<ClientUpdate> pending = train(SELF, TASK);
        assertFalse(pending.isDone());
        assertEquals(
                "client 'client-0', round 3: it has another request pending; a client is asked one thing at a time, by one"
                        + " server",
                assertThrows(IllegalStateException.class, () -> train(SELF, TASK))
                        .getMessage());
    }

    /** The task travels with the first stage of an attempt; a client that did not answer it is sent it once more. */
    @Test
    void aTaskTravelsOnceAnAttempt() throws Exception {
        RemoteClients masking = RemoteClients.masking(IDS).in(time);
        NonBlockingMaskingClient client = (NonBlockingMaskingClient) masking.client(SELF);
        byte[][] messages = {{1}, {2}, {3}};
        for (int stage = 0; stage < messages.length; stage++) {
            CompletableFuture<byte[]> answer =
                    client.answerAsync(TASK, messages[stage]).toCompletableFuture();
            Request request = Request.fromBytes(masking.poll(SELF).orElseThrow());
            assertArrayEquals(messages[stage], request.message().bytes());
            assertEquals(41, request.token());
            assertEquals(stage == 0, request.hasTask());
            masking.answer(SELF, Answer.completed(request, new byte[] {9}).toBytes());
            assertArrayEquals(new byte[] {9}, answer.get());
        }
        client.answerAsync(task(42), new byte[] {1}).toCompletableFuture().cancel(true);
        client.answerAsync(task(42), new byte[] {1});
        assertTrue(Request.fromBytes(masking.poll(SELF).orElseThrow()).hasTask());
    }
}
