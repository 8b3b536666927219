package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;

/** How many wrong messages were sent where, and what went wrong. Thread-safe. */
final class FuzzLog {

    /** Longer than any pause of a loaded machine; a message takes microseconds. */
    private static final long LONGEST_NANOS = 20_000_000_000L;

    private static final int SHOWN_BYTES = 4096;
    private static final int MOST_FINDINGS = 20;

    private final Map<Place, Tally> tallies = new ConcurrentHashMap<>();
    private final AtomicLong total = new AtomicLong();
    private final Queue<String> findings = new ConcurrentLinkedQueue<>();

    /** One message more. */
    void sent(ProtocolStage stage, Direction way, long itsNanos) {
        Tally tally = tally(stage, way);
        tally.count.incrementAndGet();
        tally.nanos.addAndGet(itsNanos);
        total.incrementAndGet();
        if (itsNanos > LONGEST_NANOS) {
            finding(stage + " " + way + ": a message took " + itsNanos / 1_000_000 + " ms");
        }
    }

    /** The first of them will do. */
    void finding(String what) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(what);
        }
    }

    static String shown(byte[] message) {
        return message.length <= SHOWN_BYTES ? HexFormat.of().formatHex(message) : message.length + " bytes";
    }

    boolean isClean() {
        return findings.isEmpty();
    }

    List<String> findings() {
        return List.copyOf(findings);
    }

    long total() {
        return total.get();
    }

    long count(ProtocolStage stage, Direction way) {
        return tally(stage, way).count.get();
    }

    /** A line a stage and direction. */
    List<String> table() {
        List<String> lines = new ArrayList<>();
        for (ProtocolStage stage : ProtocolStage.values()) {
            for (Direction way : Direction.values()) {
                long count = count(stage, way);
                double micros = tally(stage, way).nanos.get() / 1e3 / Math.max(1, count);
                lines.add(String.format("%-12s %-9s %,12d messages, %7.1f us each", stage, way, count, micros));
            }
        }
        return lines;
    }

    private Tally tally(ProtocolStage stage, Direction way) {
        return tallies.computeIfAbsent(new Place(stage, way), place -> new Tally(new AtomicLong(), new AtomicLong()));
    }

    private record Place(ProtocolStage stage, Direction way) {}

    private record Tally(AtomicLong count, AtomicLong nanos) {}
}
