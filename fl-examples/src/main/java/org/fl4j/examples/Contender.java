package org.fl4j.examples;

import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.ServerOptimizer;

/**
 * One of the algorithms that a table compares.
 *
 * @param name in the table
 * @param rule what clients minimise and how updates combine
 * @param optimizer how the server steps
 */
record Contender(String name, DirectAggregator rule, ServerOptimizer optimizer) {

    static Contender of(String name, DirectAggregator rule) {
        return new Contender(name, rule, ServerOptimizer.plain());
    }
}
