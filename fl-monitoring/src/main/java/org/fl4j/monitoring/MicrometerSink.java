package org.fl4j.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Meters of Micrometer, for a monitoring system that the host has: names after its conventions, lower case with dots, in
 * base units.
 *
 * <ul>
 *   <li>{@code fl4j.rounds}, a counter by {@code outcome}: advanced, abandoned, refused
 *   <li>{@code fl4j.round.duration}, a timer of rounds
 *   <li>{@code fl4j.clients}, a counter by {@code outcome}: completed, failed, timed.out, ...
 *   <li>{@code fl4j.traffic}, a counter in bytes by {@code direction}: down, up
 *   <li>{@code fl4j.round}, a gauge: the last round
 *   <li>{@code fl4j.training.loss}, {@code fl4j.central.accuracy}, {@code fl4j.privacy.epsilon} and so on, a gauge for each
 *       other figure of a {@link RoundRecord}: its last value
 * </ul>
 *
 * <p>What a run does not disclose has no meter. Whoever scrapes often sees when {@code fl4j.rounds} grows, and so how long
 * rounds take. Meters stay in the registry when the sink is closed.
 *
 * <p>Needs {@code io.micrometer:micrometer-core}, which is optional in this module's dependencies.
 */
public final class MicrometerSink implements RunSink {

    private static final String PREFIX = "fl4j.";
    private static final String CLIENTS = "clients.";
    private static final String TRAFFIC = "traffic.";
    private static final String BYTES = "_bytes";
    private static final String ROUND_SECONDS = "time.round_seconds";

    private final MeterRegistry registry;
    private final Tags tags;

    /** A registry holds what it gauges weakly. */
    private final Map<String, AtomicReference<Double>> gauges = new HashMap<>();

    private MicrometerSink(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /**
     * Meters without tags of the host's.
     *
     * @param registry where they are
     */
    public static MicrometerSink on(MeterRegistry registry) {
        return on(registry, Tags.empty());
    }

    /**
     * Meters with tags, such as the federation's name.
     *
     * @param registry where they are
     * @param tags on each of them; few values, as each is a time series
     */
    public static MicrometerSink on(MeterRegistry registry, Iterable<Tag> tags) {
        return new MicrometerSink(registry, Tags.of(tags));
    }

    @Override
    public void roundEnded(RoundRecord round) {
        String outcome = round.outcome().name().toLowerCase(Locale.ROOT);
        registry.counter(PREFIX + "rounds", tags.and("outcome", outcome)).increment();
        gauge("round", round.round());
        round.figures().forEach(this::figure);
    }

    @Override
    public String toString() {
        return "MicrometerSink[" + registry.getClass().getSimpleName() + "]";
    }

    private void figure(String name, double value) {
        if (name.equals(ROUND_SECONDS)) {
            registry.timer(PREFIX + "round.duration", tags).record(Duration.ofNanos((long) (value * 1e9)));
        } else if (name.startsWith(CLIENTS) && !name.equals("clients.selected")) {
            String outcome = dotted(name.substring(CLIENTS.length()));
            registry.counter(PREFIX + "clients", tags.and("outcome", outcome)).increment(value);
        } else if (name.startsWith(TRAFFIC) && !name.startsWith("client_", TRAFFIC.length())) {
            String direction = name.substring(TRAFFIC.length(), name.length() - BYTES.length());
            Counter.builder(PREFIX + "traffic")
                    .baseUnit(BaseUnits.BYTES)
                    .tags(tags.and("direction", direction))
                    .register(registry)
                    .increment(value);
        } else {
            gauge(dotted(name), value);
        }
    }

    private void gauge(String name, double value) {
        gauges.computeIfAbsent(name, its -> {
                    AtomicReference<Double> held = new AtomicReference<>(value);
                    Gauge.builder(PREFIX + its, held, AtomicReference::get)
                            .tags(tags)
                            .register(registry);
                    return held;
                })
                .set(value);
    }

    private static String dotted(String name) {
        return name.replace('_', '.').toLowerCase(Locale.ROOT);
    }
}
