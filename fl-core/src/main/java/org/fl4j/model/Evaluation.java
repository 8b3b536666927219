package org.fl4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.jspecify.annotations.Nullable;

/**
 * How well a model does on some examples. Evaluations of disjoint sets add up to the evaluation of their union. Figures to report are
 * {@link Metric}s of it.
 *
 * @param examples how many
 * @param losses the sum of their losses
 * @param classes counts for each class in order; empty where the labels are not classes. Of sequences, if they were counted at all, steps
 *     are counted
 * @param statistics what else was collected
 */
public record Evaluation(long examples, PreciseSum losses, List<ClassCounts> classes, Statistics statistics) {

    /** The evaluation of no examples. */
    public static final Evaluation NONE = new Evaluation(0, 0, List.of());

    private static final String KIND = "evaluation";

    /** Version 1 had the mean loss and no statistics. */
    private static final int VERSION = 2;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the count is negative, or there are losses of no examples
     */
    public Evaluation {
        if (examples < 0 || (examples == 0 && losses.value() != 0)) {
            throw new IllegalArgumentException("examples must be at least 0 and losses of examples, but was " + examples
                    + " and " + losses.value());
        }
        classes = List.copyOf(Objects.requireNonNull(classes, "classes"));
        Objects.requireNonNull(statistics, "statistics");
    }

    /**
     * An evaluation without further statistics.
     *
     * @param loss the mean loss an example; finite
     * @throws IllegalArgumentException if the count is negative or the loss is not finite
     */
    public Evaluation(long examples, double loss, List<ClassCounts> classes) {
        this(examples, sum(examples, loss), classes, Statistics.NONE);
    }

    private static PreciseSum sum(long examples, double loss) {
        if (examples < 0 || !Double.isFinite(loss)) {
            throw new IllegalArgumentException(
                    "examples must be at least 0 and loss finite, but was " + examples + " and " + loss);
        }
        return PreciseSum.product((double) examples, loss);
    }

    /**
     * The mean loss an example.
     *
     * @return finite; 0 without examples
     */
    public double loss() {
        return examples == 0 ? 0 : losses.over((double) examples);
    }

