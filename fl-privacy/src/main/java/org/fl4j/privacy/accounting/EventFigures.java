package org.fl4j.privacy.accounting;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What events say of themselves. */
final class EventFigures {

    static final String NO_AMPLIFICATION = "no amplification claimed: counted as if every client took part";

    private static final String SAMPLE =
            " from a cryptographic generator, as long as the cohort and its size stay secret";

    private final Map<String, Double> figures = new LinkedHashMap<>();

    /** How contributors are sampled, for people. */
    static String sampling(double probability) {
        return probability < 1 ? "Poisson sampling with probability " + probability + SAMPLE : NO_AMPLIFICATION;
    }

    static EventFigures of(String name, double value) {
        return new EventFigures().and(name, value);
    }

    EventFigures and(String name, double value) {
        figures.put(name, value);
        return this;
    }

    /** In the order in which they were named. */
    Map<String, Double> inOrder() {
        return Collections.unmodifiableMap(figures);
    }
}
