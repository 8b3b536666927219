package org.fl4j.testkit;

import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ExampleGradientModel;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The smallest model that learns, for tests that need known answers: it finds the mean of points in d dimensions by
 * minimising
 *
 * <pre>  f(w) = 1 / (2 n) * sum_i ||w - x_i||^2,   gradient w - mean(x)</pre>
 *
 * <p>with plain SGD. Over full batches with learning rate r and no correction, t steps from w0 lead to
 *
 * <pre>  w_t = mean(x) + (1 - r)^t * (w0 - mean(x)),</pre>
 *
 * <p>and with a pull mu towards an anchor a and a constant c to the same form with {@code (mean(x) + mu a - c) / (1 + mu)}
 * for the mean and {@code r (1 + mu)} for r. All in FP64 on the heap, without ND4J's native code; {@code [d]} weights in
 * one TRAINABLE parameter {@code w}. The data are points as rows, {@code [n][d]}. Not thread-safe.
 */
public final class QuadraticModel implements ExampleGradientModel<double[][]> {

    private final ParameterLayout layout;
    private final double[] w;

    /**
     * A model at the origin.
     *
     * @param dimension d
     */
    public QuadraticModel(int dimension) {
        this(layoutOf(dimension));
    }

    /**
     * A model at the origin whose coordinates are cut into several parameters; each coordinate is learned by itself.
     *
     * @param layout d TRAINABLE coordinates of dtype DOUBLE
     */
    public QuadraticModel(ParameterLayout layout) {
        this.layout = layout;
        w = new double[layout.length()];
    }

    /**
     * The layout of every model of some dimension.
     *
     * @param dimension d
     * @return one TRAINABLE parameter of dtype DOUBLE
     */
    public static ParameterLayout layoutOf(int dimension) {
        return new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("w", dimension)));
    }

    /**
     * Weights of such a model.
     *
     * @param values {@code [d]}
     * @return the weights
     */
    public static ModelWeights weightsOf(double... values) {
        return ModelWeights.copyOf(layoutOf(values.length), values);
    }

    @Override
    public List<Object> exclusiveState() {
        return List.of(w);
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public ModelWeights weights() {
        return ModelWeights.copyOf(layout, w);
    }

    @Override
    public void load(ModelWeights weights) {
        weights.layout().differenceFrom(layout).ifPresent(difference -> {
            throw new IllegalArgumentException("the layouts differ: " + difference);
        });
        for (int j = 0; j < w.length; j++) {
            w[j] = weights.get(j);
        }
    }

    @Override
    public LocalTraining.Report train(double[][] points, LocalTraining how, GradientCorrection correction, long seed) {
        correction.requireSame(layout);
        MiniBatches batches = new MiniBatches(points.length, how, seed);
        double losses = 0;
        long steps = 0;
        while (batches.next()) {
            double[] gradient = new double[w.length];
            for (int i = 0; i < batches.size(); i++) {
                double[] x = points[batches.example(i)];
                losses += loss(x) / batches.size();
                for (int j = 0; j < w.length; j++) {
                    gradient[j] += (w[j] - x[j]) / batches.size();
                }
            }
            step(gradient, how, correction);
            steps++;
        }
        return new LocalTraining.Report(
                points.length, steps, OptionalDouble.of(steps * how.learningRate()), steps == 0 ? 0 : losses / steps);
    }

    private void step(double[] gradient, LocalTraining how, GradientCorrection correction) {
        for (int j = 0; j < w.length; j++) {
            if (!correction.holds(j)) {
                w[j] -= how.learningRate() * (gradient[j] + term(correction, j));
            }
        }
    }

    @Override
    public ExampleGradients beginExamples(
            double[][] points, LocalTraining how, GradientCorrection correction, long seed) {
        correction.requireSame(layout);
        return new QuadraticExamples(points, w, gradient -> step(gradient, how, correction));
    }

    @Override
    public Evaluation evaluate(double[][] points) {
        Evaluation.Tally tally = new Evaluation.Tally(0);
        for (double[] x : points) {
            tally.addLoss(loss(x), 1);
        }
        return tally.evaluation();
    }

    private double loss(double[] x) {
        double squares = 0;
        for (int j = 0; j < w.length; j++) {
            squares += (w[j] - x[j]) * (w[j] - x[j]);
        }
        return squares / 2;
    }

    private double term(GradientCorrection correction, int j) {
        if (!correction.corrects(j)) {
            return 0;
        }
        double constant = correction.constant().map(c -> c.get(j)).orElse(0.0);
        return correction
                .anchor()
                .map(anchor -> constant + correction.pull() * (w[j] - anchor.get(j)))
                .orElse(constant);
    }
}
