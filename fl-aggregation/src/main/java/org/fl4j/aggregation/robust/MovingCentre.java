package org.fl4j.aggregation.robust;

import java.util.Arrays;
import java.util.List;
import org.fl4j.weights.ModelDelta;

/**
 * A point v that moves towards a round's updates, with its distances from them: the step that iterations for a centre have in
 * common. One step reads every update once. FP64.
 */
final class MovingCentre {

    private final HeldUpdates updates;
    private final double[] point;
    private double[] distances;

    /** Starts at a displacement. */
    MovingCentre(HeldUpdates updates, ModelDelta start) {
        this.updates = updates;
        this.point = new double[updates.layout().length()];
        start.copyTo(0, point.length, point, 0);
        this.distances = new double[updates.size()];
        move(new double[updates.size()]);
    }

    /** {@code |x_i - v|} for every update. */
    double[] distances() {
        return distances;
    }

    ModelDelta point() {
        return ModelDelta.of(updates.layout(), point);
    }

    /**
     * {@code v <- v + sum_i weights_i (x_i - v)}: with weights that add up to 1, to the weighted mean.
     *
     * @return the length of the step
     */
    double move(double[] weights) {
        List<double[]> partial = Columns.stripes(point.length)
                .map(stripe -> moveStripe(weights, stripe))
                .toList();
        double[] sums = new double[updates.size() + 1];
        for (double[] part : partial) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += part[i];
            }
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.sqrt(sums[i]);
        }
        distances = Arrays.copyOf(sums, updates.size());
        return sums[updates.size()];
    }

    /** The squared distances from the updates, and behind them the squared step. */
    private double[] moveStripe(double[] weights, Columns.Stripe stripe) {
        double[] step = new double[Columns.CHUNK];
        double[] squares = new double[updates.size() + 1];
        stripe.read(updates, Columns.all(updates), (rows, at, n) -> {
            squares[rows.length] += moveChunk(weights, rows, step, at, n);
            for (int i = 0; i < rows.length; i++) {
                squares[i] += squaredDistance(rows[i], at, n);
            }
        });
        return squares;
    }

    private double moveChunk(double[] weights, double[][] rows, double[] step, int at, int n) {
        Arrays.fill(step, 0);
        for (int i = 0; i < rows.length; i++) {
            double weight = weights[i];
            double[] row = rows[i];
            for (int k = 0; k < n; k++) {
                step[k] += weight * (row[k] - point[at + k]);
            }
        }
        double squaredStep = 0;
        for (int k = 0; k < n; k++) {
            point[at + k] += step[k];
            squaredStep += step[k] * step[k];
        }
        return squaredStep;
    }

    /** Four sums hide the latency of an addition. */
    private double squaredDistance(double[] row, int at, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int whole = n / 4 * 4;
        for (int k = 0; k < whole; k += 4) {
            a += square(row[k] - point[at + k]);
            b += square(row[k + 1] - point[at + k + 1]);
            c += square(row[k + 2] - point[at + k + 2]);
            d += square(row[k + 3] - point[at + k + 3]);
        }
        for (int k = whole; k < n; k++) {
            a += square(row[k] - point[at + k]);
        }
        return (a + b) + (c + d);
    }

    private static double square(double x) {
        return x * x;
    }
}
