package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.FederatedLearningException;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** A client's half of a secure rule at the client. */
@Timeout(60)
class ParticipantSessionTest {

    private static final ClientId SELF = new ClientId("client-0");

    private final WatchedSecure rule = WatchedSecure.of(InsecureForTests.on(MeanRule.plain(), 1));
    private final AtomicInteger trained = new AtomicInteger();
    private final ScriptedPopulation population = ScriptedPopulation.of(1, (self, task) -> {
        trained.incrementAndGet();
        return Toy.moves(1, 2, 3).train(self, task);
    });

    @Test
    void answersTheStagesOfOneRoundAfterAnother() throws Exception {
        try (ParticipantSession session = session(rule)) {
            for (int round = 1; round <= 3; round++) {
                SecureRound.Recovered recovered = play(session, task(round, 0));

                assertEquals(Toy.delta(1, 2, 3), recovered.result().aggregate());
                assertEquals(round, trained.get(), "once a round");
                assertEquals(1, rule.open().get());
            }
        }
        assertEquals(0, rule.open().get());
    }

    /** As after a server's crash: its seeds are derived, so the repeated round's task is equal. */
    @Test
    void anEqualTaskBeginsAgainWhereTheServerDoes() throws Exception {
        try (ParticipantSession session = session(rule)) {
            try (SecureRound interrupted = begin(1)) {
                SecureRound.Stage advertise = interrupted.next().orElseThrow();
                advertise.reply(SELF, session.answer(task(1, 0), advertise.messageFor(SELF)));
            }
            for (int time = 1; time <= 2; time++) {
                assertEquals(
                        Toy.delta(1, 2, 3), play(session, task(1, 0)).result().aggregate());
                assertEquals(time, trained.get());
                assertEquals(1, rule.open().get(), "the half of the round before is closed");
            }
        }
        assertEquals(0, rule.open().get());
    }

    /** Its secrets would stay in memory. */
    @Test
    void aSecondHalfThatFailsWithAnErrorIsClosed() throws Exception {
        AtomicInteger halves = new AtomicInteger();
        Error broken = new StackOverflowError();
        WatchedSecure breaks = rule.withParticipants(participant -> {
            boolean second = halves.incrementAndGet() == 2;
            return new SecureAggregator.Participant() {
                @Override
                public byte[] answer(byte[] message, LocalWork local) throws Exception {
                    if (second) {
                        throw broken;
                    }
                    return participant.answer(message, local);
                }

                @Override
                public void close() {
                    participant.close();
                }
            };
        });
        try (ParticipantSession session = session(breaks)) {
            try (SecureRound protocol = begin(1)) {
                byte[] message = protocol.next().orElseThrow().messageFor(SELF);
                session.answer(task(1, 0), message);
                assertSame(broken, assertThrows(StackOverflowError.class, () -> session.answer(task(1, 0), message)));
            }
            assertEquals(1, rule.open().get(), "the first half");
        }
        assertEquals(0, rule.open().get());
    }

    /** So a server cannot have one model trained on that the cohort compared another of. */
    @Test
    void anotherModelBetweenTwoStagesBeginsAnotherRound() throws Exception {
        try (ParticipantSession session = session(rule);
                SecureRound protocol = begin(1)) {
            SecureRound.Stage advertise = protocol.next().orElseThrow();
            advertise.reply(SELF, session.answer(task(1, 0), advertise.messageFor(SELF)));
            byte[] input = protocol.next().orElseThrow().messageFor(SELF);

            assertEquals(
                    "insecure-advertise-to-client of " + input.length
                            + " bytes is damaged or not of this library: expected a"
                            + " record of kind 'insecure-advertise-to-client' but it holds 'insecure-masked_input-to-client'",
                    assertThrows(CorruptDataException.class, () -> session.answer(task(1, 1), input))
                            .getMessage());
            assertEquals(0, trained.get());
            assertEquals(2, rule.open().get(), "the server's half and the second one of the client");
            // Back to the first model, but the half that advertised is gone.
            assertThrows(CorruptDataException.class, () -> session.answer(task(1, 0), input));
            assertEquals(0, trained.get());
        }
    }

    @Test
    void aRejectedUpdateIsNotSentEvenIfTheParticipantHidesTheRejection() throws Exception {
        WatchedSecure hides = rule.withParticipants(participant -> new SecureAggregator.Participant() {
            @Override
            public byte[] answer(byte[] message, LocalWork local) {
                try {
                    return participant.answer(message, local);
                } catch (Exception e) {
                    return new byte[] {1};
                }
            }

            @Override
            public void close() {
                participant.close();
            }
        });
        population.but(0, Toy.moves(0, Double.NaN, 0));
        try (ParticipantSession session = session(hides)) {
            FederatedLearningException thrown =
                    assertThrows(FederatedLearningException.class, () -> play(session, task(1, 0)));
            assertEquals(
                    "client 'client-0', round 1: delta is not finite at coordinate 1, of parameter 'W'; did local training"
                            + " diverge at learning rate 0.5?",
                    thrown.getMessage());
            population.but(0, Toy.moves(4, 5, 6));
            assertEquals(Toy.delta(4, 5, 6), play(session, task(2, 0)).result().aggregate());
        }
    }

