package org.fl4j.privacy.kills;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The quick form of {@link KillsLongRun}; clients that remember and every file operation are killed in fl-core. */
@Timeout(120)
class RandomKillsTest {

    private static final int ROUNDS = 30;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = Setting.class,
            names = {"FEDBUFF", "PRIVATE", "PRIVATE_BUFFER"})
    void aProcessThatIsKilledLosesNothing(Setting setting) throws Exception {
        RandomKills.Found found = new RandomKills(folder, setting, ROUNDS, 2).run(2, 3);

        assertEquals(List.of(), found.faults());
        assertEquals(2, found.kills());
        assertTrue(found.charged() >= found.drawn(), found::toString);
    }
}
