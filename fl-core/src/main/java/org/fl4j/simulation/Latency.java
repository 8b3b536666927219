package org.fl4j.simulation;

import java.nio.file.Path;
import java.time.Duration;
import org.fl4j.ClientId;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;

/**
 * How long clients take for a task, from being chosen until their answer arrives: a model of devices, data and networks in
 * one. Used by {@link VirtualRunner}.
 *
 * <p>A function of its arguments alone, and thread-safe.
 */
@FunctionalInterface
public interface Latency {

    /**
     * Draws.
     *
     * @param client whose
     * @param random of this client's task alone, or of this client alone ({@link #perClient})
     * @return not negative
     */
    Duration draw(ClientId client, DeterministicRandom random);

    /** Whether a client's tasks of one run all take the same time. */
    default boolean isPerClient() {
        return false;
    }

    /** This model, drawn once for each client of a run: some clients are slow, and stay so. */
    default Latency perClient() {
        Latency drawn = this;
        return new Latency() {
            @Override
            public Duration draw(ClientId client, DeterministicRandom random) {
                return drawn.draw(client, random);
            }

            @Override
            public boolean isPerClient() {
                return true;
            }
        };
    }

    /** The same for all. */
    static Latency constant(Duration time) {
        requireNotNegative("the latency", time);
        return (client, random) -> time;
    }

    /**
     * {@code median * exp(sigma z)} with z standard normal.
     *
     * @param sigma at least 0
     */
    static Latency logNormal(Duration median, double sigma) {
        double seconds = seconds("the median", median);
        Check.notNegative("sigma", sigma);
        return (client, random) -> ofSeconds(seconds * Math.exp(sigma * random.nextGaussian()));
    }

    /** {@code scale * |z|} with z standard normal: what Nguyen et al. (AISTATS 2022) use, measured from devices. */
    static Latency halfNormal(Duration scale) {
        double seconds = seconds("the scale", scale);
        return (client, random) -> ofSeconds(seconds * Math.abs(random.nextGaussian()));
    }

    /**
     * {@code least * u^(-1 / shape)} with u uniform: heavy tails, with no variance for a shape up to 2 and no mean up to 1.
     *
     * @param least the shortest time
     * @param shape above 0; the smaller, the heavier the tail
     */
    static Latency pareto(Duration least, double shape) {
        double seconds = seconds("the shortest time", least);
        Check.positive("shape", shape);
        return (client, random) -> ofSeconds(seconds * Math.pow(1 - random.nextDouble(), -1 / shape));
    }

    /**
     * One of the tasks that a client was measured at, each as likely: a bootstrap of a trace. With {@link #perClient} one for
     * the whole run.
     *
     * <p>The trace is a CSV file in UTF-8 whose header names the columns {@code client}, {@code start} and {@code end}, in any
     * order; other columns are ignored. A row is a task, from start to end in seconds, whose origin does not matter. A
     * client that has none makes {@link #draw} throw an {@link IllegalStateException}.
     *
     * @param file is read now, and not later
     * @throws org.fl4j.CorruptDataException if a row has no client, times that are no numbers of 0 or more, or an end before the
     *     start; the message names file and line
     * @throws java.io.UncheckedIOException if the file is missing or cannot be read
     */
    static Latency trace(Path file) {
        return LatencyTrace.read(file);
    }

    private static double seconds(String what, Duration time) {
        requireNotNegative(what, time);
        return time.getSeconds() + time.getNano() / 1e9;
    }

    private static void requireNotNegative(String what, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(what + " must not be negative, but was " + time);
        }
    }

    /** At most three hundred years, which a heavy tail can exceed. */
    private static Duration ofSeconds(double seconds) {
        return Duration.ofNanos((long) Math.min(Long.MAX_VALUE, seconds * 1e9));
    }
}
