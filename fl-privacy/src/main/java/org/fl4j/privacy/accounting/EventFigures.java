package org.fl4j.privacy.accounting;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What events say of themselves. */
final class EventFigures {

    static final String NO_AMPLIFICATION = "no amplification claimed: counted as if every client took part";

    private final Map<String, Double> figures = new LinkedHashMap<>();

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
