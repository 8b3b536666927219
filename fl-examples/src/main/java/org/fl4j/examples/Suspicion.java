package org.fl4j.examples;

import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;

/** How well numbers that are not probabilities tell the rare examples from all others: they are taken for odds. */
final class Suspicion {

    private Suspicion() {}

    /**
     * An evaluation with the scores of class 1, the rare one. Its loss is 0.
     *
     * @param odds at least 0 and finite, the higher the more suspicious
     * @param rare which examples are to be found
     * @throws IllegalArgumentException if one is negative or not finite
     */
    static Evaluation evaluation(double[] odds, boolean[] rare) {
        Evaluation.Tally tally = new Evaluation.Tally(2, 1, Metric.PR_AUC.needs());
        float[] score = new float[1];
        for (int i = 0; i < rare.length; i++) {
            if (!(odds[i] >= 0 && odds[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "example " + i + " has " + odds[i] + " for odds; did the training diverge?");
            }
            score[0] = (float) (odds[i] / (1 + odds[i]));
            tally.add(rare[i] ? 1 : 0, score, 0, 0);
        }
        return tally.evaluation();
    }
}
