package org.fl4j.server.report;

/**
 * How much of its clients a run may show to those who read its reports. It follows from the rule and from what the host
 * declared; a {@link RoundListener} that keeps or forwards anything holds itself to it.
 */
public enum Disclosure {
    /** A rule in the clear: single clients, their number, how long a round took and what it carried. */
    CLIENTS,

    /**
     * A secure rule, or a private one whose participation counts the host declared public: numbers of clients, and bytes and
     * times of whole rounds; no figure and no id of a single client.
     */
    COUNTS,

    /**
     * A private rule: what it released, and what is the same for every client. No number of clients, and no bytes and no
     * times that follow from it; nor the run's seed, by which cohorts could be drawn again.
     */
    RELEASES
}
