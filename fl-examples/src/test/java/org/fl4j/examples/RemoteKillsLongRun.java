package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.fl4j.ClientId;

/**
 * Kills processes of the remote example at random messages: a program, not a test. It stops at the first wrong sum, with an exception.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=remote-kills -pl fl-examples -am -Dargs="20 15"
 *     federations, each with 10 killed clients and 10 killed servers; seed
 * </pre>
 */
final class RemoteKillsLongRun {

    private static final int KILLS = 10;
    private static final int STAGES = 5;

    private RemoteKillsLongRun() {}

    public static void main(String... args) throws IOException, GeneralSecurityException, InterruptedException {
        int federations = Integer.parseInt(args[0]);
        Random random = new Random(Long.parseLong(args[1]));
        List<ClientId> ids = RemoteSetting.IDS;
        for (int i = 1; i <= federations; i++) {
            Path folder = Files.createTempDirectory("remote-kills-");
            RemoteSetting setting = i % 3 == 0 ? RemoteSetting.PLAIN : RemoteSetting.MASKED;
            int stages = setting == RemoteSetting.PLAIN ? 1 : STAGES;
            int[] messages = random.ints(KILLS, 1, stages + 1).toArray();
            ClientKills.When when =
                    random.nextBoolean() ? ClientKills.When.BEFORE_ITS_ANSWER : ClientKills.When.AFTER_ITS_ANSWER;
            new RemoteKills(folder.resolve("clients"))
                    .ofClient(setting, ids.get(random.nextInt(ids.size())), when, messages);
            assertEquals(
                    RemoteHere.run(setting, RemoteSetting.start(), 2, Set.of()),
                    new RemoteKills(folder.resolve("server")).ofServer(setting, 2, messages));
            System.out.println(setting + ", clients killed " + when + ", servers before it: right sums after "
                    + 2 * KILLS * i + " kills");
        }
        System.exit(0);
    }
}
