package org.fl4j.server;

import org.fl4j.aggregation.CohortVisibility;
import org.fl4j.aggregation.DirectAggregator;

/** Builds a server that sees each update in the clear. Not thread-safe. */
public final class DirectBuilder extends ServerBuilder<DirectBuilder> {

    DirectBuilder(DirectAggregator rule) {
        super(rule);
    }

    @Override
    DirectBuilder self() {
        return this;
    }

    @Override
    CohortVisibility visibleByTakingPart() {
        return CohortVisibility.SERVER_ONLY;
    }
}
