package org.fl4j.privacy.dp;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.Segment;
import org.fl4j.internal.Check;

/**
 * The integers that clients send under distributed noise: for each segment its steps and blocks, and the deviation S that the
 * noise of a sum counts for, the same in steps of every segment, with
 *
 * <pre>  sum_j (D'_j / S)^2 &lt;= 1/z^2.</pre>
 *
 * <p>D'_j is the norm of a segment's integers at most. S is the least for which rounding makes norms at most {@value #INFLATION}
 * times longer, or what {@link #raisedTo} says: it follows from the rule, the model and z, not from the cohort.
 *
 * @param segments in the rule's order
 * @param deviation S, in steps
 * @param noiseMultiplier z
 */
record NoiseLattice(List<Part> segments, double deviation, double noiseMultiplier) {

    /** How much longer rounding may make a contribution: {@value}. */
    static final double INFLATION = 1.0105;

    /** beta: the share of roundings that are longer than D' and done again is smaller. */
    static final double REPEATED = 0x1p-16;

    /** Shorter segments are not rotated. */
    static final int LEAST_ROTATED = 64;

    /** The smallest block that is rotated. */
    static final int SMALLEST_BLOCK = 1 << 12;

    private static final int LARGEST_BLOCK = 1 << 30;

    /** Blocks are as large as they can be with no more padding than this share of the segment, or that of the smallest. */
    private static final double PADDING = 1.0 / 32;

    private static final double MOST_STEPS = 0x1p40;
    private static final int BISECTIONS = 120;

    /**
     * A segment of the rule as integers.
     *
     * @param segment the rule's, on its own grid
     * @param sensitivity D, in units of the segment
     * @param share D over the standard deviation of its noise
     * @param block how many coordinates are rotated together; 0 if it is not rotated
     * @param length with the padding of the last block
     * @param step what an integer is a multiple of, in units of the segment
     * @param within D, in steps
     * @param squares D'^2: the largest sum of squares of a contribution's integers
     */
    record Part(
            Segment segment,
            double sensitivity,
            double share,
            int block,
            int length,
            double step,
            double within,
            long squares) {

        boolean isRotated() {
            return block > 0;
        }

        private static Part of(Segment segment, double sensitivity, double sigma) {
            int length = Math.toIntExact(segment.length());
            int block = length < LEAST_ROTATED ? 0 : block(length);
            int padded = block == 0 ? length : Math.toIntExact(blocks(length, block) * block);
            return new Part(segment, sensitivity, sensitivity / sigma, block, padded, 0, 0, 0);
        }

        /** With so many steps that the noise has this deviation. */
        private Part at(double deviation) {
            double norm = deviation * share / INFLATION;
            return new Part(
                    segment, sensitivity, share, block, length, sensitivity / norm, norm, (long) rounded(norm, length));
        }

        private static int block(int length) {
            double most = Math.max(length * (1 + PADDING), (double) blocks(length, SMALLEST_BLOCK) * SMALLEST_BLOCK);
            int block = SMALLEST_BLOCK;
            for (int larger = block; larger < LARGEST_BLOCK && larger / 2 < length; larger <<= 1) {
                if (blocks(length, larger) * larger <= most) {
                    block = larger;
                }
            }
            return block;
        }

        private static long blocks(int length, int block) {
            return (length + (long) block - 1) / block;
        }
    }

    /**
     * The square of the norm that d integers have at most after {@link ConditionalRounding}, for a vector of norm c in steps.
     *
     * <p>Source: Kairouz, Liu, Steinke, ICML 2021, proposition 22, with gamma = 1.
     *
     * @param repeated beta, the probability that a rounding is longer, at most
     */
    static double rounded(double c, long d, double repeated) {
        double root = Math.sqrt((double) d);
        double certain = (c + root) * (c + root);
        double likely = c * c + 0.25 * d + Math.sqrt(-2 * Math.log(repeated)) * (c + 0.5 * root);
        return Math.min(certain, likely);
    }

    private static double rounded(double c, long d) {
        return rounded(c, d, REPEATED);
    }

    /**
     * The lattice for a noise multiplier.
     *
     * @param z above 0
     * @throws IllegalArgumentException if a segment has no sensitivity, or noise asked for leaves nothing for others
     */
    static NoiseLattice of(List<Segment> segments, BoundedRound.Sensitivity sensitivity, double z) {
        Check.positive("noiseMultiplier", z);
        List<Part> parts = new ArrayList<>();
        for (NoisePlan.Part part : NoisePlan.of(segments, sensitivity, z).parts()) {
            double bound = NoisePlan.bound(part.segment(), sensitivity);
            parts.add(Part.of(part.segment(), bound, part.sigma()));
        }
        return new NoiseLattice(parts, 1, z).raisedTo(least(parts, z));
    }

    /** A finer lattice, whose noise has a larger deviation in steps. */
    NoiseLattice raisedTo(double steps) {
        double larger = Math.max(deviation, steps);
        return new NoiseLattice(segments.stream().map(part -> part.at(larger)).toList(), larger, noiseMultiplier);
    }

    private static double least(List<Part> parts, double z) {
        double low = 0;
        double high = Math.log(MOST_STEPS);
        if (!isEnough(parts, MOST_STEPS, z)) {
            throw new IllegalArgumentException("noise multiplier " + z + " is too small for integers of less than 2^40"
                    + " steps over " + parts.stream().map(Part::segment).toList());
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = 0.5 * (low + high);
            if (isEnough(parts, Math.exp(middle), z)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return Math.exp(high);
    }

    private static boolean isEnough(List<Part> parts, double deviation, double z) {
        double squares = 0;
        for (Part part : parts) {
            squares += rounded(deviation * part.share() / INFLATION, part.length());
        }
        return Math.sqrt(squares) * z <= deviation;
    }

    /** The noise multiplier that this lattice has: z, or less by the rounding of FP64. */
    double counted() {
        return Math.min(noiseMultiplier, deviation / l2());
    }

    /** How many coordinates all segments have. */
    long length() {
        return segments.stream().mapToLong(Part::length).sum();
    }

    /** The norm of all of a contribution's integers, at most. */
    double l2() {
        return Math.nextUp(
                Math.sqrt((double) segments.stream().mapToLong(Part::squares).sum()));
    }
}
