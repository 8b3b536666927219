package org.fl4j.data;

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
    private final int classes;
    private final int featureLength;
    private final int labelLength;

    private Examples(
            float[] features,
            List<Long> featureShape,
            int @Nullable [] classLabels,
            float @Nullable [] targets,
            List<Long> labelShape,
            int classes,
            int[] rows) {
        this.features = features;
        this.featureShape = featureShape;
        this.classLabels = classLabels;
        this.targets = targets;
        this.labelShape = labelShape;
        this.classes = classes;
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
                        "example " + i + ": label must be in [0, " + classes + "), but was " + labels[i]);
            }
        }
        return new Examples(
                features, shape(featureShape), labels, null, List.of((long) classes), classes, identity(labels.length));
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
                    "features must be whole rows of " + width + " values, but was " + features.length);
        }
        int n = features.length / width;
        requireRows(targets.length, length(targetShape), n, "target");
        return new Examples(features, shape(featureShape), null, targets, shape(targetShape), 0, identity(n));
    }

    /**
     * A copy of a DL4J data set: features {@code [n, ...]} and labels {@code [n, ...]}. Labels {@code [n, c]} of at least two
     * columns, all of whose rows are one-hot, become classes: evaluation counts with them, and partitioners divide by them.
     * Others are dense targets.
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
        float[] features = flat(data.getFeatures());
        float[] rows = flat(data.getLabels());
        long[] labelShape = rowShape(data.getLabels());
        int @Nullable [] classes = labelShape.length == 1 && labelShape[0] > 1
                ? classesOfOneHot(rows, Math.toIntExact(labelShape[0]))
                : null;
        return classes == null
                ? withTargets(features, rowShape(data.getFeatures()), rows, labelShape)
                : classified(features, classes, Math.toIntExact(labelShape[0]), rowShape(data.getFeatures()));
    }

    /** Null if a row is not one-hot, or there is none. */
    private static int @Nullable [] classesOfOneHot(float[] rows, int width) {
        int[] classes = new int[rows.length / width];
        for (int i = 0; i < classes.length; i++) {
            int ones = 0;
            for (int c = 0; c < width; c++) {
                float value = rows[i * width + c];
                if (value == 1f) {
                    classes[i] = c;
                    ones++;
                } else if (value != 0f) {
                    return null;
                }
            }
            if (ones != 1) {
                return null;
            }
        }
        return classes.length == 0 ? null : classes;
    }

    /**
     * The examples of several sets, one set after another.
     *
     * @param sets at least one, all of the same shapes, all labelled with classes or all with targets
     * @return copies
     * @throws IllegalArgumentException if there is no set, the shapes or kinds of label differ, or the rows are more values
     *     than an array holds
     */
    public static Examples union(List<Examples> sets) {
        if (sets.isEmpty()) {
            throw new IllegalArgumentException("a union needs at least one set of examples");
        }
        Examples first = sets.get(0);
        long n = 0;
        for (Examples set : sets) {
            if (!set.featureShape.equals(first.featureShape)
                    || !set.labelShape.equals(first.labelShape)
                    || set.classes != first.classes) {
                throw new IllegalArgumentException("the shapes differ, but was " + first + " and " + set);
            }
            n += set.size();
        }
        float[] features = new float[values(n, first.featureLength, "feature")];
        float @Nullable [] targets =
                first.classLabels == null ? new float[values(n, first.labelLength, "target")] : null;
        int @Nullable [] labels = first.classLabels == null ? null : new int[Math.toIntExact(n)];
        int at = 0;
        for (Examples set : sets) {
            for (int i = 0; i < set.size(); i++, at++) {
                set.copyFeatures(i, features, at * first.featureLength);
                if (targets != null) {
                    set.copyLabel(i, targets, at * first.labelLength);
                }
                if (labels != null) {
                    labels[at] = set.label(i);
                }
            }
        }
        return new Examples(
                features,
                first.featureShape,
                labels,
                targets,
                first.labelShape,
                first.classes,
                identity(Math.toIntExact(n)));
    }

    private static int values(long rows, int width, String what) {
        long values = rows * width;
        if (values > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(rows + " rows of " + width + " " + what + " values are " + values
                    + ", more than an array holds; keep the sets apart");
        }
        return (int) values;
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
     * @return {@code [classes]} for class labels, {@code [1]} as {@link #withBinaryTargets}
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
        return classLabels == null ? OptionalInt.empty() : OptionalInt.of(classes);
    }

    /**
     * These with label rows as a model with one sigmoid unit is trained on: {@code [0]} for class 0, {@code [1]} for class 1.
     *
     * @return a view of the same examples, still of two classes, with label shape {@code [1]}
     * @throws IllegalStateException if the labels are not of two classes
     */
    public Examples withBinaryTargets() {
        if (classes != 2) {
            throw new IllegalStateException("binary targets stand for two classes, but was " + this);
        }
        return new Examples(features, featureShape, classLabels, null, List.of(1L), classes, rows);
    }

    /**
     * These with class C - 1 - c in the place of c, of C classes: the label flip of Fang, Cao, Jia, Gong (USENIX Security
     * 2020, section 5.1), poisoned data for a simulation. Features are shared, labels copied.
     *
     * @throws IllegalStateException if the labels are dense targets
     */
    public Examples withFlippedLabels() {
        int[] flipped =
                Arrays.stream(classLabels()).map(label -> classes - 1 - label).toArray();
        return new Examples(features, featureShape, flipped, null, labelShape, classes, rows);
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
        return new Examples(features, featureShape, classLabels, targets, labelShape, classes, chosen);
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
     * Copies one example's label row: one-hot for class labels, unless they are {@link #withBinaryTargets}.
     *
     * @param example its index here
     * @param into the destination
     * @param at where its first value goes
     */
    public void copyLabel(int example, float[] into, int at) {
        int width = labelLength;
        if (targets != null) {
            System.arraycopy(targets, rows[example] * width, into, at, width);
        } else if (classes == 2 && width == 1) {
            into[at] = label(example);
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
                    + (long) n * width + " in all, but was " + values);
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
            throw new IllegalArgumentException("every side of a shape must be at least 1, but was " + shape);
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
