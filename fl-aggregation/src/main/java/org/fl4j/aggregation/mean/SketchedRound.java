package org.fl4j.aggregation.mean;

import java.util.Map;
import java.util.TreeSet;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.weights.ModelDelta;

/** A round of a rule over sketches: sketch, then what the rule does; what the rule decodes, then decode. */
sealed interface SketchedRound extends LinearRound.Forwarding {

    SketchedLayout layout();

    /** Vectors of the sketches' shape would mean nothing to clients, and those of the model's nothing to the rule. */
    @Override
    default Map<String, ModelDelta> taskVectors() {
        Map<String, ModelDelta> vectors = inner().taskVectors();
        if (!vectors.isEmpty()) {
            throw new IllegalStateException(
                    "a rule over sketches must not send clients vectors beside the weights, but was "
                            + new TreeSet<>(vectors.keySet()) + "; they would be of the sketch's layout, "
                            + layout().sketched());
        }
        return vectors;
    }

    @Override
    default UpdateEncoder encoder() {
        return new Encoder(inner().encoder(), layout());
    }

    @Override
    default Aggregation.Result decode(Summand total) {
        Aggregation.Result result = inner().decode(total);
        return new Aggregation.Result(layout().decoded(result.aggregate()), result.state(), result.metrics());
    }

    record Linear(LinearRound inner, SketchedLayout layout) implements SketchedRound {}

    record Bounded(BoundedRound inner, SketchedLayout layout) implements SketchedRound, BoundedRound {

        @Override
        public Sensitivity sensitivity() {
            return inner.sensitivity();
        }
    }

    /** Damping is left to the rule, which may clip first: the map is linear, so it does not matter to it. */
    record Encoder(UpdateEncoder inner, SketchedLayout layout) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            return inner.encode(sketched(update));
        }

        @Override
        public Contribution encode(ClientUpdate update, double damping) {
            return inner.encode(sketched(update), damping);
        }

        private ClientUpdate sketched(ClientUpdate update) {
            if (!update.vectors().isEmpty()) {
                throw new UpdateRejectedException(
                        "an update must have no vectors beside its delta to be sketched, but has "
                                + new TreeSet<>(update.vectors().keySet()));
            }
            ModelDelta sketch = layout.sketch(update.delta());
            if (!sketch.isFinite()) {
                throw new UpdateRejectedException(
                        "the sketch of the delta has a coordinate that is not finite; did the client's model diverge?");
            }
            return new ClientUpdate(
                    update.client(),
                    update.round(),
                    update.token(),
                    sketch,
                    update.numExamples(),
                    update.vectors(),
                    update.scalars(),
                    update.objective());
        }
    }
}
