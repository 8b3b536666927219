package org.fl4j;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import org.jspecify.annotations.Nullable;

/** The thread that ran a round was interrupted. The state before the round is still valid. */
public final class RunInterruptedException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message how far the run had come
     */
    public RunInterruptedException(String message) {
        super(message);
    }

    private RunInterruptedException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * What to throw for a file operation that failed: this exception if an interrupt ended it, the thread's flag being set
     * again, or the given one. The file is the old one or the new one.
     *
     * @param failed as it was thrown
     * @return to be thrown
     */
    public static RuntimeException unlessFailed(UncheckedIOException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (isInterrupt(cause)) {
                Thread.currentThread().interrupt();
                return new RunInterruptedException(
                        "interrupted during a file operation: " + failed.getMessage(), failed);
            }
        }
        return failed;
    }

    private static boolean isInterrupt(@Nullable Throwable cause) {
        return cause instanceof ClosedByInterruptException
                || cause instanceof FileLockInterruptionException
                || cause instanceof InterruptedIOException;
    }
}
