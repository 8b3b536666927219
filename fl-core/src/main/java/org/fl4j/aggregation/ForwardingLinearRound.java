package org.fl4j.aggregation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * A linear round that passes everything on to another: a rule around a rule overrides what it changes. One that keeps a state
 * of its own overrides {@link #publicState} as well, which publishes the inner state alone.
 */
public interface ForwardingLinearRound extends LinearRound {

    /**
     * The round that is wrapped.
     *
     * @return always the same
     */
    LinearRound inner();

    @Override
    default Map<String, ModelDelta> taskVectors() {
        return inner().taskVectors();
    }

    @Override
    default List<Segment> segments() {
        return inner().segments();
    }

    @Override
    default UpdateEncoder encoder() {
        return inner().encoder();
    }

    @Override
    default AggregationResult decode(Summand total) {
        return inner().decode(total);
    }

    @Override
    default Optional<ComponentState> publicState() {
        return inner().publicState();
    }
}
