package org.fl4j.monitoring;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as text, in no one's language: a dot, no grouping. */
final class Numbers {

    private static final double EXACT = 1L << 53;
    private static final MathContext DIGITS = new MathContext(6);

    private Numbers() {}

    /** The shortest text that is read as the same number; whole numbers without a dot. */
    static String exact(double value) {
        return value == Math.rint(value) && Math.abs(value) < EXACT
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Six digits; whole numbers in full. */
    static String brief(double value) {
        return value == Math.rint(value) && Math.abs(value) < EXACT
                ? Long.toString((long) value)
                : exact(new BigDecimal(value).round(DIGITS).doubleValue());
    }
}
