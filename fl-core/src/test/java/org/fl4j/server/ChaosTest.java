package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick form of {@link ChaosLongRun}. */
@Timeout(120)
class ChaosTest {

    /** One block, and three. */
    @ParameterizedTest
    @ValueSource(ints = {12, 40})
    void runsThroughTroubleInVirtualTime(int cohort) {
        ChaosRun.Found found = new ChaosRun(ChaosRun.Clock.VIRTUAL, cohort, 100, 20).play();

        assertEquals(100, found.advanced());
        assertTrue(found.clean(), found::toString);
        double calls = 100.0 * cohort;
        for (var share : Map.of("Failed", 0.27, "Rejected", 0.09, "TimedOut", 0.1, "Completed", 0.54)
                .entrySet()) {
            double p = share.getValue();
            // Five standard errors, with a fixed seed.
            assertEquals(
                    p,
                    found.outcomes().get(share.getKey()) / calls,
                    5 * Math.sqrt(p * (1 - p) / calls),
                    found::toString);
        }
    }

    @Test
    void runsThroughTroubleOnTheRealClock() {
        ChaosRun.Found found = new ChaosRun(ChaosRun.Clock.REAL, 12, 40, 20).play();

        assertEquals(40, found.finished());
        assertTrue(found.clean(), found::toString);
        assertTrue(found.outcomes().get("TimedOut") > 10, found::toString);
    }
}
