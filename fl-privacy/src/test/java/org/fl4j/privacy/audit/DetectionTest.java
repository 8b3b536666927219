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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an audit of one run finds and what it does not, by whole runs: server, canaries, encoder, noise, scores. Directions are orthonormal, so a score
 * is C in or out plus one normal of the noise, for every d: the runs that are repeated have few coordinates, and some have a million.
 *
 * <p>Noise and coins are seeded: the outcome is the same each time. {@value #RUNS} runs, of which 95 % have to succeed: a mechanism with a success
 * rate of only 85 % passes with probability 0.001, one of 99.5 % fails with 0.0003.
 */
@Timeout(600)
class DetectionTest {

    private static final int RUNS = 100;
    private static final double BOOKED = AnalyticGaussian.ofSigma(1).epsilon(Rehearsal.DELTA);
    private static final PrivacyAudit THOUSAND = PrivacyAudit.canaries(1000).confidence(0.95);

    @Test
    void theBookedEpsilonIsThatOfTheIssue() {
        assertEquals(4.377, BOOKED, 5e-4);
    }

    @Test
    void anHonestRoundShowsMoreThanOneAndNotMoreThanItBooked() {
        for (int guesses : new int[] {100, 150, 200}) {
            PrivacyAudit audit = THOUSAND.guesses(guesses);
            mostly(
                    seed -> Rehearsal.of(1024, 1)
                            .verdict(
                                    SeededNoise.on(ClippedMean.fixed(1), 1, seed),
                                    Rehearsal.seeded(audit, 1000 + seed)),
                    verdict -> verdict.shown().epsilon() > 1
                            && !verdict.shown().isViolated()
                            && verdict.isPassed());
        }
    }

    @Test
    void theEstimateOfAnHonestRoundIsNearTheTruthAndItsLowerLimitBelow() {
        double[] estimates = new double[RUNS];
        mostly(
                seed -> {
                    AuditVerdict verdict = Rehearsal.of(1024, 1)
                            .verdict(
                                    SeededNoise.on(ClippedMean.fixed(1), 1, seed),
                                    Rehearsal.seeded(THOUSAND, 2000 + seed));
                    estimates[seed] = verdict.estimate().orElseThrow().epsilon();
                    return verdict;
                },
                verdict -> verdict.estimate().orElseThrow().lowerLimit() < BOOKED);
        double mean = IntStream.range(0, RUNS).mapToDouble(i -> estimates[i]).average().orElseThrow();

        assertEquals(BOOKED, mean, 0.3);
    }

    @Test
    void halfTheNoiseIsFoundByTheEstimateWithAThousandCanaries() {
        mostly(
                seed -> Rehearsal.of(1024, 1)
                        .verdict(
                                SeededNoise.tooSmall(ClippedMean.fixed(1), 1, 0.5, seed),
                                Rehearsal.seeded(THOUSAND, 3000 + seed)),
                verdict -> verdict.estimate().orElseThrow().lowerLimit() > BOOKED);
    }

    /** A round has 25,000 canaries in; that of the gate is one of those that {@link #halfTheNoiseIsFoundInMostRunsOfFiftyThousand} repeats. */
    @Test
    void halfTheNoiseIsFoundByFiftyThousandCanaries() {
        AuditVerdict verdict = fiftyThousand(0);

        assertTrue(verdict.shown().epsilon() > BOOKED, verdict::toString);
    }

    @Test
    @Tag("long")
    void halfTheNoiseIsFoundInMostRunsOfFiftyThousand() {
        mostly(DetectionTest::fiftyThousand, verdict -> verdict.shown().isViolated());
    }

    private static AuditVerdict fiftyThousand(int seed) {
        return Rehearsal.of(1 << 16, 1)
                .verdict(
                        SeededNoise.tooSmall(ClippedMean.fixed(1), 1, 0.5, seed),
                        Rehearsal.seeded(PrivacyAudit.canaries(50_000).guesses(4000), 4000 + seed));
    }

    /** By the bound of the statement, and so surely that the run fails. */
    @Test
    void noiseDrawnOnceForTwoRoundsIsFound() {
        mostly(
                seed -> Rehearsal.of(1024, 2)
                        .verdict(
                                SeededNoise.drawnOnce(ClippedMean.fixed(1), 4, seed),
                                Rehearsal.seeded(THOUSAND, 5000 + seed)),
                verdict -> verdict.shown().isViolated() && !verdict.isPassed());
    }

    @Test
    void freshNoiseOfTwoRoundsIsNot() {
        mostly(
                seed -> Rehearsal.of(1024, 2)
                        .verdict(
                                SeededNoise.on(ClippedMean.fixed(1), 4, seed),
                                Rehearsal.seeded(THOUSAND, 6000 + seed)),
                verdict -> !verdict.shown().isViolated() && verdict.isPassed());
    }

    /** With the product's own noise: about once in 2,000 runs outside. */
    @Test
    void aMillionCoordinates() {
        AuditVerdict verdict = Rehearsal.of(1_000_000, 1)
                .verdict(
                        GaussianMechanism.on(ClippedMean.fixed(1), 1), Rehearsal.seeded(THOUSAND, 8));

        assertTrue(verdict.shown().epsilon() > 1 && !verdict.shown().isViolated(), verdict::toString);
    }

    @Test
    @Tag("long")
    void manyRunsOfAMillionCoordinates() {
        mostly(
                seed -> Rehearsal.of(1_000_000, 1)
                        .verdict(
                                GaussianMechanism.on(ClippedMean.fixed(1), 1),
                                Rehearsal.seeded(THOUSAND, 7000 + seed)),
                verdict -> verdict.shown().epsilon() > 1 && !verdict.shown().isViolated());
    }

    private static void mostly(IntFunction<AuditVerdict> run, Predicate<AuditVerdict> succeeds) {
        long successes = IntStream.range(0, RUNS).mapToObj(run).filter(succeeds).count();

        assertTrue(successes >= 0.95 * RUNS, () -> successes + " of " + RUNS);
    }
}
