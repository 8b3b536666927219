package org.fl4j.client;

/**
 * How many threads of a runner are held by clients that others no longer wait for: native code cannot be stopped, so such
 * a thread is lost until its client returns. Thread-safe.
 */
final class LostThreads {

    private int count;

    /** One more by choice: a client holds its thread for too long and the next is to get another. */
    synchronized boolean tryAdd() {
        if (count >= InProcessRunner.MOST_ABANDONED) {
            return false;
        }
        count++;
        return true;
    }

    /** One more whether or not there is room: the run is over and its client is not. */
    synchronized void add() {
        count++;
    }

    synchronized void returned() {
        count--;
    }

    synchronized int count() {
        return count;
    }

    /** What to throw where none is left. */
    IllegalStateException all() {
        return new IllegalStateException("every thread of this runner is held by a client that did not return when it"
                + " was interrupted; give clients time limits of their own");
    }

    /** How many of so many threads a new run may have. */
    synchronized int left(int threads) {
        return Math.min(threads, threads + InProcessRunner.MOST_ABANDONED - count);
    }
}
