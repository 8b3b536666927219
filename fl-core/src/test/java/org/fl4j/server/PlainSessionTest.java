package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.FederatedLearningException;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** A client's end of a rule that sees updates in the clear: bytes in, bytes out. */
class PlainSessionTest {

    private static final ClientId SELF = new ClientId("client-0");
    private static final TrainingTask TASK =
            new TrainingTask(3, Toy.weights(1, 2, 3), Toy.TRAINING, ObjectiveSpec.EMPIRICAL_RISK, Map.of(), Toy.SEED);
    private static final EvaluationTask JUDGE = new EvaluationTask(3, Toy.weights(1, 2, 3));

    private final ScriptedPopulation population = ScriptedPopulation.of(1, Toy.moves(1, 2, 3));
    private final PlainSession session = PlainSession.of(population.client(SELF));

    @Test
    void answersATaskWithTheClientsUpdateAndAnEqualTaskWithTheSameBytes() throws Exception {
        byte[] answer = session.answer(TASK.toBytes());

        assertEquals(population.client(SELF).train(TASK), ClientUpdate.fromBytes(answer));
        assertArrayEquals(answer, session.answer(TASK.toBytes()));
    }

    @Test
    void answersAnEvaluationTaskWithTheClientsEvaluation() throws Exception {
        population.judgedBy(
                (self, task) -> new Evaluation(task.round(), task.global().get(1), List.of()));

        assertEquals(population.client(SELF).evaluate(JUDGE), Evaluation.fromBytes(session.answer(JUDGE.toBytes())));
    }

    /** As the server says it of a client in its own JVM. */
    @Test
    void anUpdateThatTheServerWouldRejectIsNotSent() {
        assertEquals(
                "client 'client-0', round 3: delta is not finite at coordinate 1, of parameter 'W'; did local training"
                        + " diverge at learning rate 0.5?",
                rejection(Toy.moves(0, Double.NaN, 0)));
        assertEquals("client 'client-0', round 3: train returned null, not an update", rejection((self, task) -> null));
        assertEquals(
                "client 'client-0', round 3: trained with 'proximal(mu=0.1)' but the task asks for 'empirical-risk'",
                rejection((self, task) -> new ClientUpdate(
                        self,
                        task.round(),
                        task.token(),
                        Toy.delta(1, 2, 3),
                        1,
                        Map.of(),
                        Map.of(),
                        ObjectiveSpec.of("proximal", "mu", 0.1))));
    }

    @Test
    void rejectsANullEvaluation() {
        population.judgedBy((self, task) -> null);

        assertEquals(
                "client 'client-0', after round 3: evaluate returned null, not an evaluation",
                assertThrows(FederatedLearningException.class, () -> session.answer(JUDGE.toBytes()))
                        .getMessage());
    }

    @Test
    void rethrowsTheClientsExceptionAndStaysUsable() throws Exception {
        IOException disk = new IOException("no space");
        population.but(0, (self, task) -> {
            throw disk;
        });
        assertEquals(disk, assertThrows(IOException.class, () -> session.answer(TASK.toBytes())));

        population.but(0, Toy.moves(4, 5, 6));
        assertEquals(
                Toy.delta(4, 5, 6),
                ClientUpdate.fromBytes(session.answer(TASK.toBytes())).delta());
    }

    @Test
    void rejectsBytesThatAreNotATask() {
        byte[] update = ClientUpdate.of(SELF, TASK, Toy.delta(1, 2, 3), 1).toBytes();
        assertEquals(
                "training-task of " + update.length + " bytes is damaged or not of this library: expected a record of"
                        + " kind 'training-task' but it holds 'client-update'",
                assertThrows(CorruptDataException.class, () -> session.answer(update))
                        .getMessage());
        assertThrows(CorruptDataException.class, () -> session.answer(new byte[0]));
    }

    @Test
    void trainsAndEvaluatesOnOneNativeThread() throws Exception {
        Nd4j.getBackend();
        NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int omp = ops.ompGetMaxThreads();
        int blas = Nd4j.factory().blas().getMaxThreads();
        List<Integer> seen = new ArrayList<>();
        population
                .but(0, (self, task) -> {
                    seen.addAll(List.of(
                            ops.ompGetMaxThreads(), Nd4j.factory().blas().getMaxThreads()));
                    return Toy.moves(1, 2, 3).train(self, task);
                })
                .judgedBy((self, task) -> {
                    seen.addAll(List.of(
                            ops.ompGetMaxThreads(), Nd4j.factory().blas().getMaxThreads()));
                    return Evaluation.NONE;
                });
        try {
            ops.setOmpNumThreads(2);
            Nd4j.factory().blas().setMaxThreads(2);
            List<Integer> before =
                    List.of(ops.ompGetMaxThreads(), Nd4j.factory().blas().getMaxThreads());
            session.answer(TASK.toBytes());
            session.answer(JUDGE.toBytes());

            assertEquals(List.of(1, 1, 1, 1), seen);
            assertEquals(
                    before,
                    List.of(ops.ompGetMaxThreads(), Nd4j.factory().blas().getMaxThreads()));
        } finally {
            ops.setOmpNumThreads(omp);
            Nd4j.factory().blas().setMaxThreads(blas);
        }
    }

    private String rejection(ScriptedPopulation.Training training) {
        population.but(0, training);
        return assertThrows(FederatedLearningException.class, () -> session.answer(TASK.toBytes()))
                .getMessage();
    }
}
