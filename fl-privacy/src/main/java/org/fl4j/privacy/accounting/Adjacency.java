package org.fl4j.privacy.accounting;

/** Which data sets an event's guarantee tells apart. */
public enum Adjacency {
    /** Whichever the sensitivity that the event states is taken for: nothing in the event depends on it. */
    EITHER,

    /** One contributor's contribution is replaced by nothing, or removed. */
    ZERO_OUT,

    /** One contributor's contribution is replaced by any other; the number of contributors is public. */
    SUBSTITUTION;

    /** That of two events of one composition; EITHER adapts. */
    boolean isCompatibleWith(Adjacency other) {
        return this == EITHER || other == EITHER || this == other;
    }
}
