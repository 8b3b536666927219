package org.fl4j.client;

import org.fl4j.model.ModelWeights;

/**
 * What the server asks of a client whose data are to judge the global weights.
 *
 * @param round after which round
 * @param global the weights to evaluate, {@code [d]}
 */
public record EvaluationTask(int round, ModelWeights global) {}
