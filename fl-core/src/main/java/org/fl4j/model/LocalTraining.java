package org.fl4j.model;

import java.util.Locale;
import java.util.Objects;
import org.fl4j.binary.BinaryReader;
import org.fl4j.binary.BinaryWriter;

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
 */
public record LocalTraining(Extent extent, int count, int batchSize, double learningRate) {

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
     * @param extent as above
     * @param count as above
     * @param batchSize as above
     * @param learningRate as above
     * @throws IllegalArgumentException if one is violated
     */
    public LocalTraining {
        Objects.requireNonNull(extent);
        if (count < 1) {
            throw new IllegalArgumentException(
                    extent.name().toLowerCase(Locale.ROOT) + " must be at least 1. Provided value: " + count);
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1. Provided value: " + batchSize);
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException(
                    "learningRate must be > 0 and < infinity. Provided value: " + learningRate);
        }
    }

    /**
     * Training for some passes over the data.
     *
     * @param epochs how many, at least 1
     * @return with the default batch size and learning rate
     */
    public static LocalTraining epochs(int epochs) {
        return new LocalTraining(Extent.EPOCHS, epochs, DEFAULT_BATCH_SIZE, DEFAULT_LEARNING_RATE);
    }

    /**
     * Training for some mini-batch steps.
     *
     * @param steps how many, at least 1
     * @return with the default batch size and learning rate
     */
    public static LocalTraining steps(int steps) {
        return new LocalTraining(Extent.STEPS, steps, DEFAULT_BATCH_SIZE, DEFAULT_LEARNING_RATE);
    }

    /**
     * This with another batch size.
     *
     * @param size at least 1
     * @return a copy
     */
    public LocalTraining withBatchSize(int size) {
        return new LocalTraining(extent, count, size, learningRate);
    }

    /**
     * This with another learning rate.
     *
     * @param rate above 0
     * @return a copy
     */
    public LocalTraining withLearningRate(double rate) {
        return new LocalTraining(extent, count, batchSize, rate);
    }

    /**
     * How many mini-batch steps a client takes.
     *
     * @param examples the size of its data
     * @return 0 if it has none
     */
    public long stepsOver(int examples) {
        if (examples == 0) {
            return 0;
        }
        long perEpoch = (examples + (long) batchSize - 1) / batchSize;
        return extent == Extent.STEPS ? count : count * perEpoch;
    }

    /**
     * Writes this as fields of a larger record.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeString(extent.name());
        out.writeInt(count);
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
        return new LocalTraining(Extent.valueOf(in.readString()), in.readInt(), in.readInt(), in.readDouble());
    }
}
