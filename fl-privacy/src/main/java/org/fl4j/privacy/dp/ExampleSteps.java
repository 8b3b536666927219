package org.fl4j.privacy.dp;

import java.util.Arrays;
import java.util.List;
import org.fl4j.model.ExampleGradients;
import org.fl4j.weights.ParameterLayout;

/**
 * The noisy steps of one client in one round: the sum of a batch's clipped gradients in whole grid steps, integer noise on it, one division by a public
 * number. The sum is rounded chunk by chunk, so that one example moves the rounding of one chunk only.
 *
 * <p>Not thread-safe.
 */
final class ExampleSteps {

    /** Sigma is at least 2^28 grid steps, so that rounding a sum of a million coordinates costs 4e-6 z of the clip norm. */
    private static final int STEPS_EXPONENT = 28;

    /** Above the rounding of the few operations that lead to a sigma, so that it is never too small. */
    private static final double MARGIN = 1 + 0x1p-48;

    private final ExampleGradients gradients;
    private final double clipNorm;
    private final List<ParameterLayout.Span> trainable;
    private final double grid;
    private final DiscreteGaussian noise;
    private final double[] vector;
    private final long[] sum;

    /**
     * Plans the noise; draws none.
     *
     * @param noiseMultiplier z, above 0
     * @throws IllegalArgumentException if nothing is TRAINABLE, or no grid fits the noise
     */
    ExampleSteps(ExampleGradients gradients, ParameterLayout layout, double clipNorm, double noiseMultiplier) {
        this.gradients = gradients;
        this.clipNorm = clipNorm;
        this.trainable = layout.trainable();
        int d = trainable.stream().mapToInt(ParameterLayout.Span::length).sum();
        if (d == 0) {
            throw new IllegalArgumentException("there is no TRAINABLE parameter in " + layout);
        }
        double exact = gradients.sensitivity(clipNorm);
        this.grid = Math.scalb(1.0, Math.getExponent(noiseMultiplier * exact) - STEPS_EXPONENT);
        // Two roundings of each coordinate of one chunk, by half a grid step.
        double sensitivity = exact + grid * Math.sqrt(d);
        this.noise = DiscreteGaussian.of(noiseMultiplier * sensitivity * MARGIN / grid);
        this.vector = new double[layout.length()];
        this.sum = new long[d];
    }

    /** The noise's standard deviation, in units of the sum of gradients. */
    double sigma() {
        return noise.sigma() * grid;
    }

    /**
     * Takes a step.
     *
     * @param batch an empty one steps along noise alone
     * @param divisor the public number
     */
    void step(PoissonBatches batch, NoiseSource source, double divisor) {
        Arrays.fill(sum, 0);
        int chunks = (batch.size() + gradients.mostInSum() - 1) / gradients.mostInSum();
        for (int chunk = 0; chunk < chunks; chunk++) {
            int from = (int) ((long) batch.size() * chunk / chunks);
            int to = (int) ((long) batch.size() * (chunk + 1) / chunks);
            gradients.sum(batch.examples(), from, to - from, clipNorm, vector);
            addRounded();
        }
        long[] drawn = source.draw(noise, sum.length);
        Arrays.fill(vector, 0);
        int at = 0;
        for (ParameterLayout.Span span : trainable) {
            for (int i = span.from(); i < span.to(); i++, at++) {
                vector[i] = (sum[at] + drawn[at]) * grid / divisor;
            }
        }
        gradients.step(vector);
    }

    /** To the nearest grid step; the grid is a power of two, so nothing else is rounded. */
    private void addRounded() {
        int at = 0;
        for (ParameterLayout.Span span : trainable) {
            for (int i = span.from(); i < span.to(); i++) {
                sum[at++] += (long) Math.rint(vector[i] / grid);
            }
        }
    }
}
