package org.fl4j.models.internal;

/**
 * An elementwise function of a layer's sums z and its derivative; formulas and ties are those of ND4J's activations of the
 * same name. Values are flat, whatever their rows.
 */
public enum Activation {
    IDENTITY {
        @Override
        float value(float z) {
            return z;
        }

        @Override
        float derivative(float z, float y) {
            return 1;
        }
    },

    /** The derivative at 0 is 0. */
    RELU {
        @Override
        float value(float z) {
            return Math.max(z, 0f);
        }

        @Override
        float derivative(float z, float y) {
            return y > 0 ? 1 : 0;
        }
    },

    TANH {
        @Override
        float value(float z) {
            return tanh(z);
        }

        @Override
        float derivative(float z, float y) {
            return 1 - y * y;
        }

        @Override
        void apply(float[] z, int n, Exponentials by) {
            by.tanh(z, n);
        }

        @Override
        public void backward(float[] z, float[] y, float[] d, int n) {
            for (int i = 0; i < n; i++) {
                d[i] *= 1 - y[i] * y[i];
            }
        }
    },

    SIGMOID {
        @Override
        float value(float z) {
            return sigmoid(z);
        }

        @Override
        float derivative(float z, float y) {
            return y * (1 - y);
        }

        @Override
        void apply(float[] z, int n, Exponentials by) {
            by.sigmoid(z, n);
        }

        @Override
        public void backward(float[] z, float[] y, float[] d, int n) {
            for (int i = 0; i < n; i++) {
                d[i] *= y[i] * (1 - y[i]);
            }
        }
    },

