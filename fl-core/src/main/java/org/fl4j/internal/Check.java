package org.fl4j.internal;

/**
 * Checks numbers against their ranges. Each check returns its value or throws {@link IllegalArgumentException} with the name, the
 * range and the value: {@code "size must be at least 1, but was 0"}. Zero is returned as {@code +0.0}.
 */
public final class Check {

    private Check() {}

    public static int atLeast(String name, int value, int least) {
        atLeast(name, (long) value, least);
        return value;
    }

    public static long atLeast(String name, long value, long least) {
        if (value < least) {
            throw outside(name, "at least " + least, value);
        }
        return value;
    }

    public static double positive(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw outside(name, "> 0 and < infinity", value);
        }
        return value;
    }

    public static double notNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw outside(name, ">= 0 and < infinity", value);
        }
        return value + 0.0;
    }

    /** From 0 to 1, both included. */
    public static double probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw outside(name, "in [0, 1]", value);
        }
        return value + 0.0;
    }

    /** From 0, included, to 1, excluded. */
    public static double belowOne(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw outside(name, "in [0, 1)", value);
        }
        return value + 0.0;
    }

    private static IllegalArgumentException outside(String name, String range, Object value) {
        return new IllegalArgumentException(name + " must be " + range + ", but was " + value);
    }
}
