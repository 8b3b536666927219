package org.fl4j.secure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.Client;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;

/** What a client's end of a secure round makes of its training, private or not. */
class ParticipantRoundTest {

    private static final ParameterLayout LAYOUT = Fixtures.layout(1);
    private static final ClientId ANN = new ClientId("ann");
    private static final TrainingTask TASK = new TrainingTask(
            3,
            ModelWeights.copyOf(LAYOUT, new double[] {0}),
            LocalTraining.epochs(1),
            ObjectiveSpec.EMPIRICAL_RISK,
            Map.of(),
            7);
    private static final byte[] ENCODED = {1};
    private static final byte[] ZEROS = {0};

    @Test
    void encodesWhatTrainingReturned() throws Exception {
        try (ParticipantRound round = round(true, task -> update(1), update -> ENCODED)) {
            assertArrayEquals(ENCODED, round.answer(new byte[0]));
            assertEquals(Optional.empty(), round.contributedNothing());
        }
    }

    @Test
    void underAPrivateRuleAFailedClientContributesZeros() throws Exception {
        for (Throwable thrown :
                List.of(new IllegalStateException("wrong labels"), new AssertionError("out of range"))) {
            try (ParticipantRound round = round(true, failing(thrown), update -> ENCODED)) {
                assertArrayEquals(ZEROS, round.answer(new byte[0]));
                assertEquals(
                        "client 'ann' failed: " + thrown,
                        round.contributedNothing().orElseThrow().describe());
            }
        }
    }

    @Test
    void underAPrivateRuleARejectedUpdateContributesZeros() throws Exception {
        Function<ClientUpdate, byte[]> rejecting = update -> {
            throw new UpdateRejectedException("too long");
        };
        Function<ClientUpdate, byte[]> broken = update -> {
            throw new ArithmeticException("7 / 0");
        };
        assertEquals("client 'ann', round 3: too long", nothingBy(task -> update(1), rejecting));
        assertEquals(
                "client 'ann', round 3: the rule could not look at the update: java.lang.ArithmeticException",
                nothingBy(task -> update(1), broken));
        assertTrue(nothingBy(task -> update(Double.NaN), update -> ENCODED).contains("delta is not finite"));
    }

    @Test
    void theServersFailureAndAnInterruptAreThrown() {
        ClientRunner.ServerFailureException ours = assertThrows(
                ClientRunner.ServerFailureException.class,
                () -> ClientRunner.ServerFailureException.ours(() -> {
                    throw new IllegalStateException("the disk is full");
                }));
        assertSame(ours, thrownBy(true, ours));
        assertSame(ours, thrownBy(true, new IllegalStateException(ours)));
        assertEquals(
                InterruptedException.class,
                thrownBy(true, new InterruptedException()).getClass());
        RunInterruptedException over = new RunInterruptedException("1 of 2");
        assertSame(over, thrownBy(true, over));
        IllegalStateException woken = new IllegalStateException("woken");
        Thread.currentThread().interrupt();
        assertSame(woken, thrownBy(true, woken));
        assertTrue(Thread.interrupted(), "the flag is kept");
    }

    @Test
    void withoutAGuardFailuresAndRejectionsAreThrown() {
        IllegalStateException wrong = new IllegalStateException("wrong labels");
        assertSame(wrong, thrownBy(false, wrong));
        assertEquals(
                "client 'ann', round 3: train returned null, not an update",
                assertThrows(
                                UpdateRejectedException.class,
                                () -> round(false, task -> null, update -> ENCODED)
                                        .answer(new byte[0]))
                        .reason());
    }

    private static String nothingBy(Trainer trainer, Function<ClientUpdate, byte[]> encode) throws Exception {
        try (ParticipantRound round = round(true, trainer, encode)) {
            assertArrayEquals(ZEROS, round.answer(new byte[0]));
            return round.contributedNothing().orElseThrow().describe();
        }
    }

    private static Throwable thrownBy(boolean isPrivate, Throwable thrown) {
        return assertThrows(
                Throwable.class,
                () -> round(isPrivate, failing(thrown), update -> ENCODED).answer(new byte[0]));
    }

    private static ClientUpdate update(double value) {
        return new ClientUpdate(
                ANN, 3, 0, ModelDelta.of(LAYOUT, value), 1, Map.of(), Map.of(), ObjectiveSpec.EMPIRICAL_RISK);
    }

    private static Trainer failing(Throwable thrown) {
        return task -> {
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (Exception) thrown;
        };
    }

    private static ParticipantRound round(boolean isPrivate, Trainer trainer, Function<ClientUpdate, byte[]> encode) {
        return new ParticipantRound(new OneStage(isPrivate, encode), new Trains(trainer), TASK);
    }

    private interface Trainer {
        ClientUpdate train(TrainingTask task) throws Exception;
    }

    private record Trains(Trainer trainer) implements Client {

        @Override
        public ClientId id() {
            return ANN;
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            return trainer.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            return Evaluation.NONE;
        }
    }

    /** A rule whose participants answer with what they would mask. */
    private record OneStage(boolean isPrivate, Function<ClientUpdate, byte[]> encode) implements SecureAggregator {

        @Override
        public Optional<PrivacyBudgetGuard> guard() {
            return isPrivate ? Optional.of(new Unlimited()) : Optional.empty();
        }

        @Override
        public Map<String, ModelDelta> taskVectors(RoundContext context) {
            return Map.of();
        }

        @Override
        public SecureRound begin(RoundContext context, List<ClientId> cohort) {
            throw new UnsupportedOperationException("only participants");
        }

        @Override
        public SecureAggregator.Participant participant(ClientId self) {
            return new SecureAggregator.Participant() {
                @Override
                public byte[] answer(byte[] message, LocalWork local) throws Exception {
                    return local.train(encode, () -> ZEROS);
                }

                @Override
                public void close() {}
            };
        }
    }

    private static final class Unlimited implements PrivacyBudgetGuard {

        @Override
        public Permit admit(RoundContext context, ComponentState ledger) {
            return new Granted(ledger);
        }
    }
}
