package org.fl4j.state;

/**
 * A run's hold on a store, from before its first round until after its last. While it lasts, no other run can claim the
 * store.
 */
public interface RunClaim extends AutoCloseable {

    /**
     * A claim that is released once, so that closing it again cannot release the next run's.
     *
     * @param release lets the next run claim the store
     * @return the claim
     */
    static RunClaim releasedBy(Runnable release) {
        return new OnceReleased(release);
    }

    /** Lets the next run claim the store. Does nothing the second time. */
    @Override
    void close();
}
