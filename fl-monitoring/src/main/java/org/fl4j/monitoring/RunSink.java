package org.fl4j.monitoring;

/**
 * Gets what a run shows, from a {@link Monitoring}: a start, a record for each round, an end. What it gets may be kept and
 * forwarded, as everything that the run's {@link RunStart#disclosure} does not let out is left out of it before.
 *
 * <p>What it throws is logged once and counted by {@link Monitoring#failures}; the run goes on, and so do the calls.
 *
 * <p>Called by one thread at a time, the one that runs the rounds: a sink that may take longer than a file does has a thread of
 * its own. One sink serves one {@link Monitoring}.
 */
public interface RunSink extends AutoCloseable {

    /**
     * A run starts, or continues.
     *
     * @param run which, from where, on what
     */
    default void runStarted(RunStart run) {}

    /**
     * A round ended, and everybody who evaluates it has done so.
     *
     * @param round what is known of it
     */
    void roundEnded(RoundRecord round);

    /** The run ended, however: what was written is to outlive a power cut from here on. More runs may follow. */
    default void runEnded() {}

    /** Ends the sink; called once, after {@link #runEnded}. */
    @Override
    default void close() {}
}
