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
     * @param examples as above
     * @param loss as above
     * @param classes as above
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
}
