package org.fl4j.aggregation.objective;

import java.util.Map;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/** The clients' side of {@link Scaffold}: remembers c_i, corrects by c - c_i, sends c_i+ - c_i. */
final class ScaffoldObjective implements LocalObjective {

    static final String NAME = "scaffold";

    private static final String KIND = "scaffold-client";
    private static final int VERSION = 1;
    private static final String CONTROL = Scaffold.CONTROL;

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
        ModelDelta everybodys = control(context.task());
        ModelDelta own = own(context.remembered(), everybodys.layout());
        return new Session() {
            @Override
            public GradientCorrection correction() {
                return GradientCorrection.constant(everybodys.minus(own));
            }

            @Override
            public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                ModelDelta change = change(report, delta, everybodys);
                ComponentState remember = own.plus(change).putInto(ComponentState.of(KIND, VERSION), CONTROL);
                return new Extras(Map.of(CONTROL, change), Map.of(), remember);
            }
        };
    }

    /** c_i+ - c_i = -c + (x - y) / (K rate), and x - y is minus the delta. */
    private static ModelDelta change(LocalTraining.Report report, ModelDelta delta, ModelDelta everybodys) {
        double stepSizes = report.stepSizeSum()
                .orElseThrow(
                        () -> new IllegalStateException(
                                "SCAFFOLD rests on plain SGD steps, but the client's model"
                                        + " trains with another optimizer, momentum, gradient clipping or constraints; give it plain SGD"));
        return stepSizes == 0
                ? ModelDelta.zero(delta.layout())
                : delta.trainableOnly().times(-1 / stepSizes).minus(everybodys);
    }

    private static ModelDelta own(ComponentState remembered, ParameterLayout layout) {
        return remembered.isEmpty()
                ? ModelDelta.zero(layout)
                : ModelDelta.from(remembered.expect(KIND, VERSION), CONTROL, layout);
    }

    private static ModelDelta control(TrainingTask task) {
        ModelDelta control = task.vectors().get(CONTROL);
        if (control == null) {
            throw new IllegalArgumentException("round " + task.round() + ": SCAFFOLD needs the vector '" + CONTROL
                    + "' but the task has " + task.vectors().keySet() + "; is the server's rule Scaffold?");
        }
        return control;
    }
}
