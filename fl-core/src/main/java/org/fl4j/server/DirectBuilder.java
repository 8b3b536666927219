package org.fl4j.server;

import org.fl4j.aggregation.CohortVisibility;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregator;

/** Builds a server that sees each update in the clear. Not thread-safe. */
public final class DirectBuilder extends ServerBuilder<DirectBuilder> {

    private final DirectAggregator rule;

    DirectBuilder(DirectAggregator rule) {
        super(rule);
        this.rule = rule;
    }

    @Override
    DirectBuilder self() {
        return this;
    }

    @Override
    CohortVisibility visibleByTakingPart() {
        return CohortVisibility.SERVER_ONLY;
    }

    @Override
    UpdateCollector collector() {
        return rule instanceof LinearAggregator linear ? new LinearCollector(linear) : new DirectCollector(rule);
    }
}
