package org.fl4j.server.internal;

import java.time.Duration;
import java.util.Optional;
import org.fl4j.weights.ModelWeights;

/**
 * What a federated evaluation shares with the server it belongs to.
 *
 * @param deadline of an evaluation without one of its own
 * @param busy clients inside a call of the server
 * @param isPrivate whether the rule is
 * @param isOpen whether logs may name clients and counts
 * @param frozen what clients elsewhere are sent unless they hold it
 * @param hidesClients why nothing of single clients may be told, where it may not
 */
public record EvaluationTerms(
        Duration deadline,
        BusyClients busy,
        boolean isPrivate,
        boolean isOpen,
        Optional<ModelWeights> frozen,
        Optional<String> hidesClients) {}
