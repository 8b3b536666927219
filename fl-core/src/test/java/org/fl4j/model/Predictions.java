package org.fl4j.model;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.random.DeterministicRandom;

/** Labelled predictions of a classifier or a regression, cut into clients of unequal size. */
final class Predictions {

    private final int[] labels;
    private final float[] rows;
    private final float[] targets;
    private final int columns;

    /**
     * Some predictions.
     *
     * @param labels a class each; none for targets
     * @param rows probabilities or predicted targets, one row after another
     * @param targets rows of targets; none for classes
     * @param columns of a row
     */
    private Predictions(int[] labels, float[] rows, float[] targets, int columns) {
        this.labels = labels;
        this.rows = rows;
        this.targets = targets;
        this.columns = columns;
    }

    int[] labels() {
        return labels;
    }

    float[] rows() {
        return rows;
    }

    float[] targets() {
        return targets;
    }

    int columns() {
        return columns;
    }

    /** Softmax of Gaussian scores that are raised by a margin at the label. Labels are skewed: class c has the weight c + 1. */
    static Predictions classes(int n, int classes, double margin, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        int[] labels = new int[n];
        float[] rows = new float[n * classes];
        double[] scores = new double[classes];
        for (int i = 0; i < n; i++) {
            labels[i] = (int) (Math.sqrt(random.nextDouble()) * classes);
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                scores[c] = Math.exp(random.nextGaussian() + (c == labels[i] ? margin : 0));
                sum += scores[c];
            }
            for (int c = 0; c < classes; c++) {
                rows[i * classes + c] = (float) (scores[c] / sum);
            }
        }
        return new Predictions(labels, rows, new float[0], classes);
    }

    /** Of two classes, from scores of class 1. */
    static Predictions binary(int[] labels, float[] scores) {
        float[] rows = new float[2 * scores.length];
        for (int i = 0; i < scores.length; i++) {
            rows[2 * i] = 1 - scores[i];
            rows[2 * i + 1] = scores[i];
        }
        return new Predictions(labels, rows, new float[0], 2);
    }

    /** Gaussian targets around {@code offset}, predicted with noise. */
    static Predictions targets(int n, int columns, double offset, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] targets = new float[n * columns];
        float[] rows = new float[n * columns];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (float) (offset + random.nextGaussian() * (1 + i % columns));
            rows[i] = (float) (targets[i] + random.nextGaussian() / 2);
        }
        return new Predictions(new int[0], rows, targets, columns);
    }

    int size() {
        return rows.length / columns;
    }

    Evaluation central(StatisticsSpec spec) {
        return evaluation(spec, 0, 1);
    }

    /** Their sizes differ by factors: the first of 100 has a tenth of the examples, the last half a hundredth. */
    List<Evaluation> clients(StatisticsSpec spec, int clients) {
        List<Evaluation> all = new ArrayList<>();
        for (int k = 0; k < clients; k++) {
            all.add(evaluation(spec, k, clients));
        }
        return all;
    }

    static Evaluation sum(List<Evaluation> clients) {
        return clients.stream().reduce(Evaluation.NONE, Evaluation::plus);
    }

    private Evaluation evaluation(StatisticsSpec spec, int client, int clients) {
        Evaluation.Tally tally = new Evaluation.Tally(targets.length > 0 ? 0 : columns, columns, spec);
        for (int i = 0; i < size(); i++) {
            if (owner(i, clients) != client) {
                continue;
            }
            if (targets.length == 0) {
                tally.add(labels[i], rows, i * columns);
            } else {
                tally.addResiduals(targets, rows, i * columns);
                tally.addLoss(squaredError(i), 1);
            }
        }
        return tally.evaluation();
    }

    private static int owner(int example, int clients) {
        double uniform = (example * 0.6180339887498949) % 1;
        return (int) (uniform * uniform * clients);
    }

    private double squaredError(int i) {
        double sum = 0;
        for (int j = i * columns; j < (i + 1) * columns; j++) {
            sum += ((double) rows[j] - targets[j]) * ((double) rows[j] - targets[j]);
        }
        return sum / columns;
    }
}
