package org.fl4j.privacy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.AuditVerdict;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.SeededNoise;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.ScriptedClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An audit around the rules, selectors, optimizers and protocols whose result is global weights. */
@Timeout(120)
class AuditedRunTest {

    private static final PrivacyAudit AUDIT = PrivacyAudit.canaries(256).guesses(60);

    private static AuditVerdict requireHonest(AuditVerdict verdict) {
        assertTrue(verdict.shown().epsilon() > 0.5, verdict::toString);
        assertFalse(verdict.shown().isViolated(), verdict::toString);
        return verdict.requirePassed();
    }

    /** The same noise: the released weights have the same bits, and so have the scores. */
    @Test
    void underMasksItShowsTheSame() {
        PrivacyAudit audit = PrivacyAudit.canaries(40).guesses(20);
        Rehearsal rounds = Rehearsal.of(64, 2);
        GaussianMechanism plain = SeededNoise.on(ClippedMean.fixed(1), 0.5, 3);
        GaussianMechanism masked = SeededNoise.on(ClippedMean.fixed(1), 0.5, 3);
        AuditedRun inTheClear = Rehearsal.seeded(audit, 4).begin();
        AuditedRun underMasks = Rehearsal.seeded(audit, 4).begin();

        AuditVerdict expected = rounds.verdict(plain, FederatedServer.with(plain), inTheClear);
        AuditVerdict actual = rounds.verdict(masked, FederatedServer.with(SecureSum.on(masked)), underMasks);

        assertEquals(expected.right(), actual.right());
        assertEquals(inTheClear.evidence(), underMasks.evidence());
        assertTrue(actual.right() >= 16, actual::toString);
    }

    /** Fresh coins of the selector: the bound exceeds what is booked at most once in 20 runs by theory, hardly ever in fact. */
    @Test
    void underPoissonSamplingWhoeverWasNotChosenIsInAllTheSame() {
        GaussianMechanism rule = SeededNoise.on(ClippedMean.fixed(1), 0.5, 5);
        AuditVerdict verdict = Rehearsal.of(256, 8)
                .with(builder -> builder.selector(ClientSelector.poisson(0.5)))
                .verdict(rule, Rehearsal.seeded(AUDIT, 5));

        requireHonest(verdict);
        assertEquals(8, verdict.rounds());
    }

    @Test
    void underAnAdaptiveClip() {
        requireHonest(Rehearsal.of(256, 4)
                .verdict(SeededNoise.on(AdaptiveClippedMean.startingAt(1), 1, 6), Rehearsal.seeded(AUDIT, 6)));
    }

    /** What the optimizer makes of the aggregate is scored: less is shown than of a plain step, and never more than was booked. */
    @Test
    void underAnAdaptiveServerOptimizer() {
        requireHonest(Rehearsal.of(256, 4)
                .with(builder -> builder.optimizer(FedAdam.withLearningRate(0.1)))
                .verdict(SeededNoise.on(ClippedMean.fixed(1), 0.5, 7), Rehearsal.seeded(AUDIT, 7)));
    }

    /** Evidence of rounds adds up: four rounds at z = 2 show about what one at z = 1 does. */
    @Test
    void overSeveralRounds() {
        AuditVerdict one =
                Rehearsal.of(256, 1).verdict(SeededNoise.on(ClippedMean.fixed(1), 4, 8), Rehearsal.seeded(AUDIT, 8));
        AuditVerdict many =
                Rehearsal.of(256, 64).verdict(SeededNoise.on(ClippedMean.fixed(1), 4, 8), Rehearsal.seeded(AUDIT, 8));

        requireHonest(many);
        assertTrue(many.shown().epsilon() > one.shown().epsilon() + 0.5, () -> one + " " + many);
    }

    /** The canaries fill a cap of 4 examples: one that said 1 would show a quarter of what the weight lets through. */
    @Test
    void aCanaryIsAsHeavyAsTheCap() {
        requireHonest(Rehearsal.of(256, 1)
                .verdict(
                        SeededNoise.on(ClippedMean.fixed(1).byCappedExamples(4, 100), 1, 9),
                        Rehearsal.seeded(AUDIT, 9)));
    }

