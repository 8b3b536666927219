package org.fl4j.privacy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.dp.AuditVerdict;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.SeededNoise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an audit of one run finds and what it does not, by whole runs: server, canaries, encoder, noise, scores. Directions are orthonormal, so a score
 * is C in or out plus one normal of the noise, for every d: the runs that are repeated have few coordinates, and one has a million.
 *
 * <p>Noise and coins are seeded: the outcome is the same each time. Of {@value #RUNS} runs 95 % have to succeed: a mechanism with a success rate of only
 * 80 % passes with probability 0.008, one of 99.5 % fails with 0.001. {@link DetectionLongTest} has 200.
 */
@Timeout(300)
class DetectionTest {

    static final int RUNS = 40;
    private static final double BOOKED = AnalyticGaussian.ofSigma(1).epsilon(Rehearsal.DELTA);
    private static final PrivacyAudit THOUSAND = PrivacyAudit.canaries(1000).confidence(0.95);

    @Test
    void theBookedEpsilonIsThatOfTheIssue() {
        assertEquals(4.377, BOOKED, 5e-4);
    }

    @Test
    void anHonestRoundShowsMoreThanOneAndNotMoreThanItBooked() {
        honest(RUNS, 150);
    }

    static void honest(int runs, int guesses) {
        mostly(
                runs,
                seed -> Rehearsal.of(1024, 1)
                        .verdict(
                                SeededNoise.on(ClippedMean.fixed(1), 1, seed),
                                Rehearsal.seeded(THOUSAND.guesses(guesses), 1000 + seed)),
                verdict -> verdict.shown().epsilon() > 1 && !verdict.shown().isViolated() && verdict.isPassed());
    }

    @Test
    void halfTheNoiseIsFoundByTheEstimateWithAThousandCanaries() {
        halfByEstimate(RUNS);
    }

    static void halfByEstimate(int runs) {
        mostly(
                runs,
                seed -> Rehearsal.of(1024, 1)
                        .verdict(
                                SeededNoise.tooSmall(ClippedMean.fixed(1), 1, 0.5, seed),
                                Rehearsal.seeded(THOUSAND, 3000 + seed)),
                verdict -> verdict.estimate().orElseThrow().lowerLimit() > BOOKED);
    }

    /**
     * The limit is below the truth in at least 95 % of runs. The estimate itself is too high on average, as both deviations are fitted: by 0.8 at a
     * thousand canaries, by little at fifty thousand.
     */
    @Test
    void theEstimateOfAnHonestRoundIsNearTheTruthAndItsLowerLimitBelow() {
        double[] sum = new double[1];
        mostly(
                5 * RUNS,
                seed -> Rehearsal.scored(Rehearsal.seeded(THOUSAND, 2000 + seed), 1, seed)
                        .evidence()
                        .estimate()
                        .orElseThrow(),
                estimate -> {
                    sum[0] += estimate.epsilon();
                    return estimate.lowerLimit() < BOOKED;
                });
        AuditVerdict.Estimate many = Rehearsal.scored(Rehearsal.seeded(PrivacyAudit.canaries(50_000), 3), 1, 3)
                .evidence()
                .estimate()
                .orElseThrow();

        assertEquals(BOOKED + 0.8, sum[0] / (5 * RUNS), 0.2);
        assertEquals(BOOKED, many.epsilon(), 0.3);
        assertEquals(BOOKED - 0.3, many.lowerLimit(), 0.3);
    }

    /** The scores of such runs, without the server: {@link DetectionLongTest} has whole ones. */
    @Test
    void halfTheNoiseIsFoundByFiftyThousandCanaries() {
        PrivacyAudit audit = PrivacyAudit.canaries(50_000).guesses(4000);
        mostly(
                RUNS,
                seed -> Rehearsal.scored(Rehearsal.seeded(audit, 4000 + seed), 0.5, seed)
                        .evidence(),
                evidence -> evidence.epsilonAtLeast() > BOOKED);
    }

    /** By the bound of the statement, and so surely that the run fails. */
    @Test
    void noiseDrawnOnceForTwoRoundsIsFound() {
        drawnOnce(RUNS);
    }

    static void drawnOnce(int runs) {
        mostly(
                runs,
                seed -> Rehearsal.of(1024, 2)
                        .verdict(
                                SeededNoise.drawnOnce(ClippedMean.fixed(1), 4, seed),
                                Rehearsal.seeded(THOUSAND, 5000 + seed)),
                verdict -> verdict.shown().isViolated() && !verdict.isPassed());
    }

    @Test
    void freshNoiseOfTwoRoundsIsNot() {
        fresh(RUNS);
    }

    static void fresh(int runs) {
        mostly(
                runs,
                seed -> Rehearsal.of(1024, 2)
                        .verdict(
                                SeededNoise.on(ClippedMean.fixed(1), 4, seed), Rehearsal.seeded(THOUSAND, 6000 + seed)),
                verdict -> !verdict.shown().isViolated() && verdict.isPassed());
    }

    /** With the product's own noise: about once in 2,000 runs outside. */
    @Test
    void aMillionCoordinates() {
        AuditVerdict verdict = Rehearsal.of(1_000_000, 1)
                .verdict(GaussianMechanism.on(ClippedMean.fixed(1), 1), Rehearsal.seeded(THOUSAND, 8));

        assertTrue(verdict.shown().epsilon() > 1 && !verdict.shown().isViolated(), verdict::toString);
    }

    static <T> void mostly(int runs, IntFunction<T> run, Predicate<T> succeeds) {
        long successes = IntStream.range(0, runs).mapToObj(run).filter(succeeds).count();

        assertTrue(successes >= 0.95 * runs, () -> successes + " of " + runs);
    }
}
