package org.fl4j.client;

/**
 * A run's hold on a store, from before its first round until after its last. While it lasts, no other run can claim the
 * store.
 */
public interface RunClaim extends AutoCloseable {

    /** Lets the next run claim the store. Does nothing the second time. */
    @Override
    void close();
}
