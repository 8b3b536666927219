package org.fl4j.simulation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.fl4j.ClientId;
import org.fl4j.server.selection.ClientSelector;
import org.jspecify.annotations.Nullable;

/**
 * When clients can be asked, in virtual time: charging at night, awake in their time zone, or as a trace has it.
 *
 * <pre>{@code
 * Simulation.with(FedAvg.byExamples())
 *         .over(population, () -> Dl4jModel.of(network()))
 *         .selector(ClientSelector.uniform(10).among(AvailabilityWindows.read(file).repeating(Duration.ofDays(1))))
 *         .latency(Latency.trace(tasks))
 * }</pre>
 *
 * <ul>
 *   <li>A client without a window is never available.
 *   <li>A window says when a client can be chosen. One that was chosen trains, however long its {@link Latency} says.
 *   <li>A round for which nobody is available is abandoned, and time moves to the next moment at which a window begins: of
 *       any client here, also one outside the population. After the last window all rounds are abandoned.
 *   <li>An asynchronous round fills its free places as windows begin, and goes on. It is abandoned where nobody is at work and as
 *       many windows in a row as the population has clients bring nobody.
 *   <li>It needs a runner that counts time, such as a {@link VirtualRunner}, and a rule that is not private: a server on the
 *       real clock, where time is always zero, is not built with it.
 * </ul>
 *
 * <p>Immutable and thread-safe. Whether a client is available takes time in proportion to its own windows.
 */
public final class AvailabilityWindows implements ClientSelector.Availability {

    private final Map<ClientId, List<Window>> windows;
    private final TreeSet<Duration> starts = new TreeSet<>();
    private final @Nullable Duration period;

    private AvailabilityWindows(Map<ClientId, List<Window>> windows, @Nullable Duration period) {
        this.windows = windows;
        this.period = period;
        windows.values().forEach(each -> each.forEach(window -> starts.add(window.start())));
    }

    /**
     * A span of time since the run's start.
     *
     * @param start included, not negative
     * @param end excluded, after the start
     */
    public record Window(Duration start, Duration end) {

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if the start is negative or the end not after it
         */
        public Window {
            if (start.isNegative() || end.compareTo(start) <= 0) {
                throw new IllegalArgumentException(
                        "a window must start at 0 or later and end after that, but was from " + start + " to " + end);
            }
        }

        private boolean contains(Duration time) {
            return start.compareTo(time) <= 0 && time.compareTo(end) < 0;
        }
    }

    /** Windows of each client, in any order; they may overlap. */
    public static AvailabilityWindows of(Map<ClientId, List<Window>> windows) {
        Map<ClientId, List<Window>> copy = new HashMap<>();
        windows.forEach((client, each) -> copy.put(client, List.copyOf(each)));
        return new AvailabilityWindows(copy, null);
    }

    /**
     * Reads windows from a CSV file in UTF-8 whose header names the columns {@code client}, {@code start} and {@code end}, in
     * any order; other columns are ignored. A row is a window of a client, in seconds since the run's start.
     *
     * @throws org.fl4j.CorruptDataException if a row has no client, times that are no numbers of 0 or more, or an end that is not
     *     after the start; the message names file and line
     * @throws java.io.UncheckedIOException if the file is missing or cannot be read
     */
    public static AvailabilityWindows read(Path file) {
        Map<ClientId, List<Window>> windows = new HashMap<>();
        for (TraceFile.Span span : TraceFile.read(file)) {
            if (span.start().equals(span.end())) {
                throw span.corrupt("a window must end after its start, but ends with it, at " + span.end());
            }
            windows.computeIfAbsent(span.client(), client -> new ArrayList<>())
                    .add(new Window(span.start(), span.end()));
        }
        return new AvailabilityWindows(windows, null);
    }

    /**
     * Returns a copy that begins anew after each period, such as a day.
     *
     * @param length positive, and no window ends after it: one over midnight is two
     * @throws IllegalArgumentException if a window does
     */
    public AvailabilityWindows repeating(Duration length) {
        if (length.isNegative() || length.isZero()) {
            throw new IllegalArgumentException("the period must be positive, but was " + length);
        }
        windows.forEach((client, each) -> each.forEach(window -> {
            if (window.end().compareTo(length) > 0) {
                throw new IllegalArgumentException("windows must end within the period of " + length + ", but client '"
                        + client + "' has " + window + "; make two of one that goes on into the next period");
            }
        }));
        return new AvailabilityWindows(windows, length);
    }

    /** As at the run's start. */
    @Override
    public boolean isAvailable(int round, ClientId client) {
        return isAvailable(round, Duration.ZERO, client);
    }

    @Override
    public boolean isAvailable(int round, Duration time, ClientId client) {
        Duration within = time.minus(periodOf(time));
        return windows.getOrDefault(client, List.of()).stream().anyMatch(window -> window.contains(within));
    }

    @Override
    public Optional<Duration> next(Duration time) {
        Duration begun = periodOf(time);
        Duration later = starts.higher(time.minus(begun));
        if (later != null) {
            return Optional.of(begun.plus(later));
        }
        return period == null || starts.isEmpty()
                ? Optional.empty()
                : Optional.of(begun.plus(period).plus(starts.first()));
    }

    /** When the period of a time began. */
    private Duration periodOf(Duration time) {
        return period == null ? Duration.ZERO : period.multipliedBy(time.dividedBy(period));
    }

    @Override
    public String toString() {
        return "AvailabilityWindows[" + windows.size() + " clients"
                + (period == null ? "" : ", repeating every " + period) + "]";
    }
}
