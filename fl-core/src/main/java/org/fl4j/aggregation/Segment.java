package org.fl4j.aggregation;

import java.util.OptionalDouble;

/**
 * One named stretch of the vector that a linear rule sums over clients, declared before any client encodes: its length,
 * what one client may contribute, and its grid. Masks choose their width by it, noise its scale.
 *
 * @param name unique in the rule, such as {@code "delta"} or {@code "weight"}
 * @param length how many coordinates
 * @param maxAbs the largest absolute value of one client's coordinate, in units of the segment; infinity where the rule
 *     has no bound
 * @param grid empty for real numbers; else the step g, a power of two, and a {@link Summand} holds whole numbers of
 *     steps: a coordinate's value is g times what the summand holds
 * @param noise the standard deviation of the noise that the rule adds to each coordinate of the sum before it decodes, in
 *     units of the segment; 0 where it adds none. Masks leave room for it
 */
public record Segment(String name, long length, double maxAbs, OptionalDouble grid, double noise) {

    /** The name of the segment that holds the (weighted) deltas: {@value}. */
    public static final String DELTA = "delta";

    /** The name of the segment that holds the sum of weights: {@value}. */
    public static final String WEIGHT = "weight";

    /**
     * Checks the ranges.
     *
     * @param noise as above; at least 0 and finite, and 0 without a grid
     * @throws IllegalArgumentException if one is violated
     */
    public Segment {
        if (name.isBlank() || length < 1) {
            throw new IllegalArgumentException(
                    "a segment needs a name and at least one coordinate, but was '" + name + "', " + length);
        }
        if (!(maxAbs > 0)) {
            throw new IllegalArgumentException(
                    "segment '" + name + "': maxAbs must be > 0, or infinity, but was " + maxAbs);
        }
        if (grid.isPresent() && !isPowerOfTwo(grid.getAsDouble())) {
            throw new IllegalArgumentException(
                    "segment '" + name + "': the grid must be a power of two, but was " + grid.getAsDouble());
        }
        if (!(noise >= 0) || Double.isInfinite(noise) || (noise > 0 && grid.isEmpty())) {
            throw new IllegalArgumentException("segment '" + name
                    + "': noise must be >= 0 and < infinity, and needs a grid, whose steps it is drawn in, but was "
                    + noise + ", " + grid);
        }
    }

    /**
     * A stretch without noise.
     *
     * @throws IllegalArgumentException if one is violated
     */
    public Segment(String name, long length, double maxAbs, OptionalDouble grid) {
        this(name, length, maxAbs, grid, 0);
    }

    /**
     * This stretch of a rule that adds noise to the sum.
     *
     * @param deviation as {@link #noise}
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range, or the stretch is noised already
     */
    public Segment noised(double deviation) {
        if (noise > 0) {
            throw new IllegalArgumentException("segment '" + name + "' is noised already, but was " + this);
        }
        return new Segment(name, length, maxAbs, grid, deviation);
    }

    /**
     * A stretch of real numbers that a client may make as large as it likes.
     *
     * @param name its name
     * @param length how many coordinates
     * @return the segment
     */
    public static Segment unbounded(String name, long length) {
        return new Segment(name, length, Double.POSITIVE_INFINITY, OptionalDouble.empty());
    }

    /**
     * A stretch of real numbers of which a client's are bounded.
     *
     * @param name its name
     * @param length how many coordinates
     * @param maxAbs the bound
     * @return the segment
     */
    public static Segment bounded(String name, long length, double maxAbs) {
        return new Segment(name, length, maxAbs, OptionalDouble.empty());
    }

    private static boolean isPowerOfTwo(double g) {
        return g >= Double.MIN_NORMAL && g <= 0x1p1023 && Math.scalb(1.0, Math.getExponent(g)) == g;
    }
}
