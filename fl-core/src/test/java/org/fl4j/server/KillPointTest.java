package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The quick form of {@link KillLongRun}: a run that is killed and resumed has the bits of one that was never disturbed. */
@Timeout(300)
class KillPointTest {

    @TempDir
    private Path folder;

    @Test
    void aKillBeforeAnyFileOperationLosesNothing() throws IOException {
        int points = new KillPoints(folder, 4).forEachKill(1, here -> {});
        assertTrue(points > 120, "operations: " + points);
    }

    /** A start without its folder is rejected or begins another run; once restored, the folder is resumed or rejected. */
    @Test
    void aStartWithoutOneOfTheFoldersLosesNothing() throws IOException {
        KillPoints points = new KillPoints(folder, 4);
        points.forEachKill(7, here -> points.startWithout(here, "server"));
        points.forEachKill(7, here -> points.startWithout(here, "clients"));
    }

    @Test
    void aProcessThatIsKilledAtAnyTimeLosesNothing() throws Exception {
        new RandomKills(folder, 60, 2).run(1, 17);
    }
}
