package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.data.Examples;
import org.fl4j.models.internal.Head.Loss;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** The end of a {@link RandomArchitecture}: loss, activation, weights of columns, and labels for it. */
final class RandomHead {

    private final ILossFunction loss;
    private final ReferenceNetwork.Head reference;

    RandomHead(RandomArchitecture draw, DataType type, int steps) {
        int outputs = draw.upTo(4) + 1;
        List<Double> weights = new ArrayList<>();
        boolean weighted = draw.oneIn(3);
        for (int j = 0; j < outputs; j++) {
            weights.add(weighted ? draw.upTo(12) / 4.0 + 0.125 : 1);
        }
        var columns =
                weighted ? Nd4j.createFromArray(weights.toArray(new Double[0])).castTo(type) : null;
        Activation f;
        Loss kind;
        switch (draw.upTo(6) - 1) {
            case 0, 1 -> {
                f = Activation.SOFTMAX;
                kind = Loss.CROSS_ENTROPY;
                loss = draw.oneIn(2) ? new LossMCXENT(columns) : new LossNegativeLogLikelihood(columns);
            }
            case 2 -> {
                f = Activation.SIGMOID;
                kind = Loss.CROSS_ENTROPY;
                loss = new LossMCXENT(columns);
            }
            case 3 -> {
                f = Activation.SIGMOID;
                kind = Loss.BINARY_CROSS_ENTROPY;
                loss = new LossBinaryXENT(columns);
            }
            case 4 -> {
                f = draw.activation();
                kind = Loss.MEAN_SQUARED_ERROR;
                loss = new LossMSE(columns);
            }
            default -> {
                f = draw.activation();
                kind = Loss.SQUARED_ERROR;
                loss = new LossL2(columns);
            }
        }
        reference = new ReferenceNetwork.Head(outputs, steps, f, kind, weights);
    }

    int outputs() {
        return reference.width();
    }

    Activation f() {
        return reference.f();
    }

    ILossFunction loss() {
        return loss;
    }

    ReferenceNetwork.Head reference() {
        return reference;
    }

    /** The features with labels: of a regression any numbers, else one class a row or shares of several. */
    Examples label(RandomArchitecture draw, float[] x, long[] features, long[] labels) {
        int length = 1;
        for (long side : features) {
            length *= (int) side;
        }
        int n = x.length / length;
        int width = outputs();
        int steps = reference.steps();
        boolean regression = reference.loss() == Loss.MEAN_SQUARED_ERROR || reference.loss() == Loss.SQUARED_ERROR;
        boolean soft = regression || draw.oneIn(2);
        if (!soft && labels.length == 1) {
            int[] classes = new int[n];
            for (int i = 0; i < n; i++) {
                classes[i] = draw.upTo(width) - 1;
            }
            return Examples.classified(x, classes, width, features);
        }
        float[] y = new float[n * width * steps];
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) (regression ? 4 * draw.fraction() - 2 : soft ? draw.fraction() : 0);
        }
        for (int i = 0; i < n * steps && !soft; i++) {
            int row = i / steps * width * steps;
            y[row + (draw.upTo(width) - 1) * steps + i % steps] = 1;
        }
        return Examples.withTargets(x, features, y, labels);
    }
}
