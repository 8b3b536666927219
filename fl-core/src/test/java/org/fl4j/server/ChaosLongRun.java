package org.fl4j.server;

/**
 * Long runs in which most calls go wrong.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=kills -pl fl-core -Dmain=org.fl4j.server.ChaosLongRun -Dargs=1000
 *     rounds
 * </pre>
 */
final class ChaosLongRun {

    private static final int ONE_BLOCK = 12;
    private static final int THREE_BLOCKS = 40;

    /** Bytes by which the heap of a late round may exceed that of an early one. */
    private static final long FLAT = 4 << 20;

    /** A thread that is about to end its round when the next one begins makes for one more: as many as serve at a time. */
    private static final int SPARE = 4;

    private ChaosLongRun() {}

    public static void main(String... args) {
        int rounds = Integer.parseInt(args[0]);
        boolean good = true;
        for (ChaosRun.Clock clock : ChaosRun.Clock.values()) {
            for (int cohort : new int[] {ONE_BLOCK, THREE_BLOCKS}) {
                long start = System.nanoTime();
                ChaosRun.Found found = new ChaosRun(clock, cohort, rounds, rounds / 5).play();
                System.out.printf(
                        "%s, cohort %d, %d rounds in %.1f s: %s%n",
                        clock, cohort, rounds, (System.nanoTime() - start) / 1e9, found);
                good &= found.clean()
                        && found.finished() == rounds
                        && found.late().bytes() < found.early().bytes() + FLAT
                        && found.late().threads()
                                <= found.early().threads() + found.late().abandoned() + SPARE;
            }
        }
        if (!good) {
            throw new AssertionError("see above");
        }
    }
}
