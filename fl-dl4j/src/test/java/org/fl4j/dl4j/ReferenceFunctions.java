package org.fl4j.dl4j;

import org.nd4j.linalg.activations.Activation;

/**
 * ND4J's activations and their derivatives in FP64, as written in textbooks but for some constants, which ND4J has in FP32
 * whatever the type of the data; and where the derivatives jump.
 */
final class ReferenceFunctions {

    private static final double SELU_ALPHA = 1.6732632423543772;
    private static final double SELU_LAMBDA = 1.0507009873554805;

    private ReferenceFunctions() {}

    static double value(Activation f, double z) {
        return switch (f) {
            case IDENTITY -> z;
            case RELU -> Math.max(z, 0);
            case TANH -> Math.tanh(z);
            case SIGMOID -> sigmoid(z);
            case LEAKYRELU -> z < 0 ? 0.01 * z : z;
            case RELU6 -> Math.min(Math.max(z, 0), 6);
            case ELU -> z < 0 ? Math.expm1(z) : z;
            case SELU -> SELU_LAMBDA * (z > 0 ? z : SELU_ALPHA * Math.expm1(z));
            case SOFTPLUS -> Math.log1p(Math.exp(z));
            case SOFTSIGN -> z / (1 + Math.abs(z));
            case HARDSIGMOID -> Math.min(1, Math.max(0, 0.2f * z + 0.5));
            case HARDTANH -> Math.min(1, Math.max(-1, z));
            case SWISH -> z * sigmoid(z);
            case GELU -> z * sigmoid(1.702f * z);
            case CUBE -> z * z * z;
            case RATIONALTANH -> 1.7159f * Math.signum(z) * (1 - 1 / rational(Math.abs(2 * z / 3)));
            case RECTIFIEDTANH -> Math.max(0, Math.tanh(z));
            default -> throw new IllegalArgumentException("no such function here: " + f);
        };
    }

    static double derivative(Activation f, double z) {
        return switch (f) {
            case IDENTITY -> 1;
            case RELU -> z > 0 ? 1 : 0;
            case TANH -> 1 - Math.tanh(z) * Math.tanh(z);
            case SIGMOID -> sigmoid(z) * (1 - sigmoid(z));
            case LEAKYRELU -> z < 0 ? 0.01f : 1;
            case RELU6 -> z > 0 && z < 6 ? 1 : 0;
            case ELU -> z < 0 ? Math.exp(z) : 1;
            case SELU -> SELU_LAMBDA * (z > 0 ? 1 : SELU_ALPHA * Math.exp(z));
            case SOFTPLUS -> sigmoid(z);
            case SOFTSIGN -> 1 / ((1 + Math.abs(z)) * (1 + Math.abs(z)));
            case HARDSIGMOID -> Math.abs(z) > 2.5 ? 0 : 0.2f;
            case HARDTANH -> Math.abs(z) > 1 ? 0 : 1;
            case SWISH -> sigmoid(z) * (1 + z * (1 - sigmoid(z)));
            case GELU -> sigmoid(1.702f * z) * (1 + 1.702f * z * (1 - sigmoid(1.702f * z)));
            case CUBE -> 3 * z * z;
            case RATIONALTANH -> {
                double a = Math.abs(2 * z / 3);
                yield 1.7159f * 2 / 3 * (1 + 2 * a + 4 * 1.41645f * a * a * a) / (rational(a) * rational(a));
            }
            case RECTIFIEDTANH -> z > 0 ? 1 - Math.tanh(z) * Math.tanh(z) : 0;
            default -> throw new IllegalArgumentException("no such function here: " + f);
        };
    }

    /** Where the derivative jumps; a rounding error there is no small difference of gradients. */
    static double[] kinks(Activation f) {
        return switch (f) {
            case RELU, LEAKYRELU, SELU, RECTIFIEDTANH -> new double[] {0};
            case RELU6 -> new double[] {0, 6};
            case HARDSIGMOID -> new double[] {-2.5, 2.5};
            case HARDTANH -> new double[] {-1, 1};
            default -> new double[0];
        };
    }

    static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static double rational(double a) {
        return 1 + a + a * a + 1.41645f * a * a * a * a;
    }
}
