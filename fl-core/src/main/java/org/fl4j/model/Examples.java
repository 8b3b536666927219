package org.fl4j.model;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Labelled examples on the heap, row by row: the data that the DL4J and SameDiff adapters train on and that the
 * partitioners of a simulation divide. Features are FP32; labels are either class indices, turned into one-hot rows as
 * mini-batches are assembled, or dense FP32 target rows.
 *
 * <p>{@link #select} gives a view that shares the rows: a population of many clients costs one {@code int} an example.
 *
 * <p>Shapes: an example's features have {@link #featureShape()} (without the batch dimension), its label row
 * {@link #labelShape()}; class labels have label shape {@code [classes]}.
 *
 * <p>Immutable and thread-safe. The factories keep the arrays they are given: do not write to them afterwards.
 */
public final class Examples {

    private final float[] features;
    private final List<Long> featureShape;
    private final int @Nullable [] classLabels;
    private final float @Nullable [] targets;
    private final List<Long> labelShape;
    private final int[] rows;
    private final int featureLength;
    private final int labelLength;

    private Examples(
            float[] features,
            List<Long> featureShape,
            int @Nullable [] classLabels,
            float @Nullable [] targets,
            List<Long> labelShape,
            int[] rows) {
        this.features = features;
        this.featureShape = featureShape;
        this.classLabels = classLabels;
        this.targets = targets;
        this.labelShape = labelShape;
        this.rows = rows;
        this.featureLength = length(featureShape);
        this.labelLength = length(labelShape);
    }

    /**
     * Examples labelled with a class each.
     *
     * @param features the feature rows one after another, {@code n * product(featureShape)} values
     * @param labels the class of each row, in {@code [0, classes)}
     * @param classes how many classes there are
     * @param featureShape the shape of one example's features, such as {@code 784} or {@code 1, 28, 28}
     * @return the examples
     * @throws IllegalArgumentException if the lengths disagree or a label is out of range
     */
    public static Examples classified(float[] features, int[] labels, int classes, long... featureShape) {
        int width = length(featureShape);
        requireRows(features.length, width, labels.length, "feature");
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "example " + i + ": label must be in [0, " + classes + "). Provided value: " + labels[i]);
            }
        }
        return new Examples(
                features, shape(featureShape), labels, null, List.of((long) classes), identity(labels.length));
    }

    /**
     * Examples with a dense target row each, for regression or soft labels.
     *
     * @param features the feature rows one after another
     * @param featureShape the shape of one example's features
     * @param targets the target rows one after another
     * @param targetShape the shape of one example's target
     * @return the examples
     * @throws IllegalArgumentException if the lengths disagree
     */
    public static Examples withTargets(float[] features, long[] featureShape, float[] targets, long[] targetShape) {
        int width = length(featureShape);
        if (features.length % width != 0) {
            throw new IllegalArgumentException(
                    "features must be whole rows of " + width + " values. Provided value: " + features.length);
        }
        int n = features.length / width;
        requireRows(targets.length, length(targetShape), n, "target");
        return new Examples(features, shape(featureShape), null, targets, shape(targetShape), identity(n));
    }

    /**
     * A copy of a DL4J data set: features {@code [n, ...]} and labels {@code [n, ...]}, as dense targets. Where the
     * labels are one-hot rows, prefer {@link #classified}: it is smaller and evaluation counts classes with it.
     *
     * @param data features and labels; masks are not supported
     * @return the examples, on the heap
     * @throws IllegalArgumentException if the data set carries masks, or has no features or no labels
     */
    public static Examples of(DataSet data) {
        if (data.getFeatures() == null || data.getLabels() == null) {
            throw new IllegalArgumentException("a data set must have features and labels, but this one has no "
                    + (data.getFeatures() == null ? "features" : "labels")
                    + "; for unsupervised training, repeat the features as labels");
        }
        if (data.getFeaturesMaskArray() != null || data.getLabelsMaskArray() != null) {
            throw new IllegalArgumentException("data sets with masks are not supported: Examples holds rows of one"
                    + " shape; pad to a full sequence or write a Model over your own data type");
        }
        return withTargets(
                flat(data.getFeatures()),
                rowShape(data.getFeatures()),
                flat(data.getLabels()),
                rowShape(data.getLabels()));
    }

    /**
     * The examples of several sets, one set after another.
     *
     * @param sets at least one, labelled with classes, all of the same shapes
     * @return copies
     * @throws IllegalArgumentException if there is no set or the shapes differ
     */
    public static Examples union(List<Examples> sets) {
        if (sets.isEmpty()) {
            throw new IllegalArgumentException("a union needs at least one set of examples");
        }
        Examples first = sets.get(0);
        int n = 0;
        for (Examples set : sets) {
            if (!set.featureShape.equals(first.featureShape) || !set.labelShape.equals(first.labelShape)) {
                throw new IllegalArgumentException("the shapes differ. Provided value: " + first + " and " + set);
            }
            n += set.size();
        }
        float[] features = new float[n * first.featureLength];
        int[] labels = new int[n];
        int at = 0;
        for (Examples set : sets) {
            for (int i = 0; i < set.size(); i++, at++) {
                set.copyFeatures(i, features, at * first.featureLength);
                labels[at] = set.label(i);
            }
        }
        return new Examples(features, first.featureShape, labels, null, first.labelShape, identity(n));
    }

    /**
     * How many examples.
     *
     * @return at least 0
     */
    public int size() {
        return rows.length;
    }

    /**
     * The shape of one example's features, without the batch dimension.
     *
     * @return such as {@code [784]}
     */
    public List<Long> featureShape() {
        return featureShape;
    }

    /**
     * The shape of one example's label row.
     *
     * @return {@code [classes]} for class labels
     */
    public List<Long> labelShape() {
        return labelShape;
    }

    /**
     * How many values one example's features have.
     *
     * @return the product of {@link #featureShape()}
     */
    public int featureLength() {
        return featureLength;
    }

    /**
     * How many values one example's label row has.
     *
     * @return the product of {@link #labelShape()}
     */
    public int labelLength() {
        return labelLength;
    }

    /**
     * How many classes the labels tell apart.
     *
     * @return empty where the labels are dense targets
     */
    public OptionalInt classes() {
        return classLabels == null ? OptionalInt.empty() : OptionalInt.of(labelLength);
    }

    /**
     * The class of an example.
     *
     * @param example its index here
     * @return its class
     * @throws IllegalStateException if the labels are dense targets
     */
    public int label(int example) {
        return classLabels()[rows[example]];
    }

    /**
     * A view of some of these examples, in the given order. Rows are shared, not copied.
     *
     * @param examples indices of examples here; repeats are allowed
     * @return the view
     * @throws IndexOutOfBoundsException if an index is not an example's
     */
    public Examples select(int[] examples) {
        int[] chosen = new int[examples.length];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = rows[examples[i]];
        }
        return new Examples(features, featureShape, classLabels, targets, labelShape, chosen);
    }

    /**
     * Copies one example's features.
     *
     * @param example its index here
     * @param into the destination
     * @param at where its first value goes
     */
    public void copyFeatures(int example, float[] into, int at) {
        int width = featureLength;
        System.arraycopy(features, rows[example] * width, into, at, width);
    }

    /**
     * Copies one example's label row: one-hot for class labels.
     *
     * @param example its index here
     * @param into the destination
     * @param at where its first value goes
     */
    public void copyLabel(int example, float[] into, int at) {
        int width = labelLength;
        if (targets != null) {
            System.arraycopy(targets, rows[example] * width, into, at, width);
        } else {
            Arrays.fill(into, at, at + width, 0f);
            into[at + label(example)] = 1f;
        }
    }

    @Override
    public String toString() {
        return "Examples[size=" + size() + ", features=" + featureShape + ", labels=" + labelShape
                + (classLabels == null ? " (targets)]" : " (classes)]");
    }

    private int[] classLabels() {
        if (classLabels == null) {
            throw new IllegalStateException("these examples have dense targets of shape " + labelShape
                    + ", not class labels; build them with Examples.classified");
        }
        return classLabels;
    }

    private static void requireRows(int values, int width, int n, String what) {
        if (values != (long) n * width) {
            throw new IllegalArgumentException("expected " + n + " rows of " + width + " " + what + " values, "
                    + (long) n * width + " in all. Provided value: " + values);
        }
    }

    private static int length(long[] shape) {
        return length(shape(shape));
    }

    private static int length(List<Long> shape) {
        long product = 1;
        for (long side : shape) {
            product = Math.multiplyExact(product, side);
        }
        if (product < 1) {
            throw new IllegalArgumentException("every side of a shape must be at least 1. Provided value: " + shape);
        }
        return Math.toIntExact(product);
    }

    private static List<Long> shape(long[] shape) {
        return LongStream.of(shape).boxed().toList();
    }

    private static int[] identity(int n) {
        int[] rows = new int[n];
        for (int i = 0; i < n; i++) {
            rows[i] = i;
        }
        return rows;
    }

    private static long[] rowShape(INDArray batch) {
        long[] shape = batch.shape();
        return shape.length == 1 ? new long[] {1} : Arrays.copyOfRange(shape, 1, shape.length);
    }

    private static float[] flat(INDArray batch) {
        return batch.dup('c').data().asFloat();
    }
}
