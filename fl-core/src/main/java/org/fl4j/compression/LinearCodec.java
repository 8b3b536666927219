package org.fl4j.compression;

import org.fl4j.internal.Check;

/**
 * Compression that commutes with sums: a random linear map A of a round, known to everybody by a public seed. Clients send
 * {@code A delta_k}, the server decodes the sum once,
 *
 * <pre>  A^T sum_k A delta_k,   E[A^T A] = I,</pre>
 *
 * <p>so that it works under masks, where no single update can be decoded, and under noise, where decoding is
 * post-processing. A maps {@code [d]} to {@code [k]}:
 *
 * <ul>
 *   <li>{@link #rotation}: k = d and A^T A = I, exact within FP32 rounding. It makes all coordinates about as large as the
 *       root mean square of the delta's, so that a smaller range, fewer bits, hold them ({@link #largest}).
 *   <li>{@link #randomK}: k of the coordinates, the same for all clients, times sqrt(d / k).
 *   <li>{@code rotation().keeping(share)}: k coordinates of the rotated delta.
 * </ul>
 *
 * <p>What is left out costs accuracy: given the deltas, the variance of the decoded sum x is {@code (d / k - 1) |x|^2}, however
 * many clients it is over, as all leave out the same. Norms stay what they are: exactly under a rotation, in the mean square
 * otherwise. So a clip norm that suits the deltas suits their sketches.
 *
 * <p>A codec is data: equal where the same is stated. Immutable and thread-safe. Privacy: the map is public and does not depend
 * on data, so it neither protects nor reveals anything.
 *
 * <p>Source: Konecny, McMahan, Yu, Richtarik, Suresh, Bacon, "Federated Learning: Strategies for Improving Communication
 * Efficiency", NeurIPS workshop 2016, section 3 (subsampling, structured random rotations); Suresh, Yu, Kumar, McMahan,
 * "Distributed Mean Estimation with Limited Communication", ICML 2017, section 3.
 *
 * @param isRotated whether the delta is rotated first
 * @param share k / d, the share of the coordinates that is sent, in (0, 1]
 */
public record LinearCodec(boolean isRotated, double share) {

    /** How likely a rotated delta is to have a coordinate beyond {@link #largest}, at most: {@value}. */
    public static final double BEYOND = 1e-6;

    /**
     * Checks the share.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public LinearCodec {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be in (0, 1], but was " + share);
        }
    }

    /** Signs at random, then Walsh-Hadamard transforms: every coordinate of the delta is spread over all. */
    public static LinearCodec rotation() {
        return new LinearCodec(true, 1);
    }

    /**
     * The same random coordinates for all clients of a round.
     *
     * @param share k / d, rounded up to a whole k
     * @throws IllegalArgumentException if it is not in (0, 1]
     */
    public static LinearCodec randomK(double share) {
        return new LinearCodec(false, share);
    }

    /**
     * Returns a copy that sends random coordinates only of what this one sends.
     *
     * @param part of its coordinates, in (0, 1]
     * @throws IllegalArgumentException if it is out of range
     */
    public LinearCodec keeping(double part) {
        return new LinearCodec(isRotated, share * Check.positive("part", part));
    }

    /**
     * The map of a round.
     *
     * @param seed public, the same for all of the round
     * @param length d, at least 1
     * @return the map
     */
    public Sketch at(long seed, int length) {
        return new Sketch(this, seed, length);
    }

    /**
     * The length k of a sketch.
     *
     * @param length d, at least 1
     * @return from 1 to d
     */
    public int sketchLength(int length) {
        return (int) Math.min(length, Math.ceil(share * length));
    }

    /**
     * What the coordinates of a sketch do not exceed: the range to state where they become integers.
     *
     * <p>Without a rotation one coordinate may hold all of the norm. With one, a coordinate is beyond t times the root mean
     * square with probability 2 exp(-t^2 / 2) at most (Hoeffding), whatever the delta, as long as it does not depend on the seed;
     * t is chosen so that a delta has one with probability {@value #BEYOND} at most: 7.3 for d = 200,000.
     *
     * @param norm no delta's is larger, at least 0
     * @param length d, at least 1
     * @return in units of the delta; without a rotation certain but for FP64 rounding
     */
    public double largest(double norm, int length) {
        Check.notNegative("norm", norm);
        Check.atLeast("length", length, 1);
        double spread = Math.sqrt(2 * Math.log(2.0 * length / BEYOND) / Sketch.block(length));
        return norm * (isRotated ? Math.min(1, spread) : 1) * Math.sqrt((double) length / sketchLength(length));
    }

    @Override
    public String toString() {
        String randomK = "random-k(" + share + ")";
        return isRotated ? share == 1 ? "rotation" : "rotation, " + randomK : randomK;
    }
}
