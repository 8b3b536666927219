package org.fl4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * How well a model does on some examples. Evaluations of disjoint sets add up to the evaluation of their union.
 *
 * @param examples how many
 * @param loss the mean loss an example; finite
 * @param classes counts for each class in order; empty where the labels are not classes
 */
public record Evaluation(long examples, double loss, List<ClassCounts> classes) {

    /** The evaluation of no examples. */
    public static final Evaluation NONE = new Evaluation(0, 0, List.of());

    private static final String KIND = "evaluation";
    private static final int VERSION = 1;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the count is negative or the loss is not finite
     * @throws NullPointerException if the classes are null
     */
    public Evaluation {
        if (examples < 0 || !Double.isFinite(loss)) {
            throw new IllegalArgumentException(
                    "examples must be at least 0 and loss finite, but was " + examples + " and " + loss);
        }
        classes = List.copyOf(Objects.requireNonNull(classes, "classes"));
    }

    /**
     * The share of examples whose class was recognised.
     *
     * @return empty without examples, and where the labels are not classes
     */
    public OptionalDouble accuracy() {
        if (examples == 0 || classes.isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(
                classes.stream().mapToLong(ClassCounts::correct).sum() / (double) examples);
    }

    /**
     * The evaluation of the union of two disjoint sets of examples.
     *
     * @param other the evaluation of the other set
     * @return counts added, losses weighted by examples
     * @throws IllegalArgumentException if both have classes, but not equally many
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
        long n = examples + other.examples;
        return new Evaluation(n, loss * (examples / (double) n) + other.loss * (other.examples / (double) n), sums);
    }

    /**
     * The evaluation in binary form, for a transport.
     *
     * @return the same bytes for equal evaluations
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeLong(examples);
            out.writeDouble(loss);
            out.writeInt(classes.size());
            classes.forEach(each -> each.writeTo(out));
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
            double loss = in.readDouble();
            List<ClassCounts> classes = new ArrayList<>();
            for (int left = in.readCount(); left > 0; left--) {
                classes.add(ClassCounts.readFrom(in));
            }
            return new Evaluation(examples, loss, classes);
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
        public Tally(int classes) {
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
