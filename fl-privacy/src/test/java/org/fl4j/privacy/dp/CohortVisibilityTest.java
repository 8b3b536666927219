package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

/** Sampling amplifies privacy against those who cannot know the cohort, and the members of a masked sum do. */
class CohortVisibilityTest {

    private static final double Q = 0.01;
    private static final SamplingScheme POISSON = new SamplingScheme.Poisson(Q, SamplingScheme.Source.CRYPTOGRAPHIC);
    private static final GaussianMechanism MECHANISM = GaussianMechanism.on(ClippedMean.fixed(1), 1.1);

    /** The example of the fault: outsiders 1.7535, and for members the analytic Gaussian of sigma 1.1 / sqrt(1000). */
    @Test
    void aMaskedRunHasTwoFigures() {
        PrivacyStatement statement =
                MECHANISM.statement(played(SecureSum.on(MECHANISM), Releases.context(2, 5000, POISSON), 1000), 1e-6);
        double unsampled = AnalyticGaussian.ofSigma(1.1 / Math.sqrt(1000)).epsilon(1e-6);

        assertEquals(1.7535, statement.againstOutsiders().epsilon().upper(), 1e-3);
        assertTrue(statement.againstMembers().epsilon().contains(unsampled), statement.text());
        assertTrue(unsampled > 500, () -> "the two are far apart: " + unsampled);
        assertEquals(
                Composition.of(PrivacyEvent.unsampled(1.1), 1000),
                statement.againstMembers().releases());
        assertEquals(
                Composition.of(PrivacyEvent.unsampled(1.1).poisson(Q), 1000),
                statement.againstOutsiders().releases());
    }

    /** A client that trains in the clear is told nothing of the others. */
    @Test
    void aRunInTheClearHasTheSameFigureTwice() {
        PrivacyStatement statement =
                MECHANISM.statement(played(MECHANISM, Releases.context(2, 5000, POISSON), 1000), 1e-6);

        assertEquals(1.7535, statement.againstMembers().epsilon().upper(), 1e-3);
        assertEquals(statement.againstOutsiders(), statement.againstMembers());
    }

    @Test
    void publicCountsDoNotAmplify() {
        RoundContext context = Releases.context(2, 5000, POISSON).withCohort(RoundContext.CohortVisibility.EVERYBODY);
        for (Aggregator rule : new Aggregator[] {MECHANISM, SecureSum.on(MECHANISM)}) {
            PrivacyStatement statement = MECHANISM.statement(played(rule, context, 3), 1e-6);

            assertEquals(
                    Composition.of(PrivacyEvent.unsampled(1.1), 3),
                    statement.againstOutsiders().releases());
            assertEquals(statement.againstOutsiders(), statement.againstMembers());
        }
    }

    /** At z = 1.1 and delta 1e-6 one unsampled round costs 4.5, one with q = 0.01 costs 0.7. */
    @Test
    void theBudgetIsHeldAgainstMembersUnlessTheyAreTrusted() {
        GaussianMechanism mechanism = MECHANISM.within(PrivacyTarget.pure(1).withPrivacyDelta(1e-6));
        RoundContext context = Releases.context(2, 5000, POISSON);
        PrivacyBudgetGuard masked = SecureSum.on(mechanism).guard().orElseThrow();
        PrivacyBudgetGuard.Refused refused =
                assertInstanceOf(PrivacyBudgetGuard.Refused.class, masked.admit(context, ComponentState.EMPTY));

        assertEquals(
                AnalyticGaussian.ofSigma(1.1).epsilon(1e-6), refused.values().get("epsilon"), 1e-6);
        assertInstanceOf(
                PrivacyBudgetGuard.Granted.class,
                mechanism.guard().orElseThrow().admit(context, ComponentState.EMPTY));
        ComponentState trusting = assertInstanceOf(
                        PrivacyBudgetGuard.Granted.class,
                        masked.admit(
                                context.withCohort(RoundContext.CohortVisibility.TRUSTED_MEMBERS),
                                ComponentState.EMPTY))
                .ledger();
        PrivacyStatement statement = mechanism.statement(trusting, 1e-6);
        assertEquals(1, statement.trustingRounds());
        assertTrue(
                statement
                        .againstMembers()
                        .epsilon()
                        .contains(AnalyticGaussian.ofSigma(1.1).epsilon(1e-6)),
                "the members' figure is stated whether they are trusted or not");
    }

    @Test
    void aNoiseMultiplierIsCalibratedByWhatTheBudgetCounts() {
        PrivacyTarget target = PrivacyTarget.pure(2).withPrivacyDelta(1e-6);
        double sampled = GaussianMechanism.calibration(target, POISSON, RoundContext.CohortVisibility.SERVER_ONLY)
                .rounds(100)
                .noiseMultiplier();
        double unsampled = 10 * AnalyticGaussian.reaching(target).sigma();

        assertTrue(sampled < 0.1 * unsampled, () -> sampled + " and " + unsampled);
        assertEquals(
                unsampled,
                GaussianMechanism.calibration(target, POISSON, RoundContext.CohortVisibility.MEMBERS)
                        .rounds(100)
                        .noiseMultiplier(),
                2e-3 * unsampled);
        assertEquals(
                sampled,
                GaussianMechanism.calibration(target, POISSON, RoundContext.CohortVisibility.TRUSTED_MEMBERS)
                        .rounds(100)
                        .noiseMultiplier());
    }

    private static ComponentState played(Aggregator rule, RoundContext context, int rounds) {
        PrivacyBudgetGuard guard = rule.guard().orElseThrow();
        ComponentState ledger = ComponentState.EMPTY;
        for (int round = 0; round < rounds; round++) {
            ledger = assertInstanceOf(PrivacyBudgetGuard.Granted.class, guard.admit(context, ledger))
                    .ledger();
        }
        return ledger;
    }
}
