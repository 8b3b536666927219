package org.fl4j.client;

import java.lang.reflect.UndeclaredThrowableException;
import org.jspecify.annotations.Nullable;

/** What broke a run or a stream on one of its threads, to be thrown on the one that waits. Guarded by the owner's lock. */
final class Breakage {

    private @Nullable Throwable first;

    /** The first cause stays. */
    void by(Throwable cause) {
        first = first == null ? cause : first;
    }

    boolean isAny() {
        return first != null;
    }

    void throwIfAny() {
        if (first instanceof Error error) {
            throw error;
        }
        if (first instanceof RuntimeException exception) {
            throw exception;
        }
        if (first != null) {
            throw new UndeclaredThrowableException(first);
        }
    }
}
