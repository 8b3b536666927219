package org.fl4j.privacy.accounting;

import org.fl4j.internal.Check;

/** Refuses numbers out of range, with the range and the number in the message. */
final class Ranges {

    private Ranges() {}

    static double notNegative(String name, double value) {
        Check.notNegative(name, value);
        return value + 0.0;
    }

    static double probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be >= 0 and <= 1, but was " + value);
        }
        return value + 0.0;
    }

    static double privacyDelta(double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("privacyDelta must be >= 0 and < 1, but was " + value);
        }
        return value + 0.0;
    }

    static double order(double value) {
        if (!(value > 1) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("order must be > 1 and < infinity, but was " + value);
        }
        return value;
    }

    static long count(String name, long value) {
        Check.atLeast(name, value, 0);
        return value;
    }
}
