package org.fl4j.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts up an {@link Evaluation} example by example, for those who write a {@link Model}. Not thread-safe.
 */
public final class EvaluationTally {

    /** Probabilities below this count as this in the loss, and so does NaN: {@value}. */
    public static final double SMALLEST_PROBABILITY = 1e-10;

    private final long[] examples;
    private final long[] correct;
    private final long[] predicted;
    private double lossSum;
    private long total;

    /**
     * A tally without examples.
     *
     * @param classes how many classes, 0 where the labels are not classes
     */
    public EvaluationTally(int classes) {
        examples = new long[classes];
        correct = new long[classes];
        predicted = new long[classes];
    }

    /**
     * Counts an example by the probabilities of its classes: the prediction is the likeliest class (the lowest of
     * equals), the loss is the cross-entropy {@code -ln p[label]}.
     *
     * @param label its class
     * @param probabilities where the row of probabilities stands
     * @param at where the row begins
     */
    public void add(int label, float[] probabilities, int at) {
        double p = probabilities[at + label];
        add(
                label,
                likeliest(probabilities, at, examples.length),
                -Math.log(p > SMALLEST_PROBABILITY ? p : SMALLEST_PROBABILITY));
    }

    /**
     * The class with the highest score.
     *
     * @param scores where the row of scores stands
     * @param at where the row begins
     * @param classes how many there are
     * @return the lowest of equals; 0 if all are NaN
     */
    public static int likeliest(float[] scores, int at, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (scores[at + c] > scores[at + best]) {
                best = c;
            }
        }
        return best;
    }

    /**
     * Counts an example by its prediction.
     *
     * @param label its class
     * @param prediction the class it was taken for
     * @param loss its loss
     */
    public void add(int label, int prediction, double loss) {
        examples[label]++;
        predicted[prediction]++;
        if (label == prediction) {
            correct[label]++;
        }
        addLoss(loss, 1);
    }

    /**
     * Counts examples whose labels are not classes.
     *
     * @param meanLoss their mean loss
     * @param count how many
     */
    public void addLoss(double meanLoss, int count) {
        lossSum += meanLoss * count;
        total += count;
    }

    /**
     * The evaluation of all examples counted so far.
     *
     * @return their evaluation
     */
    public Evaluation evaluation() {
        List<ClassCounts> counts = new ArrayList<>();
        for (int c = 0; c < examples.length; c++) {
            counts.add(new ClassCounts(examples[c], correct[c], predicted[c]));
        }
        return total == 0 ? Evaluation.NONE : new Evaluation(total, lossSum / total, counts);
    }
}
