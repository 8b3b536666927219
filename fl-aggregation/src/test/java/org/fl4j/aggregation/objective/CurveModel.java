package org.fl4j.aggregation.objective;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Descends a client's parabola by full gradients, in FP64. Beside the trainable {@code w}, {@code [2]}, it has a statistic,
 * {@code [1]}, which training sets to b_0. With momentum it is no longer plain SGD.
 */
final class CurveModel implements GradientModel<Curve> {

    static final int DIMENSION = 2;
    static final ParameterLayout LAYOUT = Fixtures.layout(
            DataType.DOUBLE, ParameterSpec.trainable("w", DIMENSION), ParameterSpec.statistic("mean", 1));
    static final ModelWeights START = ModelWeights.copyOf(LAYOUT, new double[] {1, -2, 0});

    private final double momentum;
    private double[] w = new double[DIMENSION + 1];

    private CurveModel(double momentum) {
        this.momentum = momentum;
    }

    static CurveModel plain() {
        return new CurveModel(0);
    }

    static CurveModel withMomentum() {
        return new CurveModel(0.5);
    }

    static double[] values(ModelWeights weights) {
        double[] values = new double[DIMENSION + 1];
        for (int j = 0; j < values.length; j++) {
            values[j] = weights.get(j);
        }
        return values;
    }

    @Override
    public ParameterLayout layout() {
        return LAYOUT;
    }

    @Override
    public ModelWeights weights() {
        return ModelWeights.copyOf(LAYOUT, w);
    }

    @Override
    public void load(ModelWeights weights) {
        w = values(weights);
    }

    @Override
    public LocalTraining.Report train(Curve data, LocalTraining how, GradientCorrection correction, long seed) {
        long steps = how.stepsOver(data.examples());
        double[] velocity = new double[DIMENSION];
        double losses = 0;
        for (long step = 0; step < steps; step++) {
            losses += data.loss(w);
            double[] at = Arrays.copyOf(w, w.length);
            for (int j = 0; j < DIMENSION; j++) {
                velocity[j] = momentum * velocity[j] + data.gradient(at, j) + term(correction, at, j);
                w[j] -= how.learningRate() * velocity[j];
            }
        }
        w[DIMENSION] = data.b()[0];
        OptionalDouble stepSizes =
                momentum == 0 ? OptionalDouble.of(steps * how.learningRate()) : OptionalDouble.empty();
        return new LocalTraining.Report(data.examples(), steps, stepSizes, losses / steps);
    }

    @Override
    public Evaluation evaluate(Curve data) {
        return new Evaluation(data.examples(), data.loss(w), List.of());
    }

    private static double term(GradientCorrection correction, double[] at, int j) {
        double constant = correction.constant().map(c -> c.get(j)).orElse(0.0);
        double pull = correction
                .anchor()
                .map(anchor -> correction.pull() * (at[j] - anchor.get(j)))
                .orElse(0.0);
        return constant + pull;
    }
}
