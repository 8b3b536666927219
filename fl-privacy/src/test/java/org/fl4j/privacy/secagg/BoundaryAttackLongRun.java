package org.fl4j.privacy.secagg;

import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;

/**
 * {@link BoundaryAttack} over many rounds with real noise: a program, not a test. Ends with status 1 if one round was
 * abandoned.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=long-runs -pl fl-privacy -am -Dmain=org.fl4j.privacy.secagg.BoundaryAttackLongRun -Dargs="10000"     rounds
 * </pre>
 */
final class BoundaryAttackLongRun {

    private static final double[] NOISE = {1.1, 8};
    private static final int[] VICTIMS = {0, 1};

    private BoundaryAttackLongRun() {}

    public static void main(String[] args) {
        int rounds = Integer.parseInt(args[0]);
        int abandoned = 0;
        for (double z : NOISE) {
            BoundaryAttack attack =
                    new BoundaryAttack(GaussianMechanism.on(ClippedMean.fixed(1).dividingBy(1), z));
            for (int victim : VICTIMS) {
                int recovered = 0;
                for (int round = 1; round <= rounds / (NOISE.length * VICTIMS.length); round++) {
                    recovered +=
                            attack.released(round, victim, attack.question(0)).isPresent() ? 1 : 0;
                }
                int lost = rounds / (NOISE.length * VICTIMS.length) - recovered;
                System.out.printf(
                        "z = %s, a victim at %d steps: %,d recovered, %,d abandoned%n", z, victim, recovered, lost);
                abandoned += lost;
            }
        }
        System.exit(abandoned == 0 ? 0 : 1);
    }
}
