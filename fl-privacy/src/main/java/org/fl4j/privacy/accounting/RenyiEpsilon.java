package org.fl4j.privacy.accounting;

/**
 * An epsilon by Renyi differential privacy and the order that gave it.
 *
 * @param epsilon at least 0; infinity where nothing can be claimed
 * @param order the best order, above 1; infinity where nothing was released
 */
public record RenyiEpsilon(double epsilon, double order) {}
