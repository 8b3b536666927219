package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import org.junit.jupiter.api.Test;

class BreakageTest {

    @Test
    void theFirstCauseIsThrownAsItself() {
        for (Throwable cause : new Throwable[] {new StackOverflowError(), new IllegalStateException("ours")}) {
            Breakage broken = new Breakage();
            broken.throwIfAny();
            assertFalse(broken.isAny());
            broken.by(cause);
            broken.by(new IllegalArgumentException("later"));

            assertTrue(broken.isAny());
            assertSame(cause, assertThrows(cause.getClass(), broken::throwIfAny));
        }
    }

    @Test
    void aCheckedCauseIsWrapped() {
        Breakage broken = new Breakage();
        IOException cause = new IOException("checked");
        broken.by(cause);

        assertSame(
                cause,
                assertThrows(UndeclaredThrowableException.class, broken::throwIfAny)
                        .getUndeclaredThrowable());
    }
}
