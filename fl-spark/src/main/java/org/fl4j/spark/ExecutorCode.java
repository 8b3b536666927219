package org.fl4j.spark;

import java.io.Serializable;
import org.fl4j.aggregation.Aggregator;

/**
 * What travels to executors once a runner.
 *
 * @param rule configured as the server's
 * @param clients makes the population, keyed or not
 */
record ExecutorCode(ExecutorSide<? extends Aggregator> rule, KeyedClients<Object> clients) implements Serializable {}
