package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SecureParticipant.LocalWork;
import org.fl4j.aggregation.SecureRound;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.RunInterruptedException;
import org.fl4j.client.ServerFailureException;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.ModelDelta;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.junit.jupiter.api.Test;

/**
 * Whether a private round releases must not depend on one client's data. With some in league with whoever looks, the others
 * are just as many as the threshold needs: were the victim lost when its training fails, that would show.
 */
class PrivateFailureTest {

    private static final int N = 10;
    private static final int VICTIM = 9;
    private static final int THRESHOLD = 6;
    private static final ThreatModel SETTING = ThreatModel.curious(DropoutTolerance.DEFAULT);

    /** Without noise, to look at the sum. */
    private static final LinearAggregator RULE = GaussianMechanism.on(ClippedMean.fixed(1), 0);

    private static final double[] NOTHING = {0, 0, 0};

    @Test
    void aVictimWhoseTrainingFailsIsInTheSumWithNothing() {
        assertEquals(THRESHOLD, SETTING.graph(N).threshold());
        ModelDelta still = released(client -> client == VICTIM ? NOTHING : new double[] {0.5, 0, -0.25});
        ModelDelta failing = released(client -> {
            if (client == VICTIM) {
                throw new IllegalStateException("wrong labels");
            }
            return new double[] {0.5, 0, -0.25};
        });

        assertEquals(still, failing);
    }

    /** Four answer until they have dealt their shares, and then are gone. */
    private static ModelDelta released(IntFunction<double[]> deltas) {
        Drill drill = new Drill(new KnownCohort(RULE, SETTING), N, 3, deltas)
                .over((stage, way, client, message) ->
                        stage == ProtocolStage.MASKED_INPUT && way == Direction.TO_SERVER && client < N - THRESHOLD
                                ? Optional.empty()
                                : Optional.of(message));
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        assertEquals(THRESHOLD, recovered.included().size());
        assertEquals(Map.of(), drill.failures());
        return recovered.result().aggregate();
    }

    @Test
    void anErrorOfTheTrainingIsNothingToo() throws Exception {
        RingVector zeros = contribution(RULE, new AssertionError("out of range"));

        assertEquals(
                0,
                zeros.toResidues(RULE.begin(context()).segments())
                        .withNoise(RULE.begin(context()).segments(), NOTHING)
                        .get("delta", 0));
        assertTrue(zeros.withinHeadroom(0), "all are zero");
    }

    @Test
    void theServersFailureAndAnInterruptAreNot() {
        ServerFailureException ours = assertThrows(
                ServerFailureException.class,
                () -> ServerFailureException.ours(() -> {
                    throw new IllegalStateException("the disk is full");
                }));
        assertEquals(ours, assertThrows(ServerFailureException.class, () -> contribution(RULE, ours)));
        assertEquals(
                ours,
                assertThrows(ServerFailureException.class, () -> contribution(RULE, new IllegalStateException(ours))));
        assertThrows(InterruptedException.class, () -> contribution(RULE, new InterruptedException()));
        assertThrows(RunInterruptedException.class, () -> contribution(RULE, new RunInterruptedException("1 of 2")));
        Thread.currentThread().interrupt();
        assertThrows(IllegalStateException.class, () -> contribution(RULE, new IllegalStateException("woken")));
        assertTrue(Thread.interrupted(), "the flag is kept");
    }

    @Test
    void withoutAGuardAFailureIsAFailure() {
        assertThrows(
                IllegalStateException.class,
                () -> contribution(ClippedMean.fixed(1), new IllegalStateException("wrong labels")));
    }

    private static RoundContext context() {
        return new Drill(new KnownCohort(RULE, SETTING), N, 3, client -> NOTHING).context(1);
    }

    /** Of a client whose training throws. */
    private static RingVector contribution(LinearAggregator rule, Throwable thrown) throws Exception {
        KnownCohort cohort = new KnownCohort(rule, SETTING);
        Drill drill = new Drill(cohort, N, 3, client -> NOTHING);
        TrainingTask task = drill.work(VICTIM, 1).task();
        VerifiedAnnouncement announced = VerifiedAnnouncement.read(
                ServerKeys.fresh(
                                cohort.terms(drill.context(1), N),
                                drill.context(1).shared(Optional.empty()).toBytes(),
                                new SecureRandom())
                        .announcement(),
                Drill.id(VICTIM),
                task,
                rule,
                FixedPoint.UNSTATED,
                SETTING);
        return announced.encoder().of(new LocalWork() {

            @Override
            public TrainingTask task() {
                return task;
            }

            @Override
            public ClientUpdate train(Function<ClientUpdate, Optional<String>> refusal) throws Exception {
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (Exception) thrown;
            }
        });
    }
}
