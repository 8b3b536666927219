package org.fl4j.privacy.accounting;

/**
 * Two numbers with the true one between them.
 *
 * @param lower at most the true value
 * @param upper at least the true value; infinity where nothing is known
 */
public record Interval(double lower, double upper) {

    /**
     * Checks the order.
     *
     * @throws IllegalArgumentException unless lower is at most upper
     */
    public Interval {
        if (!(lower <= upper)) {
            throw new IllegalArgumentException("lower must be <= upper, but was lower " + lower + ", upper " + upper);
        }
    }

    /**
     * How far the ends are apart.
     *
     * @return at least 0
     */
    public double width() {
        return upper == lower ? 0 : upper - lower;
    }

    /**
     * Whether a number lies in the interval.
     *
     * @return true from lower to upper, both included
     */
    public boolean contains(double value) {
        return value >= lower && value <= upper;
    }

    /** What is known of a number that lies in both. */
    Interval and(Interval other) {
        double low = Math.max(lower, other.lower);
        double high = Math.min(upper, other.upper);
        return new Interval(Math.min(low, high), Math.max(low, high));
    }

    /** What is known of the larger of two numbers. */
    Interval max(Interval other) {
        return new Interval(Math.max(lower, other.lower), Math.max(upper, other.upper));
    }
}
