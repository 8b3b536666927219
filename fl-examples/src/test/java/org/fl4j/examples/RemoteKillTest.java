package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Set;
import org.fl4j.ClientId;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a client and of the server in each stage: the right sum, never a wrong one. */
@Timeout(180)
class RemoteKillTest {

    private static final ClientId VICTIM = RemoteSetting.IDS.get(1);

    @TempDir
    Path folder;

    @Test
    void aMaskingClientIsKilledInEachStage() throws Exception {
        new RemoteKills(folder)
                .ofClient(RemoteSetting.MASKED, VICTIM, ClientKills.When.BEFORE_ITS_ANSWER, 1, 2, 3, 4, 5);
    }

    /** It is asked the same again, trains again, and nobody can tell. */
    @Test
    void aClientInTheClearIsKilledWhileItTrains() throws Exception {
        new RemoteKills(folder).ofClient(RemoteSetting.PLAIN, VICTIM, ClientKills.When.BEFORE_ITS_ANSWER, 1);
    }

    @Test
    void theServerIsKilledInEachStage() throws Exception {
        ServerState end = new RemoteKills(folder).ofServer(RemoteSetting.MASKED, 2, 1, 2, 3, 4, 5);
        assertEquals(RemoteHere.run(RemoteSetting.MASKED, RemoteSetting.start(), 2, Set.of()), end);
    }

    /** The round that was under way had been charged, and its noise may have been released. */
    @Test
    void whatAKilledServerSpentStaysSpent() throws Exception {
        ServerState end = new RemoteKills(folder).ofServer(RemoteSetting.PRIVATE, 2, 1);
        assertEquals(2, end.round());
        Path journal = new RemoteFiles(folder).server().resolve("journal");
        assertEquals(
                3,
                RemoteSetting.mechanism()
                        .journal(journal)
                        .statement(end.ledger(), 1e-5)
                        .rounds());
    }
}