    @Test
    void aRejectionByTheRuleHasTheServersMessage() {
        MeanRule picky = MeanRule.plain().rejectingAbove(0);
        try (ParticipantSession session = session(WatchedSecure.of(InsecureForTests.on(picky, 1)))) {
            assertEquals(
                    "client 'client-0', round 1: 1 examples are more than 0",
                    assertThrows(FederatedLearningException.class, () -> play(session, task(1, 0)))
                            .getMessage());
        }
    }

    /** What the server gets does not depend on what became of the training; the client's host can ask. */
    @Test
    void underAPrivateRuleAFailedClientSendsZerosAndTellsItsHostWhy() throws Exception {
        MeanRule guarded = MeanRule.plain().guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        try (ParticipantSession session =
                ParticipantSession.of(InsecureForTests.on(guarded, 1), population.client(SELF))) {
            population.but(0, Toy.moves(0, Double.NaN, 0));
            assertEquals(Toy.delta(0, 0, 0), play(session, task(1, 0)).result().aggregate());
            assertEquals(
                    Optional.of("client 'client-0', round 1: delta is not finite at coordinate 1, of parameter 'W'; did"
                            + " local training diverge at learning rate 0.5?"),
                    session.contributedNothing().map(ClientOutcome::describe));
            population.but(0, (self, task) -> {
                throw new IllegalStateException("wrong labels");
            });
            for (int again = 0; again < 2; again++) {
                assertEquals(
                        Toy.delta(0, 0, 0), play(session, task(2, 0)).result().aggregate());
                assertEquals(
                        Optional.of("client 'client-0' failed: java.lang.IllegalStateException: wrong labels"),
                        session.contributedNothing().map(ClientOutcome::describe));
            }
            population.but(0, Toy.moves(4, 5, 6));
            assertEquals(Toy.delta(4, 5, 6), play(session, task(3, 0)).result().aggregate());
            assertEquals(Optional.empty(), session.contributedNothing());
        }
    }

    @Test
    void aClosedSessionThrows() {
        ParticipantSession session = session(rule);
        session.close();
        assertEquals(
                "client 'client-0', round 2: its session is closed; make another",
                assertThrows(IllegalStateException.class, () -> session.answer(task(2, 0), new byte[0]))
                        .getMessage());
        assertEquals(0, rule.open().get());
    }

    /** A participant is not thread-safe: its secrets are not erased under its hands. */
    @Test
    void closingWaitsForTheAnswerUnderWay() throws Exception {
        AtomicReference<ParticipantSession> open = new AtomicReference<>();
        List<Thread> closers = new ArrayList<>();
        population.but(0, (self, task) -> {
            Thread closer = new Thread(() -> open.get().close());
            closers.add(closer);
            closer.start();
            while (closer.isAlive() && closer.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            assertEquals(2, rule.open().get(), "the server's half and the client's");
            return Toy.moves(1, 2, 3).train(self, task);
        });
        open.set(session(rule));
        try (SecureRound protocol = begin(1)) {
            for (int stage = 0; stage < 2; stage++) {
                SecureRound.Stage next = protocol.next().orElseThrow();
                assertTrue(next.reply(SELF, open.get().answer(task(1, 0), next.messageFor(SELF)))
                        .isEmpty());
            }
            closers.get(0).join();
            assertEquals(1, rule.open().get(), "the server's half");
        }
    }

    @Test
    void trainsOnOneNativeThread() throws Exception {
        Nd4j.getBackend();
        NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int omp = ops.ompGetMaxThreads();
        List<Integer> seen = new ArrayList<>();
        population.but(0, (self, task) -> {
            seen.addAll(List.of(ops.ompGetMaxThreads(), Nd4j.factory().blas().getMaxThreads()));
            return Toy.moves(1, 2, 3).train(self, task);
        });
        try (ParticipantSession session = session(rule)) {
            ops.setOmpNumThreads(2);
            play(session, task(1, 0));

            assertEquals(List.of(1, 1), seen);
            assertEquals(2, ops.ompGetMaxThreads());
        } finally {
            ops.setOmpNumThreads(omp);
        }
    }

    private ParticipantSession session(WatchedSecure of) {
        return ParticipantSession.of(of, population.client(SELF));
    }

    private SecureRound begin(int round) {
        return rule.begin(
                new RoundContext(round, Toy.LAYOUT, 1, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 7),
                List.of(SELF));
    }

    private SecureRound.Recovered play(ParticipantSession session, TrainingTask task) throws Exception {
        try (SecureRound protocol = begin(task.round())) {
            for (int stage :
                    IntStream.range(0, InsecureForTests.Stage.values().length).toArray()) {
                SecureRound.Stage next = protocol.next().orElseThrow();
                byte[] answer = session.answer(TrainingTask.fromBytes(task.toBytes()), next.messageFor(SELF));
                assertTrue(next.reply(SELF, answer).isEmpty(), () -> "stage " + stage);
            }
            assertTrue(protocol.next().isEmpty());
            return (SecureRound.Recovered) protocol.finish();
        }
    }

    private static TrainingTask task(int round, float w) {
        return new TrainingTask(
                round,
                ModelWeights.copyOf(Toy.LAYOUT, new float[] {w, 0, 0}),
                Toy.TRAINING,
                ObjectiveSpec.EMPIRICAL_RISK,
                Map.of(),
                round);
    }
}
