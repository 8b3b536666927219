package org.fl4j.privacy.dp;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;

/**
 * Bands of the least error: the coefficients 1 &gt;= c_1 &gt;= c_2 &gt;= ... &gt;= 0 for which the sensitivity times the root mean
 * square deviation of the prefix sums is smallest, by projected gradient descent from the square root.
 *
 * <p>The logarithm of the square of that product is minimised, by steps of Barzilai and Borwein (1988) with the line search of
 * Birgin, Martinez, Raydan (2000); the projection pools neighbours that would rise. Whatever comes out is a valid strategy, as its
 * sensitivity is computed of the coefficients. A gradient costs 2 T p multiplications, and a descent some 20 of them. The same
 * bits everywhere: no operation depends on the platform.
 */
final class OptimizedBands {

    private static final int MOST_STEPS = 200;
    private static final int MEMORY = 10;
    private static final double SUFFICIENT = 1e-4;
    private static final double SMALLEST_DECREASE = 1e-12;
    private static final double SMALLEST_SHARE = 1e-9;

    private final int rounds;
    private final int separation;

    /** Coefficients, the objective there and its gradient; c_0 stays 1. */
    private record Point(Coefficients at, double value, Coefficients gradient) {}

    /** A vector, so that records have no array. */
    private static final class Coefficients {

        private final double[] values;

        Coefficients(double[] values) {
            this.values = values;
        }

        double dot(Coefficients other) {
            double sum = 0;
            for (int k = 0; k < values.length; k++) {
                sum += values[k] * other.values[k];
            }
            return sum;
        }

        Coefficients plus(double factor, Coefficients other) {
            double[] sum = values.clone();
            for (int k = 0; k < sum.length; k++) {
                sum[k] += factor * other.values[k];
            }
            return new Coefficients(sum);
        }
    }

    private OptimizedBands(int rounds, int separation) {
        this.rounds = rounds;
        this.separation = separation;
    }

    static ToeplitzStrategy of(int rounds, int separation, int bands) {
        Coefficients start =
                new Coefficients(ToeplitzStrategy.squareRoot(rounds, bands).coefficients());
        return new ToeplitzStrategy(new OptimizedBands(rounds, separation).descend(start).values, rounds);
    }

    private Coefficients descend(Coefficients start) {
        Point here = point(start);
        Point best = here;
        Deque<Double> recent = new ArrayDeque<>();
        double step = 1;
        for (int i = 0; i < MOST_STEPS; i++) {
            recent.addLast(here.value());
            if (recent.size() > MEMORY) {
                recent.removeFirst();
            }
            Coefficients direction =
                    projected(here.at().plus(-step, here.gradient())).plus(-1, here.at());
            double slope = here.gradient().dot(direction);
            if (slope > -SMALLEST_DECREASE) {
                break;
            }
            Point next = search(here, direction, slope, Collections.max(recent));
            Coefficients moved = next.at().plus(-1, here.at());
            double curvature = moved.dot(next.gradient().plus(-1, here.gradient()));
            step = curvature > 0 ? moved.dot(moved) / curvature : 2 * step;
            best = next.value() < best.value() ? next : best;
            here = next;
        }
        return best.at();
    }

    /** Halves the step until the value is enough below the largest of the last ones. */
    private Point search(Point from, Coefficients direction, double slope, double largest) {
        double share = 1;
        Point next = point(from.at().plus(share, direction));
        while (next.value() > largest + SUFFICIENT * share * slope && share > SMALLEST_SHARE) {
            share /= 2;
            next = point(from.at().plus(share, direction));
        }
        return next;
    }

    /** The nearest coefficients that do not increase, from 1 to 0: neighbours that rise are pooled to their mean. */
    private static Coefficients projected(Coefficients coefficients) {
        int n = coefficients.values.length;
        double[] means = new double[n];
        int[] weights = new int[n];
        int pools = 0;
        for (int k = 1; k < n; k++) {
            means[pools] = coefficients.values[k];
            weights[pools++] = 1;
            while (pools > 1 && means[pools - 2] < means[pools - 1]) {
                int weight = weights[pools - 2] + weights[pools - 1];
                double sum = means[pools - 2] * weights[pools - 2] + means[pools - 1] * weights[pools - 1];
                means[--pools - 1] = sum / weight;
                weights[pools - 1] = weight;
            }
        }
        double[] falling = new double[n];
        falling[0] = 1;
        int at = 1;
        for (int pool = 0; pool < pools; pool++) {
            for (int i = 0; i < weights[pool]; i++) {
                falling[at++] = Math.max(0, Math.min(1, means[pool]));
            }
        }
        return new Coefficients(falling);
    }

    /** log sens^2 + log sum_t (T - t) b_t^2, b the first column of B = A C^-1; the gradient of b by the transposed system. */
    private Point point(Coefficients coefficients) {
        double[] c = coefficients.values;
        double[] entries = entries(c);
        double[] b = new ToeplitzStrategy(c, rounds).prefixes();
        double[] adjoint = new double[rounds];
        double squares = 0;
        double rows = 0;
        for (int t = rounds - 1; t >= 0; t--) {
            squares += entries[t] * entries[t];
            rows += (rounds - t) * b[t] * b[t];
            adjoint[t] = 2 * (rounds - t) * b[t];
            for (int k = 1; k < c.length && t + k < rounds; k++) {
                adjoint[t] -= c[k] * adjoint[t + k];
            }
        }
        double[] gradient = new double[c.length];
        for (int k = 1; k < c.length; k++) {
            double ofSquares = 0;
            for (int t = k; t < rounds; t += separation) {
                ofSquares += 2 * entries[t];
            }
            double ofRows = 0;
            for (int t = k; t < rounds; t++) {
                ofRows -= adjoint[t] * b[t - k];
            }
            gradient[k] = ofSquares / squares + ofRows / rows;
        }
        return new Point(coefficients, StrictMath.log(squares) + StrictMath.log(rows), new Coefficients(gradient));
    }

    /** Of the sum of the columns 1, 1 + b, 1 + 2b, ... */
    private double[] entries(double[] c) {
        double[] entries = new double[rounds];
        for (int from = 0; from < rounds; from += separation) {
            for (int k = 0; k < c.length && from + k < rounds; k++) {
                entries[from + k] += c[k];
            }
        }
        return entries;
    }
}
