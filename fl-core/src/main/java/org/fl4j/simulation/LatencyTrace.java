package org.fl4j.simulation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.random.DeterministicRandom;

/** One of a client's own recorded durations, each as likely. */
record LatencyTrace(Path file, Map<ClientId, List<Duration>> tasks) implements Latency {

    static LatencyTrace read(Path file) {
        Map<ClientId, List<Duration>> tasks = new HashMap<>();
        for (TraceFile.Span span : TraceFile.read(file)) {
            tasks.computeIfAbsent(span.client(), client -> new ArrayList<>())
                    .add(span.end().minus(span.start()));
        }
        return new LatencyTrace(file, tasks);
    }

    @Override
    public Duration draw(ClientId client, DeterministicRandom random) {
        List<Duration> recorded = tasks.get(client);
        if (recorded == null) {
            throw new IllegalStateException("client '" + client + "' has no task in the trace " + file
                    + ", which is of " + tasks.size() + " other clients; is the population named as the trace is?");
        }
        return recorded.get(random.nextInt(recorded.size()));
    }

    @Override
    public String toString() {
        return "Latency[" + file + "]";
    }
}
