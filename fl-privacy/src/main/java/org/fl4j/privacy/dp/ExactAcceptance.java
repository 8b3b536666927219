package org.fl4j.privacy.dp;

import java.math.BigInteger;
import java.util.function.LongSupplier;

/**
 * Decides (l + U) / (M 2^k) &lt; exp(-x^2 / (2 sigma^2)) for a uniform real U in [0, 1) without rounding: sigma is the
 * rational number that the double is, U is read bit by bit for as long as the bits read leave the question open, and
 * the exponential is an interval of integers that narrows until it is on one side.
 *
 * <p>It ends with probability 1: for x other than 0 the exponential is irrational (Lindemann), so it equals no end of U's
 * interval; for x = 0 it is 1 and the interval is a point. How many words of U are read depends on the exact values
 * alone, never on the precision that happened to be used.
 *
 * <p>Immutable and thread-safe.
 */
final class ExactAcceptance {

    private static final int FIRST_PRECISION = 192;

    private final BigInteger twoVarianceOdd;
    private final int twoVarianceExponent;
    private final BigInteger levels;

    /** What is to be accepted: the point x, the level l of its cell, and k, how often the levels are doubled. */
    record Proposal(long x, int level, int doublings) {}

    ExactAcceptance(double sigma, int levels) {
        int exponent = Math.getExponent(sigma) - 52;
        BigInteger significand = BigInteger.valueOf((long) Math.scalb(sigma, -exponent));
        this.twoVarianceOdd = significand.multiply(significand);
        this.twoVarianceExponent = 2 * exponent + 1;
        this.levels = BigInteger.valueOf(levels);
    }

    /** The first 64 bits of U are {@code word}; {@code more} gives the following ones. */
    boolean accepts(Proposal proposal, long word, LongSupplier more) {
        BigInteger scale = levels.shiftLeft(proposal.doublings());
        BigInteger from =
                unsigned(word).add(BigInteger.valueOf(proposal.level()).shiftLeft(64));
        int bits = 64;
        int precision = FIRST_PRECISION;
        while (true) {
            Interval exp = exponential(proposal.x(), precision);
            BigInteger low = exp.low.multiply(scale).shiftLeft(bits);
            BigInteger high = exp.high.multiply(scale).shiftLeft(bits);
            BigInteger left = from.shiftLeft(precision);
            BigInteger right = from.add(BigInteger.ONE).shiftLeft(precision);
            if (right.compareTo(low) <= 0) {
                return true;
            }
            if (left.compareTo(high) >= 0) {
                return false;
            }
            boolean openByBits = left.compareTo(low) <= 0 && right.compareTo(high) >= 0;
            if (openByBits) {
                from = from.shiftLeft(64).add(unsigned(more.getAsLong()));
                bits += 64;
            }
            precision += 64;
        }
    }

    private static BigInteger unsigned(long word) {
        return new BigInteger(Long.toUnsignedString(word));
    }

    /** low / 2^precision &lt;= value &lt;= high / 2^precision. */
    record Interval(BigInteger low, BigInteger high) {}

    /**
     * exp(-z) = (1 / exp(z / 2^h))^(2^h), z = x^2 / (2 sigma^2), z / 2^h &lt;= 1/2: the series below and above, the inverse
     * and h squarings, each rounded outwards.
     */
    Interval exponential(long x, int precision) {
        BigInteger square = BigInteger.valueOf(x).pow(2).shiftLeft(Math.max(0, -twoVarianceExponent));
        BigInteger divisor = twoVarianceOdd.shiftLeft(Math.max(0, twoVarianceExponent));
        int halvings = Math.max(0, square.bitLength() - divisor.bitLength() + 2);
        BigInteger scaled = square.shiftLeft(precision);
        divisor = divisor.shiftLeft(halvings);
        BigInteger one = BigInteger.ONE.shiftLeft(precision);
        BigInteger oneSquared = BigInteger.ONE.shiftLeft(2 * precision);
        BigInteger low = oneSquared.divide(seriesAbove(ceil(scaled, divisor), precision));
        BigInteger high = ceil(oneSquared, seriesBelow(scaled.divide(divisor), precision));
        for (int i = 0; i < halvings; i++) {
            low = low.multiply(low).shiftRight(precision);
            high = ceil(high.multiply(high), one);
        }
        return new Interval(low, high);
    }

    private static BigInteger seriesBelow(BigInteger v, int precision) {
        BigInteger term = BigInteger.ONE.shiftLeft(precision);
        BigInteger sum = term;
        for (int n = 1; term.signum() > 0; n++) {
            term = term.multiply(v).shiftRight(precision).divide(BigInteger.valueOf(n));
            sum = sum.add(term);
        }
        return sum;
    }

    /** v is at most 1/2, so what follows a term is less than that term: the last one counts twice. */
    private static BigInteger seriesAbove(BigInteger v, int precision) {
        BigInteger term = BigInteger.ONE.shiftLeft(precision);
        BigInteger sum = term;
        for (int n = 1; term.compareTo(BigInteger.ONE) > 0; n++) {
            term = ceil(term.multiply(v), BigInteger.valueOf(n).shiftLeft(precision));
            sum = sum.add(term);
        }
        return sum.add(term);
    }

    private static BigInteger ceil(BigInteger dividend, BigInteger divisor) {
        BigInteger[] parts = dividend.divideAndRemainder(divisor);
        return parts[1].signum() == 0 ? parts[0] : parts[0].add(BigInteger.ONE);
    }
}
