package org.fl4j.dl4j;

import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.fl4j.model.Evaluation;
import org.fl4j.model.StatisticsSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Counts the examples of mini-batches, and the steps of their sequences, by a network's first output. Not thread-safe. */
final class BatchTally {

    private final NetworkAccess access;
    private final StatisticsSpec statistics;
    private Evaluation.@Nullable Tally tally;

    BatchTally(NetworkAccess access, StatisticsSpec statistics) {
        this.access = access;
        this.statistics = statistics;
    }

    /**
     * @param n its examples
     * @param loss their mean loss
     */
    void add(MultiDataSet batch, int n, double loss) {
        INDArray labels = batch.getLabels(0);
        Evaluation.Tally counts = tally == null ? tallyFor(labels) : tally;
        tally = counts;
        int width = Math.toIntExact(labels.size(1));
        if (classes(labels) > 0) {
            float[] truth = rows(labels);
            float[] scores = scores(batch);
            for (int at = 0; at < n * width; at += width) {
                int label = width == 1 ? Math.round(truth[at]) : Evaluation.Tally.likeliest(truth, at, width);
                counts.add(label, scores, at, loss);
            }
            return;
        }
        counts.addLoss(loss, n);
        if (statistics.isOfClasses()) {
            countSteps(batch, labels, width, counts);
        } else if (!statistics.isNone()) {
            addResiduals(batch, labels, width, counts);
        }
    }

    Evaluation evaluation() {
        return tally == null ? Evaluation.NONE : tally.evaluation();
    }

    private Evaluation.Tally tallyFor(INDArray labels) {
        int width = Math.toIntExact(labels.size(1));
        int steps =
                labels.rank() == 3 && statistics.isOfClasses() && activation() instanceof ActivationSoftmax ? width : 0;
        return new Evaluation.Tally(Math.max(classes(labels), steps), width, statistics);
    }

    /** Of examples, by a softmax or one sigmoid unit; 0 for sequences and targets. */
    private int classes(INDArray labels) {
        if (labels.rank() != 2) {
            return 0;
        }
        int width = Math.toIntExact(labels.size(1));
        boolean isOne = activation() instanceof ActivationSigmoid && width == 1;
        return isOne ? 2 : activation() instanceof ActivationSoftmax && width > 1 ? width : 0;
    }

    private @Nullable IActivation activation() {
        return access.outputLayer().getConfig() instanceof BaseLayer layer ? layer.getActivationFn() : null;
    }

    private void countSteps(MultiDataSet batch, INDArray labels, int width, Evaluation.Tally counts) {
        if (labels.rank() != 3) {
            throw new IllegalArgumentException(
                    "statistics " + statistics + " are of classes, but labels are targets of rank " + labels.rank());
        }
        float[] truth = rows(labels);
        float[] scores = scores(batch);
        INDArray mask = batch.getLabelsMaskArrays() == null ? null : batch.getLabelsMaskArrays()[0];
        float[] kept = mask == null ? null : rows(mask);
        for (int step = 0; step < truth.length / width; step++) {
            if (kept == null || kept[step] != 0) {
                counts.countStep(truth, scores, step * width);
            }
        }
    }

    private void addResiduals(MultiDataSet batch, INDArray labels, int width, Evaluation.Tally counts) {
        if (labels.rank() != 2) {
            throw new IllegalArgumentException(
                    "statistics " + statistics + " are of targets in rows, but labels have rank " + labels.rank()
                            + "; collect them for outputs without time");
        }
        float[] targets = rows(labels);
        float[] predictions = scores(batch);
        for (int at = 0; at < targets.length; at += width) {
            counts.addResiduals(targets, predictions, at);
        }
    }

    private float[] scores(MultiDataSet batch) {
        INDArray[] outputs = access.outputs(batch);
        try {
            return rows(outputs[0]);
        } finally {
            for (INDArray output : outputs) {
                output.close();
            }
        }
    }

    /** {@code [b, width]} as it is; of {@code [b, width, time]} a row a step, one sequence after another. */
    private static float[] rows(INDArray array) {
        INDArray turned = array.rank() == 3 ? array.permute(0, 2, 1) : array;
        try (INDArray rows = turned.dup('c')) {
            return rows.data().asFloat();
        }
    }
}
