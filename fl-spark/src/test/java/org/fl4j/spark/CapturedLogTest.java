package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class CapturedLogTest {

    @Test
    void keepsWhatIsLoggedBySlf4jWhileItIsOpen() {
        var log = LoggerFactory.getLogger(CapturedLogTest.class);
        CapturedLog closed = CapturedLog.of(CapturedLogTest.class);
        closed.close();
        try (CapturedLog captured = CapturedLog.of(CapturedLogTest.class)) {
            log.warn("host '{}' has other bits", "b");
            log.debug("a detail");
            assertEquals(List.of("host 'b' has other bits"), captured.warnings());
            assertEquals(List.of("a detail"), captured.at(Level.DEBUG));
        }
        log.debug("no one listens");
        assertEquals(List.of(), closed.at(Level.WARN));
    }
}
