package org.fl4j.models.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.fl4j.model.ExampleGradients;

/**
 * Local training on a plan by the gradients of single examples: forward pass, backward pass with norms, products over scaled rows. Why the
 * sensitivity holds is in {@code docs/decisions/0042-example-level-privacy.md}.
 *
 * <p>Not thread-safe.
 */
final class PlanExamples implements ExampleGradients {

    /** More in one product would make its rounding count: it grows with the square. */
    static final int MOST_IN_SUM = 128;

    private static final double SMALLEST_NORM = 0x1p-40;
    private static final double LARGEST_NORM = 0x1p40;
    private static final double UNIT_ROUNDOFF = 0x1p-24;

    /** FP64 sums and underflow, relative to the clip norm. */
    private static final double NEGLIGIBLE = 0x1p-29;

    private final Plan.Pass pass;
    private final int examples;
    private final int most;
    private final List<Parameter> parameters = new ArrayList<>();
    private final GradientSums sums;
    private final float[] gradient;
    private final float[] scratch;

    /** @param capacity rows of the plan */
    PlanExamples(Plan.Pass pass, List<Parameter> all, int examples, int capacity) {
        this.pass = pass;
        this.examples = examples;
        this.most = Math.min(MOST_IN_SUM, capacity);
        int longest = 0;
        for (Parameter parameter : all) {
            if (parameter.isTrainable()) {
                parameters.add(parameter);
                longest = Math.max(longest, parameter.length());
            }
        }
        this.sums = new GradientSums(parameters);
        this.gradient = new float[longest];
        this.scratch = new float[longest];
    }

    @Override
    public int examples() {
        return examples;
    }

    @Override
    public int mostInSum() {
        return most;
    }

    @Override
    public double sensitivity(double clipNorm) {
        requireInRange(clipNorm);
        double gamma = most * UNIT_ROUNDOFF / (1 - most * UNIT_ROUNDOFF);
        return clipNorm * ((1 + ExampleNorms.SLACK) * (1 + 2 * most * gamma) + NEGLIGIBLE);
    }

    private static void requireInRange(double clipNorm) {
        if (!(clipNorm >= SMALLEST_NORM && clipNorm <= LARGEST_NORM)) {
            throw new IllegalArgumentException("clip norm must be in [2^-40, 2^40], but was " + clipNorm);
        }
    }

    @Override
    public void sum(int[] chosen, int from, int count, double clipNorm, double[] into) {
        requireInRange(clipNorm);
        if (count < 1 || count > most) {
            throw new IllegalArgumentException("a sum must have 1 to " + most + " examples, but had " + count);
        }
        sums.clear();
        pass.addClipped(chosen, from, count, clipNorm, sums);
        Arrays.fill(into, 0);
        sums.copyTo(into);
    }

    @Override
    public void step(double[] given) {
        for (Parameter parameter : parameters) {
            for (int i = 0; i < parameter.length(); i++) {
                gradient[i] = (float) given[parameter.place(i)];
            }
            parameter.update(gradient, scratch, 1);
        }
        pass.finishStep();
    }

    /** For tests: the squared norm of an example's gradient in the last sum, by its place there. */
    double square(int row) {
        return pass.square(row);
    }

    @Override
    public void end() {
        pass.end();
    }
}
