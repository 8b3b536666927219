package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Meters of a run. */
class MicrometerSinkTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void aRunIsCountedTimedAndGauged() {
        Monitoring monitoring = Monitoring.to(MicrometerSink.on(registry, Tags.of("federation", "hospitals")));
        Federation.run(Federation.START, 4, monitoring);

        assertEquals(
                4,
                registry.get("fl4j.rounds").tag("outcome", "advanced").counter().count());
        assertEquals(
                4 * 18,
                registry.get("fl4j.clients")
                        .tag("outcome", "completed")
                        .counter()
                        .count());
        assertEquals(
                4 * 5,
                registry.get("fl4j.clients").tag("outcome", "failed").counter().count());
        assertEquals(
                0,
                registry.get("fl4j.clients")
                        .tag("outcome", "timed.out")
                        .counter()
                        .count());
        assertEquals(4, registry.get("fl4j.round.duration").timer().count());
        assertTrue(registry.get("fl4j.round.duration").timer().totalTime(TimeUnit.NANOSECONDS) > 0);
        assertTrue(
                registry.get("fl4j.traffic").tag("direction", "down").counter().count() > 0);
        assertEquals(
                "bytes",
                registry.get("fl4j.traffic")
                        .tag("direction", "up")
                        .counter()
                        .getId()
                        .getBaseUnit());
        assertEquals(4, registry.get("fl4j.round").gauge().value());
        assertEquals(0.5, registry.get("fl4j.training.loss").gauge().value());
        assertEquals(0, monitoring.failures());
        for (Meter meter : registry.getMeters()) {
            assertTrue(meter.getId().getName().matches("fl4j([.][a-z0-9]+)+"), () -> "" + meter.getId());
            assertEquals("hospitals", meter.getId().getTag("federation"));
        }
    }

    @Test
    void aGaugeHasTheLastValueAlsoAfterACollection() {
        MicrometerSink sink = MicrometerSink.on(registry);
        sink.roundEnded(RowFilesTest.round(1, "central.accuracy", 0.5));
        sink.roundEnded(RowFilesTest.round(2, "central.accuracy", 0.75, "federated.accuracy.p10", 0.25));
        System.gc();
        sink.roundEnded(new RoundRecord(3, RoundRecord.Outcome.REFUSED, "spent", Instant.EPOCH, Map.of()));

        assertEquals(0.75, registry.get("fl4j.central.accuracy").gauge().value());
        assertEquals(0.25, registry.get("fl4j.federated.accuracy.p10").gauge().value());
        assertEquals(
                1,
                registry.get("fl4j.rounds").tag("outcome", "refused").counter().count());
        assertNull(registry.find("fl4j.clients").counter());
        assertNull(registry.find("fl4j.round.duration").timer());
    }
}
