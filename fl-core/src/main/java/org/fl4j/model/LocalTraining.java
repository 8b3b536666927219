package org.fl4j.model;

import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;

/**
 * How a client trains in a round.
 *
 * <pre>{@code
 * LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1)
 * LocalTraining.steps(100).withBatchSize(32).withLearningRate(0.05)
 * }</pre>
 *
 * <p>The optimizer itself (plain SGD, Adam, ...) is the model's; its state and counters start anew in every round, and
 * its learning rate is the one given here.
 *
 * @param extent whether {@code count} counts epochs or steps
 * @param count how many, at least 1
 * @param batchSize examples in a mini-batch, at least 1; the last of an epoch may be shorter
 * @param learningRate the step size, above 0
 * @param smallestBatch the examples that the last mini-batch of an epoch must have, or it is left out; 1 to batchSize
 */
public record LocalTraining(Extent extent, int count, int batchSize, double learningRate, int smallestBatch) {

    /** What the amount of local training is counted in. */
    public enum Extent {
        /** Passes over the client's data. */
        EPOCHS,
        /** Mini-batch steps, whatever the size of the client's data. */
        STEPS
    }

    /** Examples in a mini-batch unless set: {@value}. */
    public static final int DEFAULT_BATCH_SIZE = 10;

    /** The learning rate unless set: {@value}. */
    public static final double DEFAULT_LEARNING_RATE = 0.1;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is violated
     */
    public LocalTraining {
        Objects.requireNonNull(extent);
        if (count < 1) {
            throw new IllegalArgumentException(
                    extent.name().toLowerCase(Locale.ROOT) + " must be at least 1, but was " + count);
        }
        Check.atLeast("batchSize", batchSize, 1);
        Check.positive("learningRate", learningRate);
        if (smallestBatch < 1 || smallestBatch > batchSize) {
            throw new IllegalArgumentException(
                    "smallestBatch must be in [1, " + batchSize + "], the batch size, but was " + smallestBatch);
        }
    }

    /** Returns a copy of another extent, with the same batch size and learning rate. */
    public LocalTraining forEpochs(int epochs) {
        return new LocalTraining(Extent.EPOCHS, epochs, batchSize, learningRate, smallestBatch);
    }

    /**
     * Training for some passes over the data.
     *
     * @param epochs how many, at least 1
     * @return with the default batch size and learning rate
     */
    public static LocalTraining epochs(int epochs) {
        return new LocalTraining(Extent.EPOCHS, epochs, DEFAULT_BATCH_SIZE, DEFAULT_LEARNING_RATE, 1);
    }

    /**
     * Training for some mini-batch steps.
     *
     * @param steps how many, at least 1
     * @return with the default batch size and learning rate
     */
    public static LocalTraining steps(int steps) {
        return new LocalTraining(Extent.STEPS, steps, DEFAULT_BATCH_SIZE, DEFAULT_LEARNING_RATE, 1);
    }

    /**
     * Returns a copy with another batch size.
     *
     * @param size at least 1
     * @return a copy, with a smallest batch of at most this
     */
    public LocalTraining withBatchSize(int size) {
        return new LocalTraining(extent, count, size, learningRate, Math.min(smallestBatch, Math.max(size, 1)));
    }

    /**
     * Returns a copy with another learning rate.
     *
     * @param rate above 0
     * @return a copy
     */
    public LocalTraining withLearningRate(double rate) {
        return new LocalTraining(extent, count, batchSize, rate, smallestBatch);
    }

    /**
     * Returns a copy without short mini-batches: one with fewer examples, which only the last of an epoch can be, is
     * left out. Layers that take statistics over a mini-batch, such as BatchNorm, have none over one example: 2 leaves
     * that out.
     *
     * @param examples at least 1, at most the batch size
     * @return a copy; a client that has fewer examples in all takes no step
     */
    public LocalTraining withSmallestBatch(int examples) {
        return new LocalTraining(extent, count, batchSize, learningRate, examples);
    }

    /**
     * How many mini-batch steps a client takes.
     *
     * @param examples the size of its data
     * @return 0 if it has none, or fewer than the smallest batch
     */
    public long stepsOver(int examples) {
        long perEpoch = (long) examples / batchSize + (examples % batchSize >= smallestBatch ? 1 : 0);
        return extent == Extent.STEPS && perEpoch > 0 ? count : count * perEpoch;
    }

    /**
     * Writes this as fields of a larger record. The bytes are those of versions that knew no smallest batch unless there is
     * one: its negative stands before the batch size then.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeString(extent.name());
        out.writeInt(count);
        if (smallestBatch > 1) {
            out.writeInt(-smallestBatch);
        }
        out.writeInt(batchSize);
        out.writeDouble(learningRate);
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return the settings
     */
    public static LocalTraining readFrom(BinaryReader in) {
        Extent extent = Extent.valueOf(in.readString());
        int count = in.readInt();
        int next = in.readInt();
        int smallest = next < 0 ? -next : 1;
        int batchSize = next < 0 ? in.readInt() : next;
        return new LocalTraining(extent, count, batchSize, in.readDouble(), smallest);
    }

    /**
     * What local training did.
     *
     * @param examples the size n of the client's data
     * @param steps how many mini-batch steps were taken
     * @param stepSizeSum the sum of their learning rates, if every step was plain SGD, {@code w - rate * (g + correction)}
     *     with the mean gradient g of its mini-batch (regularisation terms may be in g); empty for other optimizers, momentum,
     *     clipping and constraints included, whose displacement over this is no mean of gradients
     * @param loss the mean of the mini-batch losses, each before its step; 0 without steps
     */
    public record Report(long examples, long steps, OptionalDouble stepSizeSum, double loss) {}
}
