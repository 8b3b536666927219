package org.fl4j.models.internal;

import java.util.Arrays;

/**
 * The squared gradient norms of the examples of one mini-batch, added up layer by layer in FP64, and the factors that clip them.
 *
 * <p>Not thread-safe.
 */
public final class ExampleNorms {

    /** How much longer than the clip norm, relative to it, a contribution can be. */
    static final double SLACK = 0x1p-12;

    /** Beyond, products of scaled gradients and activations could underflow by more than the slack. */
    private static final double LARGEST_SQUARE = 0x1p128;

    private final double[] squares;
    private final double[] errors;
    private final double[] factors;

    ExampleNorms(int rows) {
        this.squares = new double[rows];
        this.errors = new double[rows];
        this.factors = new double[rows];
    }

    void begin(int n) {
        Arrays.fill(squares, 0, n, 0);
        Arrays.fill(errors, 0, n, 0);
    }

    /** Adds what a layer's gradient has, for which the squared norm is that of the very values that are summed. */
    public void add(int example, double square) {
        squares[example] += square;
    }

    /**
     * Adds what a layer's gradient has whose values are summed with an error.
     *
     * @param error a bound on its 2-norm
     */
    void add(int example, double square, double error) {
        squares[example] += square;
        errors[example] += error * error;
    }

    /** Adds the outer product of an example's gradient at the sums and its inputs, of these squared norms. */
    void addOuter(int example, double gradients, double inputs) {
        squares[example] += inputs < LARGEST_SQUARE ? gradients * inputs : Double.NaN;
    }

    double square(int example) {
        return squares[example];
    }

    /**
     * What to multiply each example's gradient by: {@code min(1, C / norm)}; 0 where the norm is not finite.
     *
     * @return the same array on every call
     */
    double[] factors(int n, double clipNorm) {
        for (int i = 0; i < n; i++) {
            double norm = Math.sqrt(squares[i]);
            double longest = norm + Math.sqrt(errors[i]);
            double factor = Math.min(norm > clipNorm ? clipNorm / norm : 1, clipNorm * (1 + SLACK / 2) / longest);
            // Of a zero gradient the second is infinite or NaN, too.
            factors[i] = norm == 0 && longest == 0 ? 1 : longest < Double.POSITIVE_INFINITY ? factor : 0;
        }
        return factors;
    }

    /** The sum of squares of some values; four sums side by side, as one waits for itself. */
    public static double squares(float[] values, int from, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (int end = from + n - 3; i < end; i += 4) {
            a += (double) values[i] * values[i];
            b += (double) values[i + 1] * values[i + 1];
            c += (double) values[i + 2] * values[i + 2];
            d += (double) values[i + 3] * values[i + 3];
        }
        for (; i < from + n; i++) {
            a += (double) values[i] * values[i];
        }
        return a + b + (c + d);
    }

    /** The inner product of two stretches of one array, summed likewise. */
    static double product(float[] values, int at, int other, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i < n - 3; i += 4) {
            a += (double) values[at + i] * values[other + i];
            b += (double) values[at + i + 1] * values[other + i + 1];
            c += (double) values[at + i + 2] * values[other + i + 2];
            d += (double) values[at + i + 3] * values[other + i + 3];
        }
        for (; i < n; i++) {
            a += (double) values[at + i] * values[other + i];
        }
        return a + b + (c + d);
    }
}