    /**
     * The share of examples, of sequences the share of steps, whose class was recognised.
     *
     * @return empty without examples, and where the labels are not classes
     */
    public OptionalDouble accuracy() {
        long labelled = labelled();
        return labelled == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                        classes.stream().mapToLong(ClassCounts::correct).sum() / (double) labelled);
    }

    /** How many labels there are: of sequences the steps, else the examples; 0 where the labels are not classes. */
    long labelled() {
        return classes.stream().mapToLong(ClassCounts::examples).sum();
    }

    /**
     * The evaluation of the union of two disjoint sets of examples.
     *
     * @param other the evaluation of the other set
     * @return everything added: counts exactly, sums in twice the precision of a double
     * @throws IllegalArgumentException if both have examples, but not equally many classes or not the same statistics
     */
    public Evaluation plus(Evaluation other) {
        if (examples == 0) {
            return other;
        }
        if (other.examples == 0) {
            return this;
        }
        if (classes.size() != other.classes.size()) {
            throw new IllegalArgumentException(
                    "evaluations over " + classes.size() + " and " + other.classes.size() + " classes do not add up");
        }
        List<ClassCounts> sums = new ArrayList<>();
        for (int i = 0; i < classes.size(); i++) {
            sums.add(classes.get(i).plus(other.classes.get(i)));
        }
        return new Evaluation(
                examples + other.examples, losses.plus(other.losses), sums, statistics.plus(other.statistics));
    }

    /**
     * The evaluation in binary form, for a transport.
     *
     * @return the same bytes for equal evaluations
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeLong(examples);
            losses.writeTo(out);
            out.writeInt(classes.size());
            classes.forEach(each -> each.writeTo(out));
            statistics.writeTo(out);
        });
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal evaluation
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     */
    public static Evaluation fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            long examples = in.readLong();
            PreciseSum losses = in.version() == 1 ? sum(examples, in.readDouble()) : PreciseSum.readFrom(in);
            List<ClassCounts> classes = new ArrayList<>();
            for (int left = in.readCount(); left > 0; left--) {
                classes.add(ClassCounts.readFrom(in));
            }
            return new Evaluation(
                    examples, losses, classes, in.version() == 1 ? Statistics.NONE : Statistics.readFrom(in));
        });
    }

    /**
     * How a model did on the examples of one class.
     *
     * @param examples how many have this label
     * @param correct how many of them were recognised
     * @param predicted how many of all examples were taken for this class
     */
    public record ClassCounts(long examples, long correct, long predicted) {

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if a count is negative or above 2^53
         */
        public ClassCounts {
            Counts.bounded(examples);
            Counts.bounded(correct);
            Counts.bounded(predicted);
        }

        /**
         * The counts over both sets of examples.
         *
         * @param other of the same class
         * @return the sums
         */
        public ClassCounts plus(ClassCounts other) {
            return new ClassCounts(examples + other.examples, correct + other.correct, predicted + other.predicted);
        }

        void writeTo(BinaryWriter out) {
            out.writeLong(examples);
            out.writeLong(correct);
            out.writeLong(predicted);
        }

        static ClassCounts readFrom(BinaryReader in) {
            return new ClassCounts(in.readLong(), in.readLong(), in.readLong());
        }
    }

    /**
     * Counts up an {@link Evaluation} example by example, for those who write a {@link Model}. Not thread-safe.
     */
    public static final class Tally {

        /** Probabilities below this count as this in the loss, and so does NaN: {@value}. */
        public static final double SMALLEST_PROBABILITY = 1e-10;

        private static final float HALF = 0.5f;

        private final long[] examples;
        private final long[] correct;
        private final long[] predicted;
        private final int columns;
        private final @Nullable StatisticsTally statistics;
        private final PreciseSum.Builder losses = new PreciseSum.Builder();
        private long total;

        /**
         * A tally without examples that collects no further statistics.
         *
         * @param classes how many classes, 0 where the labels are not classes
         */
        public Tally(int classes) {
            this(classes, classes, StatisticsSpec.NONE);
        }

        /**
         * A tally without examples.
         *
         * @param classes how many classes, 0 where the labels are not classes
         * @param columns scores of a row: as many as classes, or one, the probability of class 1 of two; of targets their number
         * @param spec what to collect
         * @throws IllegalArgumentException if the specification is not one of classes where there are classes, or of targets where there
         *     are none
         */
        public Tally(int classes, int columns, StatisticsSpec spec) {
            this.examples = new long[classes];
            this.correct = new long[classes];
            this.predicted = new long[classes];
            this.columns = columns;
            this.statistics = StatisticsTally.of(spec, classes, columns);
        }

        /**
         * Counts an example by the probabilities of its classes: the prediction is the likeliest class (the lowest of
         * equals), the loss is the cross-entropy {@code -ln p[label]}.
         *
         * @param label its class
         * @param probabilities where the row of probabilities stands, one a class
         * @param at where the row begins
         */
        public void add(int label, float[] probabilities, int at) {
            double p = probabilities[at + label];
            add(label, probabilities, at, -Math.log(p > SMALLEST_PROBABILITY ? p : SMALLEST_PROBABILITY));
        }

        /**
         * Counts an example by its scores.
         *
         * @param label its class
         * @param scores where the row of scores stands; probabilities where scores or confidences are collected
         * @param at where the row begins
         * @param loss its loss
         */
        public void add(int label, float[] scores, int at, double loss) {
            count(label, scores, at);
            addLoss(loss, 1);
        }

        /**
         * Counts a step of a sequence, whose loss is counted by {@link #addLoss}.
         *
         * @param label its class
         * @param scores where the row of scores stands
         * @param at where the row begins
         */
        public void count(int label, float[] scores, int at) {
            int prediction = columns == 1 ? (scores[at] > HALF ? 1 : 0) : likeliest(scores, at, columns);
            count(label, prediction);
            if (statistics != null) {
                statistics.add(label, prediction, scores, at);
            }
        }

        /**
         * Counts a step of a sequence by its label row, unless that has no 1, as of a step after the sequence's end.
         *
         * @param labels where the label row stands, one-hot
         * @param scores where that of scores stands
         * @param at where both begin
         */
        public void countStep(float[] labels, float[] scores, int at) {
            int label = likeliest(labels, at, columns);
            if (labels[at + label] == 1) {
                count(label, scores, at);
            }
        }

        private void count(int label, int prediction) {
            examples[label]++;
            predicted[prediction]++;
            if (label == prediction) {
                correct[label]++;
            }
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
         * @throws IllegalStateException if statistics are collected, which need the scores
         */
        public void add(int label, int prediction, double loss) {
            if (statistics != null) {
                throw new IllegalStateException(
                        "statistics are collected, so the scores are needed, not the prediction alone");
            }
            count(label, prediction);
            addLoss(loss, 1);
        }

        /**
         * Counts examples whose labels are not classes.
         *
         * @param meanLoss their mean loss
         * @param count how many
         */
        public void addLoss(double meanLoss, int count) {
            losses.addProduct(meanLoss, count);
            total += count;
        }

        /**
         * Counts a row of targets, if residuals are collected. Its loss is counted by {@link #addLoss}.
         *
         * @param targets where the row of targets stands
         * @param predictions where that of predictions stands
         * @param at where both begin
         */
        public void addResiduals(float[] targets, float[] predictions, int at) {
            if (statistics != null) {
                statistics.addResiduals(targets, predictions, at);
            }
        }

        /**
         * The evaluation of all examples counted so far.
         *
         * @return their evaluation
         * @throws IllegalArgumentException if losses or targets are not finite
         */
        public Evaluation evaluation() {
            if (total == 0) {
                return Evaluation.NONE;
            }
            sum(total, losses.over((double) total)); // its message shows the mean
            List<ClassCounts> counts = new ArrayList<>();
            for (int c = 0; c < examples.length; c++) {
                counts.add(new ClassCounts(examples[c], correct[c], predicted[c]));
            }
            return new Evaluation(
                    total, losses.sum(), counts, statistics == null ? Statistics.NONE : statistics.statistics());
        }
    }

    /** Is told how the global weights do. Called on the thread that runs the rounds. */
    @FunctionalInterface
    public interface Listener {

        /**
         * The global weights were evaluated.
         *
         * @param round after which round
         * @param evaluation how they did
         */
        void evaluated(int round, Evaluation evaluation);
    }
}
