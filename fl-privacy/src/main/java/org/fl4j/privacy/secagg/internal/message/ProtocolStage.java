package org.fl4j.privacy.secagg.internal.message;

import java.util.Locale;
import org.fl4j.internal.BinaryReader;

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

    /** Whether this is the server's message of the stage, by its kind; its seal is not looked at. */
    public boolean asks(byte[] message) {
        return BinaryReader.isOfKind(message, kind(Direction.TO_CLIENT));
    }

    /** Which way a message goes. */
    public enum Direction {
        TO_CLIENT,
        TO_SERVER
    }
}
