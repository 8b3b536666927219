package org.fl4j.aggregation.objective;

import java.util.Map;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.internal.Check;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/** The clients' side of {@link FedDyn}: remembers h_k, the gradient at its last local optimum. */
final class DynamicObjective implements LocalObjective {

    private static final String NAME = "dynamic-regularisation";
    private static final String ALPHA = "alpha";
    private static final String KIND = "feddyn-client";
    private static final int VERSION = 1;
    private static final String H = "h";

    static ObjectiveSpec id(double alpha) {
        return ObjectiveSpec.of(NAME, ALPHA, Check.positive("alpha", alpha));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean remembers() {
        return true;
    }

    @Override
    public Session begin(LocalObjective.Context context) {
        double alpha = context.task().objective().parameter(ALPHA);
        ModelWeights global = context.task().global();
        ComponentState remembered = context.remembered().expect(KIND, VERSION);
        ModelDelta h = remembered.isEmpty()
                ? ModelDelta.zero(global.layout())
                : ModelDelta.from(remembered, H, global.layout());
        return new Session() {
            @Override
            public GradientCorrection correction() {
                return GradientCorrection.towards(global, alpha).withConstant(h.times(-1));
            }

            @Override
            public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                // Statistics get an h as well, which no correction reads.
                ModelDelta next = h.minus(delta.times(alpha));
                return new Extras(Map.of(), Map.of(), next.putInto(ComponentState.of(KIND, VERSION), H));
            }
        };
    }
}
