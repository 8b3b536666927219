package org.fl4j.weights;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * One named parameter of a model.
 *
 * @param name its name, unique in the model, such as {@code "0_W"}
 * @param shape its shape, such as {@code [784, 200]}; every side at least 1
 * @param order in which order its values lie in the flat vector
 * @param role whether gradients move it, and whether it travels
 */
public record ParameterSpec(String name, List<Long> shape, ElementOrder order, Role role) {

    /** In which order the values of a tensor lie one after another. */
    public enum ElementOrder {
        /** The last index runs fastest: C, ND4J's {@code 'c'}. */
        ROW_MAJOR('c'),
        /** The first index runs fastest: Fortran, ND4J's {@code 'f'}, DL4J's dense weights. */
        COLUMN_MAJOR('f');

        private final char letter;

        ElementOrder(char letter) {
            this.letter = letter;
        }

        /**
         * ND4J's letter for it.
         *
         * @return {@code 'c'} or {@code 'f'}
         */
        public char letter() {
            return letter;
        }
    }

    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if a side is below 1
     */
    public ParameterSpec {
        Objects.requireNonNull(name);
        Objects.requireNonNull(order);
        Objects.requireNonNull(role);
        shape = List.copyOf(shape);
        for (long side : shape) {
            if (side < 1) {
                throw new IllegalArgumentException(
                        "parameter '" + name + "': every side of its shape must be at least 1, but was " + shape);
            }
        }
    }

    /**
     * A parameter that gradients move, in row-major order.
     *
     * @param shape its shape
     * @return the spec
     */
    public static ParameterSpec trainable(String name, long... shape) {
        return new ParameterSpec(name, LongStream.of(shape).boxed().toList(), ElementOrder.ROW_MAJOR, Role.TRAINABLE);
    }

    /**
     * A running statistic, in row-major order.
     *
     * @param shape its shape
     * @return the spec
     */
    public static ParameterSpec statistic(String name, long... shape) {
        return new ParameterSpec(name, LongStream.of(shape).boxed().toList(), ElementOrder.ROW_MAJOR, Role.STATISTIC);
    }

    /** Returns a copy with another role. */
    public ParameterSpec withRole(Role other) {
        return new ParameterSpec(name, shape, order, other);
    }

    /**
     * How many values it has.
     *
     * @return the product of the shape
     */
    public long length() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return name + shape + order.letter() + (role == Role.TRAINABLE ? "" : " " + role.name().toLowerCase(Locale.ROOT));
    }

    /** What a parameter is to the learning algorithm. */
    public enum Role {
        /** Moved by gradients: weights, biases, BatchNorm's gain and shift. Server optimizers and corrections act on these. */
        TRAINABLE,
        /**
         * Not moved by gradients, averaged only: estimated from the data that pass through, as BatchNorm's running mean and
         * variance, or fixed, as a frozen layer's weights.
         */
        STATISTIC,
        /** Not trained and not sent: every model has the same values, and a digest in the {@link ParameterLayout} stands for them. */
        FROZEN,
        /** Trained, and never leaves its client. */
        LOCAL;

        /** Whether a parameter is part of messages, sums and checkpoints. */
        public boolean isShared() {
            return this == TRAINABLE || this == STATISTIC;
        }

        /**
         * What to multiply a displacement's parameters by, according to their role: rules that rescale what gradients moved
         * leave statistics an average.
         *
         * @param trainable for TRAINABLE parameters
         * @param statistic for STATISTIC parameters
         */
        public record Factors(double trainable, double statistic) {

            double of(Role role) {
                return role == Role.TRAINABLE ? trainable : statistic;
            }
        }
    }
}
