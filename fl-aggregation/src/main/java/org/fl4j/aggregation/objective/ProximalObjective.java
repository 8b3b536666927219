package org.fl4j.aggregation.objective;

import java.util.Map;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.internal.Check;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;

/** The clients' side of {@link FedProx}: a pull of strength mu towards the global weights. */
final class ProximalObjective implements LocalObjective {

    private static final String NAME = "proximal";
    private static final String MU = "mu";

    static ObjectiveSpec id(double mu) {
        return ObjectiveSpec.of(NAME, MU, Check.notNegative("mu", mu));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Session begin(LocalObjective.Context context) {
        double mu = context.task().objective().parameter(MU);
        GradientCorrection pull = GradientCorrection.towards(context.task().global(), mu);
        return new Session() {
            @Override
            public GradientCorrection correction() {
                return pull;
            }

            @Override
            public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                if (report.stepSizeSum().isEmpty() || report.steps() == 0) {
                    return Extras.NONE;
                }
                double rate = report.stepSizeSum().getAsDouble() / report.steps();
                return new Extras(
                        Map.of(),
                        Map.of(ClientUpdate.STEPS, gradients(report.steps(), rate * mu)),
                        ComponentState.EMPTY);
            }
        };
    }

    /**
     * How many gradients the delta adds up: each step shrinks what is there by r = 1 - rate * mu, so gradient j of tau counts
     * r^(tau - 1 - j), and ||a||_1 = sum_j |r|^j (Wang et al., NeurIPS 2020, section 4.1).
     */
    static double gradients(long steps, double shrinkage) {
        double r = Math.abs(1 - shrinkage);
        return r == 1 ? (double) steps : (1 - StrictMath.pow(r, (double) steps)) / (1 - r);
    }
}
