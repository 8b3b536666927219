package org.fl4j.monitoring;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fl4j.server.report.Disclosure;

/**
 * Which run starts, from where and on what.
 *
 * @param run names it, the same after a resume; letters, digits and hyphens
 * @param from the round it starts after, 0 for a new one
 * @param rounds how many were asked for
 * @param disclosure what may be shown of its clients
 * @param at when
 * @param parameters the host's, and what the run runs on, in an order for people; the seed is among them unless the run
 *     discloses {@link Disclosure#RELEASES} alone
 */
public record RunStart(
        String run, int from, int rounds, Disclosure disclosure, Instant at, Map<String, String> parameters) {

    /** Before any run. */
    static final RunStart NONE = new RunStart("none", 0, 0, Disclosure.RELEASES, Instant.EPOCH, Map.of());

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if the run's name has other characters
     */
    public RunStart {
        if (!run.matches("[A-Za-z0-9-]{1,100}")) {
            throw new IllegalArgumentException("run must be letters, digits and hyphens, but was '" + run + "'");
        }
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** The last round that was asked for. */
    public int last() {
        return from + rounds;
    }
}
