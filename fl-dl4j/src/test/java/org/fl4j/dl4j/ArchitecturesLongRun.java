package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random architectures, each by its training plan, by DL4J and by the reference in FP64; see {@link ArchitectureComparison}.
 * Ends with status 1 if one differed, or if too many were too near a kink to be compared.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=architectures -pl fl-dl4j -am -Dargs="0 1000"       first seed, how many
 * </pre>
 */
final class ArchitecturesLongRun {

    /** Share of seeds whose gradients may be too near a kink. */
    static final double APART = 0.02;

    private ArchitecturesLongRun() {}

    public static void main(String[] args) {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "arguments: first seed, how many, such as 0 1000, but was " + String.join(" ", args));
        }
        long first = Long.parseLong(args[0]);
        int count = Integer.parseInt(args[1]);
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
        long start = System.nanoTime();
        List<Long> apart = new ArrayList<>();
        int stepsApart = 0;
        int tensors = 0;
        int noise = 0;
        int decided = 0;
        int differing = 0;
        for (long seed = first; seed < first + count; seed++) {
            try {
                ArchitectureComparison.Outcome outcome = ArchitectureComparison.of(seed);
                if (outcome.nearKink()) {
                    apart.add(seed);
                }
                stepsApart += outcome.stepsNearKink() ? 1 : 0;
                tensors += outcome.tensors();
                noise += outcome.noise();
                decided += outcome.decided();
                if (!outcome.differences().isEmpty()) {
                    differing++;
                    System.out.println("seed " + seed + ", " + outcome.architecture() + ": " + outcome.differences());
                }
            } catch (RuntimeException | AssertionError e) {
                differing++;
                System.out.println("seed " + seed + ": " + e);
            }
        }
        System.out.printf(
                "%,d architectures in %.0f s: %d differ; too near a kink %d, seeds %s (their steps: %d);"
                        + " of %,d gradients of tensors %d had a floor above the tolerance, which decided for %d%n",
                count,
                (System.nanoTime() - start) * 1e-9,
                differing,
                apart.size(),
                apart,
                stepsApart,
                tensors,
                noise,
                decided);
        System.exit(differing == 0 && apart.size() <= APART * count ? 0 : 1);
    }
}
