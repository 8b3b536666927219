package org.fl4j.privacy.accounting;

/**
 * A number as the sum of two doubles, high and what is left of it: about 106 bits. For numbers of one sign, whose results are right to 2^-100
 * relative (Dekker, Numerische Mathematik 18, 1971).
 */
record DoubleDouble(double high, double low) {

    private static DoubleDouble sum(double large, double small) {
        double high = large + small;
        return new DoubleDouble(high, small - (high - large));
    }

    /** a / b. */
    static DoubleDouble quotient(double a, double b) {
        double high = a / b;
        return sum(high, Math.fma(-high, b, a) / b);
    }

    DoubleDouble plus(DoubleDouble other) {
        double total = high + other.high;
        double part = total - high;
        double error = (high - (total - part)) + (other.high - part);
        return sum(total, error + (low + other.low));
    }

    DoubleDouble times(DoubleDouble other) {
        double product = high * other.high;
        double error = Math.fma(high, other.high, -product);
        return sum(product, error + (high * other.low + low * other.high));
    }

    /** 1 / this, by one of Newton's steps from the quotient in doubles. */
    DoubleDouble reciprocal() {
        double first = 1 / high;
        double rest = Math.fma(-first, high, 1) - first * low;
        return sum(first, first * rest);
    }
}
