package org.fl4j.server.selection;

import org.fl4j.aggregation.SamplingScheme;

/** Every client in every round. */
record EveryClientSelector() implements ClientSelector {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return ClientSelector.Selection.of(context.population());
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.EveryClient();
    }
}
