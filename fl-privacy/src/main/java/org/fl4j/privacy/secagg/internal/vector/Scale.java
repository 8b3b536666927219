package org.fl4j.privacy.secagg.internal.vector;

/**
 * How a coordinate becomes an integer.
 *
 * @param range the largest absolute value
 * @param step a power of two, of which the coordinate is rounded to a multiple
 */
public record Scale(double range, double step) {

    public static final int DEFAULT_STEPS_EXPONENT = 20;

    /** Products and quotients of two such numbers are far from the ends of FP64. */
    private static final double SMALLEST = 0x1p-200;

    private static final double LARGEST = 0x1p200;

    public Scale times(double weight) {
        return new Scale(range * weight, powerOfTwoBelow(step * weight));
    }

    public static double defaultStep(double range) {
        return powerOfTwoBelow(Math.scalb(range, -DEFAULT_STEPS_EXPONENT));
    }

    public static double powerOfTwoBelow(double x) {
        return Math.scalb(1.0, Math.getExponent(x));
    }

    public static void requireModerate(String what, double value) {
        if (!(value >= SMALLEST && value <= LARGEST)) {
            throw new IllegalArgumentException(what + " must be from 2^-200 to 2^200, but was " + value);
        }
    }
}
