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
    };

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
    boolean needsSums() {
        return false;
    }

    /** {@code y = f(z)} for the first n values; y may be z itself. */
    void apply(float[] z, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = value(z[i]);
        }
    }

    /**
     * From the gradient d at the outputs to that at the sums, in place.
     *
     * @param z the sums; not read unless {@link #needsSums}
     */
    void backward(float[] z, float[] y, float[] d, int n) {
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