    /** Nothing is booked, nothing can be violated, and every guess is right. */
    @Test
    void aRuleWithoutNoiseShowsAllThatCanBeShown() {
        Rehearsal round = Rehearsal.of(256, 1);
        AuditedRun audit = Rehearsal.seeded(AUDIT.ofNorm(1).ofExamples(1), 10).begin();
        round.run(FederatedServer.with(FedAvg.uniform()), audit, round.start(), 1);
        AuditEvidence evidence = audit.evidence();

        assertEquals(60, evidence.right());
        assertEquals(new OneRunBound(256, 60, 60, 1e-5).epsilon(0.95), evidence.epsilonAtLeast());
        assertTrue(evidence.estimate().orElseThrow().lowerLimit() > 100, evidence::toString);
    }

    /** z = 0 books an infinite epsilon. */
    @Test
    void withoutNoiseWhatIsBookedIsNotViolated() {
        AuditVerdict verdict = Rehearsal.of(256, 1)
                .verdict(GaussianMechanism.on(ClippedMean.fixed(1), 0), Rehearsal.seeded(AUDIT, 11));

        assertEquals(60, verdict.right());
        assertTrue(verdict.isPassed());
        assertEquals(Double.POSITIVE_INFINITY, verdict.shown().booked());
    }

    @Test
    void theSameSeedShowsTheSame() {
        assertEquals(seeded(12), seeded(12));
        assertNotEquals(seeded(12), seeded(13));
    }

    private static AuditVerdict seeded(long seed) {
        return Rehearsal.of(256, 2)
                .verdict(SeededNoise.on(ClippedMean.fixed(1), 1, seed), Rehearsal.seeded(AUDIT, seed));
    }

    @Test
    void canariesStandBehindTheClientsAndAreInOrOut() throws Exception {
        AuditedRun audit = Rehearsal.seeded(PrivacyAudit.canaries(4), 14).begin();
        ClientProvider clients = audit.around(Rehearsal.clients(4));
        TrainingTask task = new TrainingTask(
                2,
                Rehearsal.of(4, 1).start().weights(),
                LocalTraining.epochs(1),
                ObjectiveSpec.EMPIRICAL_RISK,
                java.util.Map.of(),
                1);
        CanarySecrets secrets = audit.record().secrets();
        int in = 0;

        assertEquals(
                "[client-0, client-1, canary-0, canary-1, canary-2, canary-3]",
                clients.ids().toString());
        for (int i = 0; i < 4; i++) {
            ClientId id = clients.ids().get(2 + i);
            if (secrets.isIn(i)) {
                in++;
                ClientUpdate update = clients.client(id).train(task);
                assertEquals(PrivacyAudit.DEFAULT_NORM, update.delta().norm2(), 1e-3);
                assertEquals(PrivacyAudit.DEFAULT_EXAMPLES, update.numExamples());
            } else {
                assertThrows(
                        UpdateRejectedException.class, () -> clients.client(id).train(task));
            }
        }
        assertTrue(in > 0 && in < 4, "seeded so");
    }

    /** Fresh coins: 4,000 heads and tails, within 6 standard deviations; the same twice in none of 2^4000 runs. */
    @Test
    void coinsAreFairAndFresh() {
        CanarySecrets secrets = PrivacyAudit.canaries(4000).begin().record().secrets();
        CanarySecrets others = PrivacyAudit.canaries(4000).begin().record().secrets();
        int in = 0;
        int alike = 0;
        for (int i = 0; i < 4000; i++) {
            in += secrets.isIn(i) ? 1 : 0;
            alike += secrets.isIn(i) == others.isIn(i) ? 1 : 0;
        }

        assertEquals(2000, in, 190);
        assertEquals(2000, alike, 190);
        assertTrue(secrets.seed() != others.seed());
    }

    @Test
    void aModelWithTooFewCoordinatesDoesNotBegin() {
        Rehearsal small = Rehearsal.of(100, 1);
        AuditedRun audit = PrivacyAudit.canaries(128).begin();
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 1);

        assertEquals(
                "round 1 cannot be trained by the clients of this JVM: an audit with 128 canaries needs at least 128 trainable"
                        + " coordinates, one for each canary's direction, but the model has 100; take fewer canaries",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> small.run(FederatedServer.with(rule), audit, small.start(), 1))
                        .getMessage());
    }

    @Test
    void rejectsClientsOfItsOwnNames() {
        AuditedRun audit = PrivacyAudit.canaries(4).begin();
        ClientProvider once = audit.around(Rehearsal.clients(4));

        assertEquals(
                "client 'canary-0' has a name of an audit's canaries; is the population audited twice?",
                assertThrows(IllegalArgumentException.class, () -> audit.around(once))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> audit.around(ClientProvider.of(ClientId.numbered("canary-", 1), ScriptedClient::of)));
    }
}
