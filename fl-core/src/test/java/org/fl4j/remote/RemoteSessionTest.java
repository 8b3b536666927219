package org.fl4j.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.remote.MessageRefusedException.Refusal;
import org.fl4j.server.Toy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A client's end in the clear: one answer a request, and the same bytes for it ever after. */
class RemoteSessionTest {

    private static final ClientId SELF = new ClientId("client-0");
    private static final TrainingTask TASK =
            new TrainingTask(3, Toy.start().weights(), Toy.TRAINING, ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 5);

    private interface Training {
        ClientUpdate train(TrainingTask task) throws Exception;
    }

    private final List<TrainingTask> trained = new ArrayList<>();
    private Training training = task -> ClientUpdate.of(SELF, task, Toy.delta(1, 2, trained.size()), 1);

    private final RemoteSession session = RemoteSession.of(new Client() {
        @Override
        public ClientId id() {
            return SELF;
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            trained.add(task);
            return training.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            return new Evaluation(task.round(), 0.5, List.of());
        }
    });

    private static Request request() {
        return Request.training(SELF, RequestId.fresh(), TASK);
    }

    private Answer answer(Request request) throws InterruptedException {
        return Answer.fromBytes(session.answer(request.toBytes()));
    }

    private static void refused(Refusal refusal, String message, Executable call) {
        MessageRefusedException e = assertThrows(MessageRefusedException.class, call);
        assertEquals(refusal, e.refusal());
        assertEquals(message, e.getMessage());
    }

    @Test
    void aRequestIsAnsweredOnceAndItsBytesAreRepeated() throws Exception {
        Request request = request();
        byte[] first = session.answer(request.toBytes());
        byte[] kept = first.clone();
        first[first.length - 1] ^= 1;

        assertArrayEquals(kept, session.answer(request.toBytes()));
        assertEquals(List.of(TASK), trained);
        assertEquals(
                ClientUpdate.of(SELF, TASK, Toy.delta(1, 2, 1), 1),
                ClientUpdate.fromBytes(Answer.fromBytes(kept).body().bytes()));
        answer(request());
        assertEquals(2, trained.size());
    }

    @Test
    void anEvaluationIsAnsweredAsWell() throws Exception {
        EvaluationTask task = new EvaluationTask(3, Toy.start().weights());
        assertEquals(
                new Evaluation(3, 0.5, List.of()),
                Evaluation.fromBytes(answer(Request.evaluation(SELF, RequestId.fresh(), task))
                        .body()
                        .bytes()));
    }

    @Test
    void whatIsNoRequestOfItsOwnIsRefused() throws Exception {
        Request request = request();
        answer(request);
        Request later = request();
        answer(later);

        refused(
                Refusal.REPLAYED,
                "client 'client-0': request " + request.id() + " was answered before the last one",
                () -> session.answer(request.toBytes()));
        refused(
                Refusal.REPLAYED,
                "client 'client-0': request " + later.id() + " repeats its id with other content",
                () -> session.answer(
                        Request.training(SELF, later.id(), TASK.withSeed(6)).toBytes()));
        Request others = Request.training(new ClientId("client-1"), RequestId.fresh(), TASK);
        refused(
                Refusal.FOREIGN,
                "client 'client-0': request " + others.id() + " is for another client",
                () -> session.answer(others.toBytes()));
        refused(
                Refusal.MALFORMED,
                "client 'client-0': a request is damaged or not of this library",
                () -> session.answer(TASK.toBytes()));
        assertEquals(2, trained.size());
    }

    /** Whose words they are decides what travels: what a host's code says may quote its data. */
    @Test
    void aFailureIsAnAnswer() throws Exception {
        training = task -> {
            throw new IOException("patient 4711 has no age");
        };
        Request request = request();
        assertEquals(
                Answer.without(
                        request, Answer.Outcome.FAILED, "java.io.IOException; its message is in the client's log"),
                answer(request));
        assertEquals(Answer.Outcome.FAILED, answer(request).outcome());
        assertEquals(1, trained.size(), "a failure is not tried again");

        training = task -> ClientUpdate.of(SELF, task, Toy.delta(0, Double.NaN, 0), 1);
        Request rejected = request();
        assertEquals(
                Answer.without(
                        rejected,
                        Answer.Outcome.REJECTED,
                        "delta is not finite at coordinate 1, of parameter 'W'; did local training diverge at learning rate"
                                + " 0.5?"),
                answer(rejected));
        Request stage = Request.firstStage(SELF, RequestId.fresh(), TASK, new byte[] {1});
        assertEquals(
                "it is asked for a stage of a masked round, but was not configured with a secure rule",
                answer(stage).reason());

        session.tellingReasons();
        training = task -> {
            throw new IOException("patient 4711 has no age");
        };
        assertEquals(
                "java.io.IOException: patient 4711 has no age",
                answer(request()).reason());
    }

    /** What ends the process or its thread is not an answer: the request is answered by whoever comes after. */
    @Test
    void anErrorAndAnInterruptAreThrown() throws Exception {
        Request request = request();
        training = task -> {
            throw new StackOverflowError();
        };
        assertThrows(StackOverflowError.class, () -> answer(request));
        training = task -> {
            throw new InterruptedException();
        };
        assertThrows(InterruptedException.class, () -> answer(request));
        training = task -> ClientUpdate.of(SELF, task, Toy.delta(1, 2, 3), 1);
        assertEquals(Answer.Outcome.COMPLETED, answer(request).outcome());
    }

    @Test
    void aClosedSessionAnswersNothing() {
        session.close();
        assertEquals(
                "client 'client-0': its session is closed; make another",
                assertThrows(IllegalStateException.class, () -> answer(request()))
                        .getMessage());
    }
}
