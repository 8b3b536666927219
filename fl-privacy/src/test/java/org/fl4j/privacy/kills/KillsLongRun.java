package org.fl4j.privacy.kills;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Kills processes at random moments in every {@link Setting}.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=long-runs -pl fl-privacy -am -Dmain=org.fl4j.privacy.kills.KillsLongRun -Dargs="50 10 7"
 *     kills in each setting, of one run at most, seed; names of settings, or all
 * </pre>
 */
final class KillsLongRun {

    private KillsLongRun() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("kills-");
        int faults = 0;
        List<String> names = List.of(args).subList(3, args.length);
        for (Setting setting : Setting.values()) {
            if (!names.isEmpty() && !names.contains(setting.name())) {
                continue;
            }
            long start = System.nanoTime();
            RandomKills.Found found = new RandomKills(folder, setting, setting.rounds, Integer.parseInt(args[1]))
                    .run(Integer.parseInt(args[0]), Long.parseLong(args[2]));
            System.out.printf("%s in %d s: %s%n", setting, (System.nanoTime() - start) / 1_000_000_000, found);
            faults += found.faults().size();
        }
        if (faults > 0) {
            throw new AssertionError(faults + " faults, in " + folder);
        }
    }
}
