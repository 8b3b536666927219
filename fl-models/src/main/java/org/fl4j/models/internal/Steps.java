package org.fl4j.models.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.fl4j.weights.GradientCorrection;

/**
 * The steps of the parameters of one layer in one local training after another. A parameter whose rule is plain SGD, in a
 * layer without clipping, steps within its kernels; of the others the gradients are gathered, and {@link #finish} steps.
 *
 * <p>Not thread-safe.
 */
final class Steps {

    private final List<Step> parameters = new ArrayList<>();
    private final Clipping clipping;
    private GradientCorrection correction = GradientCorrection.none();
    private double rate;
    private int iteration;

    /**
     * Of a layer.
     *
     * @param layer its statistics are not stepped here
     * @param rules one for each of the layer's parameters
     */
    Steps(Layer layer, List<UpdateRule> rules, Clipping clipping) {
        this.clipping = clipping;
        for (int i = 0; i < rules.size(); i++) {
            Parameter parameter = layer.parameters().get(i);
            if (parameter.isTrainable()) {
                parameters.add(new Step(parameter, rules.get(i)));
            }
        }
    }

    /** Whether the step sizes are the learning rate; terms are part of the gradient. */
    boolean isPlainSgd() {
        return clipping.isNone()
                && parameters.stream().allMatch(step -> step.rule.optimizer() instanceof Optimizer.Sgd);
    }

    void begin(double learningRate, GradientCorrection added) {
        rate = learningRate;
        correction = added;
        iteration = 0;
        for (Step step : parameters) {
            step.begin();
        }
    }

    /** After the backward pass over n examples. */
    void finish(int n) {
        double squares = 0;
        for (Step step : parameters) {
            if (!step.isFused() && !step.held) {
                step.gatherMean(n);
                squares += clipping.isOfLayer() ? step.squares() : 0;
            }
        }
        double factor = clipping.isOfLayer() ? clipping.factor(Math.sqrt(squares)) : 1;
        for (Step step : parameters) {
            if (!step.isFused() && !step.held) {
                step.finish(factor);
            }
        }
        iteration++;
    }

    private final class Step implements Parameter.Stepping {

        private final Parameter parameter;
        private final UpdateRule rule;
        private final boolean fused;
        private final float[][] state;
        private final float[] weights;
        private final float[] gradient;
        private boolean held;
        private boolean corrected;

        Step(Parameter parameter, UpdateRule rule) {
            this.parameter = parameter;
            this.rule = rule;
            this.fused = rule.isPlainSgd() && clipping.isNone();
            this.state = new float[rule.optimizer().states()][fused ? 0 : parameter.length()];
            this.weights = new float[parameter.length()];
            this.gradient = new float[fused ? 0 : parameter.length()];
            parameter.stepBy(this);
        }

        void begin() {
            held = correction.holds(parameter.offset());
            corrected = correction.corrects(parameter.offset());
            for (float[] vector : state) {
                Arrays.fill(vector, rule.optimizer().initialState());
            }
        }

        @Override
        public boolean isFused() {
            return fused;
        }

        @Override
        public float factor(int n) {
            return held ? 0 : (float) (-rate / n);
        }

        @Override
        public void before(int from, int count) {
            if (corrected) {
                parameter.values().get(from, weights, 0, count);
                correct(weights, weights, from, count, -rate);
                parameter.values().put(from, weights, 0, count);
            }
        }

        private void correct(float[] into, float[] at, int from, int count, double scale) {
            if (parameter.isInNetworksOrder()) {
                correction.addScaled(into, at, scale, parameter.offset() + from, count);
            } else {
                for (int i = 0; i < count; i++) {
                    into[i] += (float) (scale * correction.at(parameter.place(from + i), at[i]));
                }
            }
        }

        void gatherMean(int n) {
            int d = parameter.length();
            parameter.gradient().get(0, gradient, 0, d);
            float share = 1f / n;
            for (int i = 0; i < d; i++) {
                gradient[i] *= share;
            }
            parameter.values().get(0, weights, 0, d);
            if (corrected) {
                correct(gradient, weights, 0, d, 1);
            }
        }

        double squares() {
            double sum = 0;
            for (float g : gradient) {
                sum += (double) g * g;
            }
            return sum;
        }

        void finish(double layersFactor) {
            int d = parameter.length();
            double factor = layersFactor;
            if (!clipping.isOfLayer() && !clipping.isNone()) {
                factor = clipping.factor(Math.sqrt(squares()));
                clipping.clipValues(gradient, d);
            }
            if (factor != 1) {
                scale((float) factor, d);
            }
            addTerms(d);
            rule.optimizer().step(gradient, state, d, iteration, rate);
            float decay = (float) (rule.decay() * (rule.decayTimesRate() ? rate : 1));
            for (int i = 0; i < d; i++) {
                weights[i] -= gradient[i] + decay * weights[i];
            }
            parameter.values().put(0, weights, 0, d);
        }

        private void scale(float factor, int d) {
            for (int i = 0; i < d; i++) {
                gradient[i] *= factor;
            }
        }

        private void addTerms(int d) {
            if (rule.l1() != 0) {
                float l1 = (float) rule.l1();
                for (int i = 0; i < d; i++) {
                    gradient[i] += l1 * Math.signum(weights[i]);
                }
            }
            if (rule.l2() != 0) {
                float l2 = (float) rule.l2();
                for (int i = 0; i < d; i++) {
                    gradient[i] += l2 * weights[i];
                }
            }
        }
    }
}
