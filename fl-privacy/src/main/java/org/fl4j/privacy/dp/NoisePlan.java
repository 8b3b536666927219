package org.fl4j.privacy.dp;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.Segment;
import org.jspecify.annotations.Nullable;

/**
 * How much noise each segment of one release receives, so that the whole release is one Gaussian of noise multiplier z:
 *
 * <pre>  1/z^2 = sum_j (D_j / sigma_j)^2.</pre>
 *
 * <p>Segments that declare noise of their own receive it; the others share the rest equally.
 */
record NoisePlan(List<Part> parts) {

    /** Above the rounding of the few operations that lead to a sigma, so that it is never too small. */
    private static final double MARGIN = 1 + 0x1p-48;

    /** Above the rounding of the share of 1/z^2 that is left, however little that is. */
    private static final double SHARE_ROUNDING = 0x1p-50;

    /** A segment's noise; none where z = 0. */
    static final class Part {

        private final Segment segment;
        private final double sigma;
        private volatile @Nullable DiscreteGaussian distribution;

        /** The sampler is made on the first draw: participants of a secure sum plan the same noise and draw none. */
        Part(Segment segment, double sigma) {
            this.segment = segment;
            this.sigma = sigma;
        }

        Segment segment() {
            return segment;
        }

        double sigma() {
            return sigma;
        }

        private DiscreteGaussian distribution() {
            DiscreteGaussian made = distribution;
            if (made == null) {
                made = DiscreteGaussian.of(steps());
                distribution = made;
            }
            return made;
        }

        /** Sigma in grid steps. */
        double steps() {
            return sigma / segment.grid().orElseThrow();
        }
    }

    /** As the mechanism declares them. */
    List<Segment> segments() {
        return parts.stream().map(part -> part.segment().noised(part.sigma())).toList();
    }

    static NoisePlan of(List<Segment> segments, BoundedRound.Sensitivity sensitivity, double z) {
        double left = 1 - SHARE_ROUNDING;
        int others = 0;
        for (Segment segment : segments) {
            requireBounded(segment, sensitivity);
            Double asked = sensitivity.noise().get(segment.name());
            if (asked == null) {
                others++;
            } else {
                double ratio = z * (bound(segment, sensitivity) / asked);
                left -= ratio * ratio;
            }
        }
        if (!(left > 0)) {
            throw new IllegalArgumentException("noise multiplier " + z + " leaves nothing for "
                    + new TreeSet<>(sensitivity.l2().keySet()) + " beside the noise asked for, " + sensitivity.noise()
                    + "; ask for more noise there or lower the multiplier");
        }
        double shared = z * Math.sqrt(others / left);
        List<Part> parts = new ArrayList<>();
        for (Segment segment : segments) {
            Double asked = sensitivity.noise().get(segment.name());
            double sigma = asked == null ? shared * bound(segment, sensitivity) * MARGIN : asked;
            parts.add(z == 0 ? new Part(segment, 0) : part(segment, sigma));
        }
        return new NoisePlan(List.copyOf(parts));
    }

    /** The noise of the whole release, segment after segment, in grid steps. */
    double[] draw(NoiseSource source) {
        int length = parts.stream()
                .mapToInt(part -> Math.toIntExact(part.segment().length()))
                .sum();
        double[] noise = new double[length];
        int at = 0;
        for (Part part : parts) {
            int n = Math.toIntExact(part.segment().length());
            if (part.sigma > 0) {
                for (long value : source.draw(part.distribution(), n)) {
                    noise[at++] = value;
                }
            } else {
                at += n;
            }
        }
        return noise;
    }

    private static Part part(Segment segment, double sigma) {
        Part part = new Part(segment, sigma);
        try {
            DiscreteGaussian.requireInRange(part.steps());
            return part;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("segment '" + segment.name() + "': " + e.getMessage(), e);
        }
    }

    /** The norm of a contribution to a segment; infinite if the rule declares none. */
    static double bound(Segment segment, BoundedRound.Sensitivity sensitivity) {
        Double bound = sensitivity.l2().get(segment.name());
        return bound == null ? Double.POSITIVE_INFINITY : bound;
    }

    private static void requireBounded(Segment segment, BoundedRound.Sensitivity sensitivity) {
        if (!sensitivity.l2().containsKey(segment.name()) || segment.grid().isEmpty()) {
            throw new IllegalArgumentException("segment '" + segment.name()
                    + "' must have a sensitivity and a grid for noise, but was " + segment + ", " + sensitivity);
        }
    }
}
