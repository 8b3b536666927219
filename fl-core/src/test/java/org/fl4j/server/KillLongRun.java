package org.fl4j.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Kills runs before each of their file operations, and processes at random times.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=kills -pl fl-core -Dargs="10 20 6"
 *     rounds of the runs with kill points, runs that are killed at random, kills of each
 * </pre>
 */
final class KillLongRun {

    private KillLongRun() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("kill-long-run-");
        KillPoints points = new KillPoints(folder, Integer.parseInt(args[0]));
        System.out.println(points.forEachKill(1, here -> {}) + " kill points, same bits after each");
        for (String lost : new String[] {"server", "clients"}) {
            int count = points.forEachKill(1, here -> points.startWithout(here, lost));
            System.out.println(
                    count + " kill points with a start without '" + lost + "', same bits or a rejection after each");
        }
        int runs = Integer.parseInt(args[1]);
        int killed = new RandomKills(folder, 300, Integer.parseInt(args[2])).run(runs, 42);
        System.out.println(killed + " processes of " + runs + " runs killed at random, same bits at the end of each");
    }
}
