package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.util.Optional;
import java.util.OptionalLong;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.privacy.secagg.internal.vector.RingWords;
import org.fl4j.privacy.secagg.internal.vector.SegmentPlan;
import org.fl4j.secure.SecureRound;

/**
 * Five clients under a clipped mean with noise, of which one masks n maxSteps - tau: the largest sum that contributions in
 * range can come to, less what it guesses of the others. Were the sum tested without noise, a round would be abandoned if
 * and only if the others' sum is above tau, which finds it by bisection.
 */
final class BoundaryAttack {

    static final int CLIENTS = 5;

    private static final int VICTIM = 0;
    private static final int ATTACKER = 4;

    private final KnownCohort cohort;
    private final SegmentPlan plan;
    private final Drill drill;
    private long victim;
    private long masked;

    /** On a rule of one coordinate that divides by 1. */
    BoundaryAttack(LinearAggregator rule) {
        this.cohort = new KnownCohort(rule, ThreatModel.curious(DropoutTolerance.DEFAULT));
        this.drill = new Drill(cohort, CLIENTS, 1, client -> new double[] {client == VICTIM ? victim * step() : 0});
        this.plan = cohort.terms(drill.context(1), CLIENTS).plan().segments().get(0);
        drill.over((stage, way, client, message) -> Optional.of(
                stage == ProtocolStage.MASKED_INPUT && way == Direction.TO_SERVER && client == ATTACKER
                        ? moved(message)
                        : message));
    }

    SegmentPlan plan() {
        return plan;
    }

    private double step() {
        return plan.step();
    }

    /** What the attacker masks to find out whether the others' sum is above tau. */
    long question(long tau) {
        return CLIENTS * plan.maxSteps() - tau;
    }

    /** The released sum in steps; empty if the round is abandoned, which answers the question. */
    OptionalLong released(int round, long victimsSteps, long attackersSteps) {
        victim = victimsSteps;
        masked = attackersSteps;
        SecureRound.Outcome outcome = drill.run(round);
        if (!drill.rejections().isEmpty() || !drill.failures().isEmpty()) {
            throw new AssertionError(drill.rejections() + " " + drill.failures());
        }
        return outcome instanceof SecureRound.Recovered recovered
                ? OptionalLong.of((long) (recovered.result().aggregate().get(0) / step()))
                : OptionalLong.empty();
    }

    /** Its own contribution is zero: what it masks instead is added to the masks. */
    private byte[] moved(byte[] message) throws InvalidKeyException {
        MaskedInput honest = MaskedInput.fromBytes(Envelope.unverified(message, Envelope.SEAL_BYTES), CLIENTS);
        RingVector vector =
                RingVector.zero(cohort.terms(drill.context(1), CLIENTS).plan());
        vector.addPacked(honest.vector().shared(), 0);
        RingWords.add(vector, 0, 0, masked);
        return cohort.client(ATTACKER)
                .seal(
                        ProtocolStage.MASKED_INPUT,
                        new MaskedInput(honest.header(), honest.unopened(), Bytes.owning(vector.pack())).toBytes());
    }
}
