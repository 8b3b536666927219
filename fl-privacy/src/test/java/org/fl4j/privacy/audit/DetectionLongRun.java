package org.fl4j.privacy.audit;

import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.SeededNoise;

/**
 * {@link DetectionTest} with more runs, larger ones, and the guesses between which the claim is made: a program, not a test. It ends with an
 * error where fewer than 95 % of the runs succeed.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=long-runs -pl fl-privacy -am -Dmain=org.fl4j.privacy.audit.DetectionLongRun -Dargs="200 20"     runs, large runs
 * </pre>
 */
final class DetectionLongRun {

    private DetectionLongRun() {}

    public static void main(String[] args) {
        int runs = Integer.parseInt(args[0]);
        DetectionTest.honest(runs, 100);
        DetectionTest.honest(runs, 200);
        DetectionTest.halfByEstimate(runs);
        DetectionTest.drawnOnce(runs);
        DetectionTest.fresh(runs);
        System.out.println("1,000 canaries: done");
        int large = Integer.parseInt(args[1]);
        fiftyThousandCanaries(large);
        System.out.println("50,000 canaries: done");
        aMillionCoordinates(large);
        System.out.println("a million coordinates: done");
    }

    /** 25,000 canaries are in; d holds as many directions. */
    private static void fiftyThousandCanaries(int runs) {
        PrivacyAudit audit = PrivacyAudit.canaries(50_000).guesses(4000);
        DetectionTest.mostly(
                runs,
                seed -> Rehearsal.of(1 << 16, 1)
                        .verdict(
                                SeededNoise.tooSmall(ClippedMean.fixed(1), 1, 0.5, seed),
                                Rehearsal.seeded(audit, 9000 + seed)),
                verdict -> verdict.shown().isViolated());
    }

    private static void aMillionCoordinates(int runs) {
        PrivacyAudit audit = PrivacyAudit.canaries(1000).guesses(150);
        DetectionTest.mostly(
                runs,
                seed -> Rehearsal.of(1_000_000, 1)
                        .verdict(GaussianMechanism.on(ClippedMean.fixed(1), 1), Rehearsal.seeded(audit, 7000 + seed)),
                verdict -> verdict.shown().epsilon() > 1 && !verdict.shown().isViolated());
    }
}
