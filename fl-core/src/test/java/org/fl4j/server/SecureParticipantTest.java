package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.client.InProcessRunner;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server makes of participants, written by whoever writes a secure rule, that do not behave. */
@Timeout(60)
class SecureParticipantTest {

    private static final ScriptedPopulation.Training NOT_A_NUMBER = Toy.moves(0, Double.NaN, 0);
    private static final String REJECTED =
            "client-1 rejected: client 'client-1', round 1: delta is not finite at coordinate"
                    + " 1, of parameter 'W'; did local training diverge at learning rate 0.5?";

    private final WatchedSecure rule = WatchedSecure.of(InsecureForTests.on(MeanRule.plain(), 2));

    @Test
    void reportsARejectionThatTheParticipantWraps() {
        WatchedSecure wraps = rule.withParticipants(participant -> answering(participant, (message, local) -> {
            try {
                return participant.answer(message, local);
            } catch (Exception e) {
                throw new IllegalStateException("something went wrong", e);
            }
        }));

        assertEquals(REJECTED, Toy.outcomes(run(wraps, NOT_A_NUMBER)).get(1));
    }

    @Test
    void reportsARejectionThatTheParticipantHides() {
        WatchedSecure hides = rule.withParticipants(participant -> answering(participant, (message, local) -> {
            try {
                return participant.answer(message, local);
            } catch (Exception e) {
                return new byte[0];
            }
        }));

        assertEquals(REJECTED, Toy.outcomes(run(hides, NOT_A_NUMBER)).get(1));
    }

    @Test
    void aParticipantThatTrainsTwiceFails() {
        AtomicInteger stage = new AtomicInteger();
        WatchedSecure twice = rule.withParticipants(participant -> answering(participant, (message, local) -> {
            byte[] answer = participant.answer(message, local);
            if (local.task().round() == 1 && stage.incrementAndGet() > 3) {
                local.train(update -> "", () -> "");
            }
            return answer;
        }));

        // Three clients advertise; then the first one's input is followed by its second training.
        assertEquals(
                "client-0 failed: java.lang.IllegalStateException: client 'client-0', round 1: the rule's participant trains"
                        + " a second time",
                Toy.outcomes(run(twice, Toy.moves(1, 0, 0))).get(0));
    }

    @Test
    void aMessageToAClientOutsideTheCohortEndsTheRun() {
        WatchedSecure strange = rule.withStages(stage -> WatchedSecure.alsoTo(new ClientId("stranger"), stage));
        IllegalStateException bug = assertThrows(IllegalStateException.class, () -> run(strange, Toy.moves(1, 0, 0)));

        assertEquals("the rule sends a message to 'stranger', who is not in the cohort", bug.getMessage());
        assertEquals(0, rule.open().get());
    }

    @Test
    void closesEveryParticipantEvenIfEachCloseThrows() {
        AtomicInteger closed = new AtomicInteger();
        WatchedSecure clings = rule.withParticipants(participant -> new SecureAggregator.Participant() {
            @Override
            public byte[] answer(byte[] message, LocalWork local) throws Exception {
                return participant.answer(message, local);
            }

            @Override
            public void close() {
                throw new IllegalStateException("close " + closed.incrementAndGet());
            }
        });
        IllegalStateException first = assertThrows(IllegalStateException.class, () -> run(clings, Toy.moves(1, 0, 0)));

        assertEquals("close 1", first.getMessage());
        assertEquals(
                List.of("close 2", "close 3"),
                List.of(first.getSuppressed()).stream()
                        .map(Throwable::getMessage)
                        .toList());
        assertEquals(0, rule.open().get());
    }

    /** Closing erases secrets, and a participant is not thread-safe: nobody closes it under a straggler's hands. */
    @Test
    void aStragglersParticipantIsClosedByTheThreadThatUsesItWhenItReturns() throws InterruptedException {
        StragglerRunner runner = new StragglerRunner();
        CountDownLatch roundIsOver = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        AtomicBoolean atWork = new AtomicBoolean();
        AtomicBoolean closedAtWork = new AtomicBoolean();
        ScriptedPopulation population = ScriptedPopulation.of(3, Toy.moves(1, 0, 0))
                .but(1, (self, task) -> {
                    runner.stuck();
                    roundIsOver.await();
                    return Toy.moves(1, 0, 0).train(self, task);
                });
        AtomicInteger made = new AtomicInteger();
        WatchedSecure slow = rule.withParticipants(participant -> made.getAndIncrement() != 1
                ? participant
                : new SecureAggregator.Participant() {
                    @Override
                    public byte[] answer(byte[] message, LocalWork local) throws Exception {
                        atWork.set(true);
                        try {
                            return participant.answer(message, local);
                        } finally {
                            atWork.set(false);
                        }
                    }

                    @Override
                    public void close() {
                        closedAtWork.set(atWork.get());
                        participant.close();
                        closed.countDown();
                    }
                });
        try (FederatedServer server = FederatedServer.with(slow)
                .clients(population)
                .localTraining(Toy.TRAINING)
                .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofSeconds(9)))
                .runner(runner)
                .build()) {
            RoundResult result = server.run(Toy.start(), 1);
            assertEquals(
                    List.of("client-0 completed", "client-1 timed out after PT9S", "client-2 completed"),
                    Toy.outcomes(result));
            assertEquals(1, rule.open().get(), "the straggler's");

            roundIsOver.countDown();
            assertTrue(closed.await(30, TimeUnit.SECONDS));
        }
        assertFalse(closedAtWork.get());
        assertEquals(0, rule.open().get());
    }

    private static SecureAggregator.Participant answering(
            SecureAggregator.Participant participant, Answering answering) {
        return new SecureAggregator.Participant() {
            @Override
            public byte[] answer(byte[] message, LocalWork local) throws Exception {
                return answering.answer(message, local);
            }

            @Override
            public void close() {
                participant.close();
            }
        };
    }

    private static RoundResult run(WatchedSecure rule, ScriptedPopulation.Training second) {
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(3, Toy.moves(1, 0, 0)).but(1, second))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            return server.run(Toy.start(), 1);
        }
    }

    private interface Answering {
        byte[] answer(byte[] message, SecureAggregator.Participant.LocalWork local) throws Exception;
    }
}
