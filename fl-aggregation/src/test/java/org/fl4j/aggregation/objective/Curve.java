package org.fl4j.aggregation.objective;

/**
 * A client's data: its loss is a parabola, F(w) = sum_j a_j / 2 (w_j - b_j)^2, over so many examples that differ in nothing.
 */
final class Curve {

    private final double[] a;
    private final double[] b;
    private final int examples;

    Curve(double[] a, double[] b, int examples) {
        this.a = a;
        this.b = b;
        this.examples = examples;
    }

    /** The curvature of each coordinate. */
    double[] a() {
        return a;
    }

    /** Where the loss is zero. */
    double[] b() {
        return b;
    }

    /** Decides how many steps an epoch has. */
    int examples() {
        return examples;
    }

    double loss(double[] w) {
        double loss = 0;
        for (int j = 0; j < a.length; j++) {
            loss += a[j] / 2 * (w[j] - b[j]) * (w[j] - b[j]);
        }
        return loss;
    }

    double gradient(double[] w, int j) {
        return a[j] * (w[j] - b[j]);
    }
}
