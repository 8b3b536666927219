package org.fl4j.server.selection;

import org.fl4j.aggregation.SamplingScheme;

/** Every client in every round. */
record EveryClientSelector() implements ClientSelector {

    @Override
    public Selection select(SelectionContext context) {
        return Selection.of(context.population());
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.EveryClient();
    }
}
