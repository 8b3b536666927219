package org.fl4j.model;

import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * A figure of an {@link Evaluation} by name, and which direction is better.
 *
 * <p>Immutable and thread-safe.
 */
public final class Metric {

    /** The share of examples whose class was recognised. */
    public static final Metric ACCURACY = new Metric("accuracy", true, Evaluation::accuracy);

    /** The mean loss. */
    public static final Metric LOSS = new Metric(
            "loss",
            false,
            evaluation -> evaluation.examples() == 0 ? OptionalDouble.empty() : OptionalDouble.of(evaluation.loss()));

    private final String name;
    private final boolean higherIsBetter;
    private final Function<Evaluation, OptionalDouble> figure;

    private Metric(String name, boolean higherIsBetter, Function<Evaluation, OptionalDouble> figure) {
        this.name = name;
        this.higherIsBetter = higherIsBetter;
        this.figure = figure;
    }

    /** Its name, such as {@code accuracy}. */
    public String name() {
        return name;
    }

    /** Whether higher is better. */
    public boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** The figure of an evaluation; empty if it has none. */
    public OptionalDouble of(Evaluation evaluation) {
        return figure.apply(evaluation);
    }

    @Override
    public String toString() {
        return name;
    }
}
