package org.fl4j.models.internal;

/**
 * Turns the gradient of a mini-batch into the step that is subtracted from the weights, in place, value by value. Formulas
 * are those of ND4J's updaters of the same name, whose parameters these have. Immutable: the state is the caller's.
 */
public sealed interface Optimizer {

    /** Vectors of state it keeps. */
    int states();

    /** What they begin with. */
    float initialState();

    /**
     * Steps.
     *
     * @param g gradients, replaced by steps
     * @param state {@link #states} vectors as long as g
     * @param iteration steps taken before in this local training
     */
    void step(float[] g, float[][] state, int n, int iteration, double rate);

    /** {@code rate * g}. */
    record Sgd() implements Optimizer {

        @Override
        public int states() {
            return 0;
        }

        @Override
        public float initialState() {
            return 0;
        }

        @Override
        public void step(float[] g, float[][] state, int n, int iteration, double rate) {
            float factor = (float) rate;
            for (int i = 0; i < n; i++) {
                g[i] *= factor;
            }
        }
    }

    /** Sutskever et al. 2013: {@code v' = mu v - rate g}, step {@code mu v - (1 + mu) v'}. */
    record Nesterov(double momentum) implements Optimizer {

        @Override
        public int states() {
            return 1;
        }

        @Override
        public float initialState() {
            return 0;
        }

        @Override
        public void step(float[] g, float[][] state, int n, int iteration, double rate) {
            float[] v = state[0];
            float mu = (float) momentum;
            float factor = (float) rate;
            for (int i = 0; i < n; i++) {
                float before = v[i];
                float after = mu * before - factor * g[i];
                v[i] = after;
                g[i] = mu * before - (1 + mu) * after;
            }
        }
    }

    /** Kingma and Ba 2015, with both bias corrections in the rate: {@code rate sqrt(1 - b2^t) / (1 - b1^t)}. */
    record Adam(double beta1, double beta2, double epsilon) implements Optimizer {

        @Override
        public int states() {
            return 2;
        }

        @Override
        public float initialState() {
            return 0;
        }

        @Override
        public void step(float[] g, float[][] state, int n, int iteration, double rate) {
            float[] m = state[0];
            float[] v = state[1];
            float corrected = (float)
                    (rate * Math.sqrt(1 - Math.pow(beta2, iteration + 1)) / (1 - Math.pow(beta1, iteration + 1)));
            float b1 = (float) beta1;
            float c1 = (float) (1 - beta1);
            float b2 = (float) beta2;
            float c2 = (float) (1 - beta2);
            float eps = (float) epsilon;
            for (int i = 0; i < n; i++) {
                m[i] = b1 * m[i] + c1 * g[i];
                v[i] = b2 * v[i] + c2 * g[i] * g[i];
                g[i] = corrected * m[i] / ((float) Math.sqrt(v[i]) + eps);
            }
        }
    }

    /** Duchi et al. 2011: {@code h += g^2}, step {@code rate g / (sqrt(h) + epsilon)}; h begins with 10^-6, whatever epsilon. */
    record AdaGrad(double epsilon) implements Optimizer {

        @Override
        public int states() {
            return 1;
        }

        @Override
        public float initialState() {
            return 1e-6f;
        }

        @Override
        public void step(float[] g, float[][] state, int n, int iteration, double rate) {
            float[] h = state[0];
            float factor = (float) rate;
            float eps = (float) epsilon;
            for (int i = 0; i < n; i++) {
                h[i] += g[i] * g[i];
                g[i] = factor * g[i] / ((float) Math.sqrt(h[i]) + eps);
            }
        }
    }

    /** Tieleman and Hinton 2012: {@code s = decay s + (1 - decay) g^2}, step {@code rate g / (sqrt(s) + epsilon)}; s begins with epsilon. */
    record RmsProp(double decay, double epsilon) implements Optimizer {

        @Override
        public int states() {
            return 1;
        }

        @Override
        public float initialState() {
            return (float) epsilon;
        }

        @Override
        public void step(float[] g, float[][] state, int n, int iteration, double rate) {
            float[] s = state[0];
            float keep = (float) decay;
            float add = (float) (1 - decay);
            float factor = (float) rate;
            float eps = (float) epsilon;
            for (int i = 0; i < n; i++) {
                s[i] = keep * s[i] + add * g[i] * g[i];
                g[i] = factor * g[i] / ((float) Math.sqrt(s[i]) + eps);
            }
        }
    }
}
