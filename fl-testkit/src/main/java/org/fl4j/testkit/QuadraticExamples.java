package org.fl4j.testkit;

import java.util.Arrays;
import java.util.function.Consumer;
import org.fl4j.model.ExampleGradients;

/** The gradients {@code w - x_i} of a {@link QuadraticModel}'s points, in FP64. */
final class QuadraticExamples implements ExampleGradients {

    private static final int MOST_IN_SUM = 64;

    private final double[][] points;
    private final double[] w;
    private final Consumer<double[]> stepping;

    QuadraticExamples(double[][] points, double[] w, Consumer<double[]> stepping) {
        this.points = points;
        this.w = w;
        this.stepping = stepping;
    }

    @Override
    public int examples() {
        return points.length;
    }

    @Override
    public int mostInSum() {
        return MOST_IN_SUM;
    }

    @Override
    public double sensitivity(double clipNorm) {
        return clipNorm * (1 + 0x1p-30);
    }

    @Override
    public void sum(int[] chosen, int from, int count, double clipNorm, double[] into) {
        if (count < 1 || count > MOST_IN_SUM) {
            throw new IllegalArgumentException("a sum must have 1 to " + MOST_IN_SUM + " examples, but had " + count);
        }
        Arrays.fill(into, 0);
        for (int i = from; i < from + count; i++) {
            double[] x = points[chosen[i]];
            double squares = 0;
            for (int j = 0; j < w.length; j++) {
                squares += (w[j] - x[j]) * (w[j] - x[j]);
            }
            if (squares < Double.POSITIVE_INFINITY) {
                double factor = Math.min(1, clipNorm / Math.sqrt(squares));
                for (int j = 0; j < w.length; j++) {
                    into[j] += factor * (w[j] - x[j]);
                }
            }
        }
    }

    @Override
    public void step(double[] gradient) {
        stepping.accept(gradient);
    }

    @Override
    public void end() {}
}
