package org.fl4j.aggregation.objective;

import java.util.Map;
import java.util.Optional;
import org.fl4j.client.LocalObjective;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;

/** The clients' side of {@link QFedAvg}: empirical risk, and the loss of the global weights beside the delta. */
final class GlobalLossObjective implements LocalObjective {

    static final String NAME = "empirical-risk-and-global-loss";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> needsSynchronousCohort() {
        return Optional.of("it weighs clients by their losses under one model");
    }

    @Override
    public Session begin(LocalObjective.Context context) {
        double loss = context.globalLoss();
        return new Session() {
            @Override
            public GradientCorrection correction() {
                return GradientCorrection.none();
            }

            @Override
            public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                return new Extras(Map.of(), Map.of(QFedAvg.GLOBAL_LOSS, loss), ComponentState.EMPTY);
            }
        };
    }
}
