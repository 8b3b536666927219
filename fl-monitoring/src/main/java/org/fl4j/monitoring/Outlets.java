package org.fl4j.monitoring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sinks, none of which can hurt the run or another one. */
final class Outlets {

    private static final Logger LOG = LoggerFactory.getLogger(Monitoring.class);

    private final List<RunSink> sinks;
    private final Set<String> logged = new HashSet<>();
    private final AtomicLong failures = new AtomicLong();

    Outlets(List<RunSink> sinks) {
        this.sinks = List.copyOf(sinks);
    }

    /** Tells every sink. An interrupt of the run's thread waits meanwhile: it would break the file that is written. */
    void tell(Consumer<RunSink> message) {
        boolean interrupted = Thread.interrupted();
        try {
            for (int i = 0; i < sinks.size(); i++) {
                RunSink sink = sinks.get(i);
                guarded("sink " + i + ", " + sink, () -> message.accept(sink));
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Does what may throw; the first failure of each kind is logged, all are counted. */
    void guarded(String who, Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            failures.incrementAndGet();
            if (logged.add(who)) {
                LOG.warn("{} failed; the run continues, and this is logged once", who, e);
            }
        }
    }

    /** What was left out; each text is logged once, all are counted. */
    void leftOut(String what) {
        failures.incrementAndGet();
        if (logged.add(what)) {
            LOG.warn("{}; this is logged once", what);
        }
    }

    long failures() {
        return failures.get();
    }

    /** The classes, for messages. */
    @Override
    public String toString() {
        List<String> names = new ArrayList<>();
        sinks.forEach(sink -> names.add(sink.getClass().getSimpleName()));
        return names.toString();
    }
}
