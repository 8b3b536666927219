package org.fl4j.aggregation;

/**
 * A linear rule that adds calibrated noise to its sum, and has a {@link #guard} that charges it. What is done to updates before they are clipped
 * belongs inside of it, so a server with such a rule takes no codec.
 */
public interface PrivateAggregator extends LinearAggregator {}
