package org.fl4j.model;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * A sum of doubles in about twice their precision: the unevaluated sum of two doubles. Sums over parts of some numbers, added up in any
 * order, agree with the sum over all to a relative 2^-100 of the sum of absolute values, so {@link #value} and {@link #over} agree to one
 * ulp where the terms have one sign.
 *
 * <p>Source: Hida, Li, Bailey, "Algorithms for quad-double precision floating point arithmetic", ARITH 2001, section 3; two-sum is Knuth's.
 *
 * <p>Immutable and thread-safe.
 *
 * @param high the sum, rounded to a double
 * @param low what the rounding left out
 */
public record PreciseSum(double high, double low) {

    /** Of nothing. */
    public static final PreciseSum ZERO = new PreciseSum(0, 0);

    /**
     * Checks that these are the two parts of a finite number.
     *
     * @throws IllegalArgumentException if they are not finite, or {@code high} is not their rounded sum
     */
    public PreciseSum {
        if (!Double.isFinite(high) || high + low != high) {
            throw new IllegalArgumentException(
                    "a sum must be finite and low below half an ulp of high, but was " + high + " and " + low);
        }
    }

    /**
     * The product of two doubles, without rounding unless it underflows.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public static PreciseSum product(double a, double b) {
        double high = a * b;
        return new PreciseSum(high, Math.fma(a, b, -high));
    }

    /** The sum of two doubles whose exact value is the sum of the arguments. */
    static PreciseSum of(double a, double b) {
        double sum = a + b;
        double other = sum - a;
        return new PreciseSum(sum, (a - (sum - other)) + (b - other));
    }

    /**
     * The sum of both.
     *
     * @return the same for {@code a.plus(b)} and {@code b.plus(a)}
     * @throws IllegalArgumentException if it is not finite
     */
    public PreciseSum plus(PreciseSum other) {
        PreciseSum highs = of(high, other.high);
        PreciseSum lows = of(low, other.low);
        PreciseSum sum = of(highs.high, highs.low + lows.high);
        return of(sum.high, sum.low + lows.low);
    }

    /** The sum, rounded to a double. */
    public double value() {
        return high;
    }

    /**
     * The quotient, rounded to a double.
     *
     * @param divisor not 0
     */
    public double over(double divisor) {
        return dividedBy(divisor).high;
    }

    PreciseSum dividedBy(double divisor) {
        double quotient = high / divisor;
        double rest = Math.fma(-quotient, divisor, high) + low;
        return of(quotient, rest / divisor);
    }

    PreciseSum squared() {
        PreciseSum square = product(high, high);
        return of(square.high, square.low + 2 * high * low);
    }

    PreciseSum minus(PreciseSum other) {
        return plus(new PreciseSum(-other.high, -other.low));
    }

    void writeTo(BinaryWriter out) {
        out.writeDouble(high);
        out.writeDouble(low);
    }

    static PreciseSum readFrom(BinaryReader in) {
        return new PreciseSum(in.readDouble(), in.readDouble());
    }

    /** Adds up doubles without an object for each. Not thread-safe. */
    static final class Builder {

        private double high;
        private double low;

        void add(double value) {
            double sum = high + value;
            double other = sum - high;
            double left = (high - (sum - other)) + (value - other) + low;
            high = sum + left;
            low = left - (high - sum);
        }

        /** Adds a product as it is before rounding. */
        void addProduct(double a, double b) {
            double product = a * b;
            add(product);
            add(Math.fma(a, b, -product));
        }

        /** The quotient as it stands, not finite where the sum is not. */
        double over(double divisor) {
            return Double.isFinite(high) ? sum().over(divisor) : high / divisor;
        }

        /** @throws IllegalArgumentException if the sum is not finite */
        PreciseSum sum() {
            return new PreciseSum(high, low);
        }
    }
}
