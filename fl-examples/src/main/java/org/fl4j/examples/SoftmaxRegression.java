package org.fl4j.examples;

import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.BatchTensors;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * How to write a model of one's own: multinomial logistic regression with its gradient by hand, on ND4J arrays.
 *
 * <pre>  p = softmax(x W + b),  loss = -ln p[label]
 *  dloss/dW = x^T (p - y) / n,  dloss/db = sum over rows of (p - y) / n</pre>
 *
 * <p>Shapes: x [n, f], y one-hot [n, c], W [f, c], b [c], all FLOAT. Trains by plain SGD. Its test extends
 * {@code GradientModelContract}, which checks everything the comments below promise.
 *
 * <p>Not thread-safe, as no model need be: one thread at a time uses it.
 */
public final class SoftmaxRegression implements GradientModel<Examples>, AutoCloseable {

    private static final int EVALUATION_BATCH = 256;

    private final ParameterLayout layout;
    private final int classes;
    private final INDArray weights;
    private final INDArray bias;

    /**
     * A model with all parameters zero, which is as good a start as any for a convex loss.
     *
     * @param features how many values an example has
     * @param classes how many classes there are
     */
    public SoftmaxRegression(int features, int classes) {
        // The layout names every parameter. Gradients move both, so both are trainable.
        this.layout = new ParameterLayout(
                DataType.FLOAT,
                List.of(ParameterSpec.trainable("W", features, classes), ParameterSpec.trainable("b", classes)));
        this.classes = classes;
        this.weights = Nd4j.zeros(DataType.FLOAT, features, classes);
        this.bias = Nd4j.zeros(DataType.FLOAT, classes);
    }

    // A pool checks that no two models have these in common.
    @Override
    public List<INDArray> exclusiveState() {
        return List.of(weights, bias);
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    /** A copy: what is trained later does not change it. */
    @Override
    public ModelWeights weights() {
        return ModelWeights.gather(layout, name -> name.equals("W") ? weights : bias);
    }

    /** Weights of another layout are refused with what differs; the server shows this message. */
    @Override
    public void load(ModelWeights loaded) {
        loaded.layout().differenceFrom(layout).ifPresent(difference -> {
            throw new IllegalArgumentException("weights of another model: " + difference);
        });
        loaded.copyTo("W", weights);
        loaded.copyTo("b", bias);
    }

    /**
     * MiniBatches decides the order of examples by the seed alone, so the same weights, data and seed train to the same
     * bits, whatever this object did before. Nothing else here is random, and plain SGD has no state to start anew.
     */
    @Override
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        MiniBatches batches = new MiniBatches(data.size(), how, seed);
        long steps = 0;
        double losses = 0;
        try (BatchTensors batch = new BatchTensors(data, how.batchSize(), layout.dtype())) {
            while (batches.next()) {
                batch.load(batches);
                losses += step(batch, how.learningRate(), correction);
                steps++;
            }
        }
        return new LocalTraining.Report(
                data.size(), steps, OptionalDouble.of(steps * how.learningRate()), steps == 0 ? 0 : losses / steps);
    }

    @Override
    public Evaluation evaluate(Examples data) {
        return evaluate(data, StatisticsSpec.NONE);
    }

    /** The tally collects what is asked for, from the rows of probabilities. */
    @Override
    public Evaluation evaluate(Examples data, StatisticsSpec statistics) {
        Evaluation.Tally tally = new Evaluation.Tally(classes, classes, statistics);
        try (BatchTensors batch = new BatchTensors(data, EVALUATION_BATCH, layout.dtype())) {
            for (int from = 0; from < data.size(); from += EVALUATION_BATCH) {
                batch.load(from, Math.min(from + EVALUATION_BATCH, data.size()));
                try (INDArray probabilities = probabilities(batch.features())) {
                    float[] rows = probabilities.data().asFloat();
                    for (int i = 0; i < batch.size(); i++) {
                        tally.add(data.label(from + i), rows, i * classes);
                    }
                }
            }
        }
        return tally.evaluation();
    }

    /** Frees the parameters. Every array below is freed as soon as it is done with: the collector is late for those. */
    @Override
    public void close() {
        weights.close();
        bias.close();
    }

    private double step(BatchTensors batch, double learningRate, GradientCorrection correction) {
        try (INDArray error = probabilities(batch.features())) {
            double loss = crossEntropy(error, batch.labels());
            // From here on: (p - y) / n, so that the gradients are means over the mini-batch.
            error.subi(batch.labels()).divi(batch.size());
            try (INDArray gradientW = Nd4j.gemm(batch.features(), error, true, false);
                    INDArray gradientB = error.sum(0)) {
                // A correction belongs on the mean gradient, before the step: this is what FedProx and SCAFFOLD ask
                // for.
                correction.addTo(gradientW, weights, "W", layout);
                correction.addTo(gradientB, bias, "b", layout);
                weights.subi(gradientW.muli(learningRate));
                bias.subi(gradientB.muli(learningRate));
            }
            return loss;
        }
    }

    /** Row-major [n, c]. */
    private INDArray probabilities(INDArray features) {
        INDArray scores = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.size(0), classes}, 'c');
        features.mmuli(weights, scores);
        scores.addiRowVector(bias);
        Transforms.softmax(scores, false); // in place
        return scores;
    }

    private double crossEntropy(INDArray probabilities, INDArray labels) {
        float[] p = probabilities.data().asFloat();
        float[] y = labels.data().asFloat();
        double sum = 0;
        for (int i = 0; i < probabilities.length(); i++) {
            sum -= y[i] == 0 ? 0 : y[i] * Math.log(Math.max(p[i], Evaluation.Tally.SMALLEST_PROBABILITY));
        }
        return sum / probabilities.size(0);
    }
}
