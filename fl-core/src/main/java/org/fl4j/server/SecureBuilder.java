package org.fl4j.server;

import org.fl4j.aggregation.SecureAggregator;

/** Builds a server that sees only masked sums. Not thread-safe. */
public final class SecureBuilder extends ServerBuilder<SecureBuilder> {

    private final SecureAggregator rule;

    SecureBuilder(SecureAggregator rule) {
        super(rule);
        this.rule = rule;
    }

    @Override
    SecureBuilder self() {
        return this;
    }

    @Override
    UpdateCollector collector() {
        return new SecureCollector(rule);
    }
}
