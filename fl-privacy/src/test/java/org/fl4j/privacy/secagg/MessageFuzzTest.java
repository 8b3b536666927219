package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The quick form of {@link MessageFuzzLongRun}. */
class MessageFuzzTest {

    @ParameterizedTest(name = "{0}, seed {1}, about {2} damaged messages")
    @CsvSource({"CURIOUS, 20261121, 8000", "SEMI_MALICIOUS, 20261122, 4000", "MALICIOUS, 20261123, 8000"})
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void rejectsADamagedMessageAndContinues(Adversary adversary, long seed, int messages) {
        FuzzLog log = new FuzzLog();
        MessageFuzz fuzz = new MessageFuzz(log, seed);
        FuzzedCohort cohort = FuzzedCohort.of(adversary, 4);
        for (int round = 1; round <= 2; round++) {
            fuzz.run(cohort, round, messages / 2);
        }
        assertEquals(List.of(), log.findings());
        assertTrue(log.total() > messages * 8L / 10, () -> log.total() + " of " + messages + " were sent");
        for (ProtocolStage stage : ProtocolStage.values()) {
            for (Direction way : Direction.values()) {
                boolean there = stage != ProtocolStage.CONSISTENCY || adversary != Adversary.CURIOUS;
                assertEquals(there, log.count(stage, way) > 0, () -> stage + " " + way);
            }
        }
    }
}
