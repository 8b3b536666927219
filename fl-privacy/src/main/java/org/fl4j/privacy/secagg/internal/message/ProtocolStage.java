package org.fl4j.privacy.secagg.internal.message;

import java.util.Locale;

/** The stages of a round, in order. */
public enum ProtocolStage {
    ADVERTISE,
    SHARE_KEYS,
    MASKED_INPUT,
    CONSISTENCY,
    UNMASK;

    /** The kind of the message to a client, or of its answer. */
    String kind(Direction direction) {
        return "secagg-" + name().toLowerCase(Locale.ROOT) + "-"
                + direction.name().toLowerCase(Locale.ROOT);
    }

    /** Which way a message goes. */
    public enum Direction {
        TO_CLIENT,
        TO_SERVER
    }
}
