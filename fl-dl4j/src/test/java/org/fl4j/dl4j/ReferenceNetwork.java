package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.models.internal.Head.Loss;
import org.nd4j.linalg.activations.Activation;

/**
 * A network in FP64 by the definition: what training plans and DL4J both must compute. Layers and a loss over label rows, of
 * sequences at every step.
 */
final class ReferenceNetwork {

    /**
     * The end of a network.
     *
     * @param steps label rows an example has
     * @param f over the sums; SOFTMAX for the cross-entropy alone
     * @param weights of label columns
     */
    record Head(int width, int steps, Activation f, Loss loss, List<Double> weights) {}

    /** ND4J's, of probabilities whose logarithm is taken; its gradient of the softmax is that without. */
    private static final double SOFTMAX_CLIP = 1e-10;

    /** ND4J's, in loss and gradient. */
    private static final double BINARY_CLIP = 1e-5;

    /** Probabilities whose logarithm FP32 may not have, and then nobody has a loss. */
    private static final double UNDERFLOW = 1e-30;

    /** 1 - y in FP32 has then lost 14 bits of 24, and the bound of clipping is near. */
    private static final double NEAR_ONE = 1e-3;

    /** A loss whose gradient FP32 may not have. */
    private static final double OVERFLOW = 1e12;

    private final List<ReferenceLayer> layers;
    private final Head head;
    private final ReferenceLayer.Function last;
    private double margin;
    private boolean saturated;

    ReferenceNetwork(List<ReferenceLayer> layers, Head head) {
        this.layers = new ArrayList<>(layers);
        this.head = head;
        this.last = new ReferenceLayer.Function(head.f() == Activation.SOFTMAX ? Activation.IDENTITY : head.f());
    }

    int parameters() {
        return layers.stream().mapToInt(ReferenceLayer::parameters).sum();
    }

    /** Of the last pass, in units of the last place in FP32; 0 where outputs saturate or the loss overflows. */
    double margin() {
        return margin;
    }

    /**
     * One mini-batch.
     *
     * @param rounding of each result
     * @param gradient to which the mean gradient is written; of running statistics what they lose by the step
     * @return the mean loss
     */
    double pass(double[] weights, double[][] x, double[][] labels, ReferenceRounding rounding, double[] gradient) {
        int at = 0;
        double[][] y = x;
        for (ReferenceLayer layer : layers) {
            layer.rounding = rounding;
            layer.w = weights;
            layer.g = gradient;
            layer.at = at;
            layer.margin = Double.POSITIVE_INFINITY;
            at += layer.parameters();
            y = layer.forward(y);
        }
        last.rounding = rounding;
        last.margin = Double.POSITIVE_INFINITY;
        saturated = false;
        double loss = 0;
        double[][] d = new double[x.length][y[0].length];
        double[][] outputs = last.forward(y);
        for (int e = 0; e < x.length; e++) {
            for (int t = 0; t < head.steps(); t++) {
                loss += row(y[e], outputs[e], labels[e], d[e], t);
            }
        }
        for (int i = layers.size() - 1; i >= 0; i--) {
            d = layers.get(i).backward(d);
        }
        margin = last.margin;
        for (ReferenceLayer layer : layers) {
            margin = Math.min(margin, layer.margin);
        }
        margin = saturated || !(loss < OVERFLOW) ? 0 : margin;
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= x.length;
        }
        return loss / x.length;
    }

    private double row(double[] z, double[] y, double[] labels, double[] d, int t) {
        int steps = head.steps();
        double loss = 0;
        double mass = 0;
        double sum = 0;
        for (int j = 0; j < head.width(); j++) {
            mass += head.weights().get(j) * labels[j * steps + t];
            sum += Math.exp(z[j * steps + t]);
        }
        boolean weighted = false;
        for (double weight : head.weights()) {
            weighted |= weight != 1;
        }
        for (int j = 0; j < head.width(); j++) {
            int i = j * steps + t;
            double weight = head.weights().get(j);
            double label = labels[i];
            if (head.f() == Activation.SOFTMAX) {
                double p = last.rounding.ofFunction(Math.exp(z[i]) / sum);
                loss -= weight * label * Math.log(clipped(p, SOFTMAX_CLIP));
                // ND4J takes labels without weights to sum to 1, whether they do or not.
                d[i] = last.rounding.of(weighted ? last.rounding.of(p * mass) - weight * label : p - label);
            } else {
                saturated |= head.loss() == Loss.CROSS_ENTROPY && y[i] < UNDERFLOW;
                saturated |= head.loss() == Loss.BINARY_CROSS_ENTROPY && 1 - y[i] < NEAR_ONE;
                loss += weight * value(label, y[i]);
                d[i] = last.rounding.of(weight * slope(label, y[i]) * last.slope(head.f(), z[i]));
            }
        }
        return loss;
    }

    private static double clipped(double y, double clip) {
        return Math.min(Math.max(y, clip), 1 - clip);
    }

    private double value(double label, double y) {
        return switch (head.loss()) {
            case CROSS_ENTROPY -> -label * Math.log(y);
            case BINARY_CROSS_ENTROPY -> {
                double p = clipped(y, BINARY_CLIP);
                yield -label * Math.log(p) - (1 - label) * Math.log(1 - p);
            }
            case MEAN_SQUARED_ERROR -> (y - label) * (y - label) / head.width();
            case SQUARED_ERROR -> (y - label) * (y - label);
        };
    }

    private double slope(double label, double y) {
        return switch (head.loss()) {
            case CROSS_ENTROPY -> -label / y;
            case BINARY_CROSS_ENTROPY -> {
                double p = clipped(y, BINARY_CLIP);
                yield last.rounding.of(last.rounding.of(p - label) / (p * last.rounding.of(1 - p)));
            }
            case MEAN_SQUARED_ERROR -> 2 * last.rounding.of(y - label) / head.width();
            case SQUARED_ERROR -> 2 * last.rounding.of(y - label);
        };
    }
}