    /** With the slope 0.01 below 0; the derivative at 0 is 1. */
    LEAKY_RELU {
        @Override
        float value(float z) {
            return z < 0 ? 0.01f * z : z;
        }

        @Override
        float derivative(float z, float y) {
            return z >= 0 ? 1 : 0.01f;
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code min(max(z, 0), 6)}; the derivative at 0 and at 6 is 0. */
    RELU6 {
        @Override
        float value(float z) {
            return Math.min(Math.max(z, 0f), 6f);
        }

        @Override
        float derivative(float z, float y) {
            return z > 0 && z < 6 ? 1 : 0;
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** Clevert et al. 2016, with alpha = 1. */
    ELU {
        @Override
        float value(float z) {
            return z >= 0 ? z : (float) Math.expm1(z);
        }

        @Override
        float derivative(float z, float y) {
            return z >= 0 ? 1 : (float) Math.exp(z);
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** Klambauer et al. 2017; the derivative at 0 is that from below. */
    SELU {
        @Override
        float value(float z) {
            return (float) (z > 0 ? SELU_LAMBDA * z : SELU_LAMBDA * SELU_ALPHA * Math.expm1(z));
        }

        @Override
        float derivative(float z, float y) {
            return (float) (z > 0 ? SELU_LAMBDA : SELU_LAMBDA * SELU_ALPHA * Math.exp(z));
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code log(1 + e^z)}. */
    SOFTPLUS {
        @Override
        float value(float z) {
            return (float) (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
        }

        @Override
        float derivative(float z, float y) {
            return sigmoid(z);
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code z / (1 + |z|)}. */
    SOFTSIGN {
        @Override
        float value(float z) {
            return z / (1 + Math.abs(z));
        }

        @Override
        float derivative(float z, float y) {
            float s = 1 + Math.abs(z);
            return 1 / (s * s);
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code 0.2 z + 0.5}, clipped to [0, 1]; the derivative at both kinks is 0.2. */
    HARD_SIGMOID {
        @Override
        float value(float z) {
            return Math.min(1f, Math.max(0f, 0.2f * z + 0.5f));
        }

        @Override
        float derivative(float z, float y) {
            return z < -2.5f || z > 2.5f ? 0 : 0.2f;
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** z, clipped to [-1, 1]; the derivative at both kinks is 1. */
    HARD_TANH {
        @Override
        float value(float z) {
            return Math.min(1f, Math.max(-1f, z));
        }

        @Override
        float derivative(float z, float y) {
            return z < -1 || z > 1 ? 0 : 1;
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code z sigmoid(z)}. */
    SWISH {
        @Override
        float value(float z) {
            return z * sigmoid(z);
        }

        @Override
        float derivative(float z, float y) {
            float s = sigmoid(z);
            return s + z * s * (1 - s);
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code z sigmoid(1.702 z)}: the approximation, not the error function. */
    GELU {
        @Override
        float value(float z) {
            return z * sigmoid(1.702f * z);
        }

        @Override
        float derivative(float z, float y) {
            float s = sigmoid(1.702f * z);
            return s + 1.702f * z * s * (1 - s);
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code z^3}. */
    CUBE {
        @Override
        float value(float z) {
            return z * z * z;
        }

        @Override
        float derivative(float z, float y) {
            return 3 * z * z;
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code 1.7159 sign(z) (1 - 1 / (1 + a + a^2 + 1.41645 a^4))} with {@code a = |2z / 3|}: an approximation of 1.7159 tanh(2z / 3). */
    RATIONAL_TANH {
        @Override
        float value(float z) {
            double a = Math.abs(2.0 * z / 3);
            return (float) (1.7159 * Math.signum(z) * (1 - 1 / (1 + a + a * a + 1.41645 * a * a * a * a)));
        }

        @Override
        float derivative(float z, float y) {
            double a = Math.abs(2.0 * z / 3);
            double s = 1 + a + a * a + 1.41645 * a * a * a * a;
            return (float) (1.7159 * 2 / 3 * (1 + 2 * a + 4 * 1.41645 * a * a * a) / (s * s));
        }

        @Override
        public boolean needsSums() {
            return true;
        }
    },

    /** {@code max(tanh(z), 0)}. */
    RECTIFIED_TANH {
        @Override
        float value(float z) {
            return Math.max(0f, tanh(z));
        }

        @Override
        float derivative(float z, float y) {
            return y > 0 ? 1 - y * y : 0;
        }
    };

    private static final double SELU_ALPHA = 1.6732632423543772;
    private static final double SELU_LAMBDA = 1.0507009873554805;

    /** Of one sum. */
    abstract float value(float z);

    /**
     * At one sum.
     *
     * @param z the sum; anything unless {@link #needsSums}
     * @param y its output
     */
    abstract float derivative(float z, float y);

    /** Whether the output alone does not tell the derivative. */
    public boolean needsSums() {
        return false;
    }

    /** {@code y = f(z)} for the first n values; y may be z itself. */
    public void apply(float[] z, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = value(z[i]);
        }
    }

    /** Whether {@link #apply(float[], int, Exponentials)} uses those. */
    boolean isOfExponentials() {
        return this == TANH || this == SIGMOID;
    }

    /** {@code z = f(z)} for the first n values, which are many: up to a few units in the last place of {@link #value}. */
    void apply(float[] z, int n, Exponentials by) {
        apply(z, z, n);
    }

    /**
     * From the gradient d at the outputs to that at the sums, in place.
     *
     * @param z the sums; not read unless {@link #needsSums}
     */
    public void backward(float[] z, float[] y, float[] d, int n) {
        if (needsSums()) {
            for (int i = 0; i < n; i++) {
                d[i] *= derivative(z[i], y[i]);
            }
        } else {
            for (int i = 0; i < n; i++) {
                d[i] *= derivative(0, y[i]);
            }
        }
    }

    static float sigmoid(float z) {
        return (float) (1 / (1 + Math.exp(-z)));
    }

    /** By the exponential, which the virtual machine has as one routine; the series where that cancels. */
    static float tanh(float z) {
        return Math.abs(z) < 1e-3f ? z - z * z * z / 3 : (float) (1 - 2 / (Math.exp(2.0 * z) + 1));
    }
}
