package org.fl4j.state;

import java.util.concurrent.atomic.AtomicBoolean;

/** A claim that is released once, so that closing it again cannot release the next run's. */
final class OnceReleased implements ClientStateStore.Claim {

    private final AtomicBoolean closed = new AtomicBoolean();
    private final Runnable release;

    OnceReleased(Runnable release) {
        this.release = release;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }
}
