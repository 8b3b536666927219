package org.fl4j.privacy.secagg.internal.vector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.fl4j.aggregation.Segment;
import org.fl4j.internal.Check;

/**
 * How a rule's segments become integers under masks. Server and clients make it from the same public facts and compare
 * {@link #fingerprint}s.
 *
 * @param segments in the rule's order
 */
public record VectorPlan(List<SegmentPlan> segments) {

    /** The longest array that every JVM has. */
    private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8L;

    private static final byte[] FORMAT = "fl4j secure aggregation, vector plan 1".getBytes(StandardCharsets.UTF_8);

    public VectorPlan {
        segments = List.copyOf(segments);
        long bytes = segments.stream().mapToLong(SegmentPlan::packedBytes).sum();
        if (bytes > LARGEST_ARRAY) {
            throw new IllegalArgumentException("a masked vector must be at most " + LARGEST_ARRAY
                    + " bytes, but was " + bytes
                    + "; choose a coarser resolution, a smaller cohort or a smaller model");
        }
    }

    /**
     * Plans a sum.
     *
     * @param segments the rule's
     * @param numbers for those without a grid
     * @param clients the largest number that may be summed, at least 1
     * @throws IllegalArgumentException if a segment has no range, or the sum of so many clients might leave FP64's integers
     */
    public static VectorPlan of(List<Segment> segments, Scales numbers, int clients) {
        Check.atLeast("clients", clients, 1);
        requireKnown(numbers, segments);
        long length = segments.stream().mapToLong(Segment::length).sum();
        if (length > LARGEST_ARRAY) {
            throw new IllegalArgumentException(
                    "a masked vector must be at most " + LARGEST_ARRAY + " coordinates, but was " + length);
        }
        List<SegmentPlan> plans = new ArrayList<>();
        for (Segment segment : segments) {
            plans.add(SegmentPlan.of(segment, scale(segment, segments, numbers), clients));
        }
        return new VectorPlan(plans);
    }

    /**
     * Plans a sum of integers that are known modulo a power of two from the start.
     *
     * @param segments with a grid of 1
     * @param bits k of each
     */
    public static VectorPlan ofRing(List<Segment> segments, List<Integer> bits) {
        List<SegmentPlan> plans = new ArrayList<>();
        for (int s = 0; s < segments.size(); s++) {
            plans.add(SegmentPlan.ofRing(segments.get(s), bits.get(s)));
        }
        return new VectorPlan(plans);
    }

    /** The bytes of a packed {@link RingVector}; fit an array. */
    public long packedBytes() {
        return segments.stream().mapToLong(SegmentPlan::packedBytes).sum();
    }

    /** SHA-256 of everything that determines the meaning of a packed vector. */
    public byte[] fingerprint() {
        MessageDigest sha = sha256();
        sha.update(FORMAT);
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(segments.size()).flip());
        for (SegmentPlan plan : segments) {
            byte[] name = plan.name().getBytes(StandardCharsets.UTF_8);
            sha.update(ByteBuffer.allocate(37 + name.length)
                    .putInt(name.length)
                    .put(name)
                    .putInt(plan.length())
                    .putDouble(plan.range())
                    .putDouble(plan.step())
                    .putLong(plan.maxSteps())
                    .putInt(plan.bits())
                    .put((byte) (plan.hasGrid() ? 1 : 0))
                    .flip());
        }
        return sha.digest();
    }

    /**
     * The caller's segments must be those of the plan.
     *
     * @throws IllegalArgumentException if they are not
     */
    void requireSame(List<Segment> others) {
        boolean same = others.size() == segments.size();
        for (int i = 0; same && i < segments.size(); i++) {
            SegmentPlan plan = segments.get(i);
            Segment other = others.get(i);
            same = plan.name().equals(other.name())
                    && plan.length() == other.length()
                    && plan.hasGrid() == other.grid().isPresent()
                    && plan.step() == other.grid().orElse(plan.step());
        }
        if (!same) {
            throw new IllegalArgumentException("segments must be " + segments + ", but was " + others);
        }
    }

    /** The list in {@code FixedPoint}'s Javadoc, row by row. */
    private static Scale scale(Segment segment, List<Segment> all, Scales numbers) {
        String name = segment.name();
        if (segment.grid().isPresent()) {
            return onGrid(segment);
        }
        Scale named = numbers.named().get(name);
        if (named != null) {
            return named;
        }
        if (Double.isFinite(segment.maxAbs())) {
            return bounded(segment.maxAbs());
        }
        return switch (name) {
            case Segment.WEIGHT ->
                bounded(numbers.weightCap()
                        .orElseThrow(() -> new IllegalArgumentException("segment '" + name
                                + "' has no bound; state the largest weight of a client by FixedPoint's .weighingAtMost(...),"
                                + " or choose a rule whose weights are capped")));
            case Segment.DELTA -> delta(all, numbers);
            default ->
                throw new IllegalArgumentException("segment '" + name
                        + "' has no bound, and that of a delta says nothing about it; state the largest coordinate of a"
                        + " client's contribution, its weight in the rule included, by FixedPoint's .segment(\""
                        + name + "\", FixedPoint.within(...))");
        };
    }

    private static Scale onGrid(Segment segment) {
        if (Double.isInfinite(segment.maxAbs())) {
            throw new IllegalArgumentException(
                    "segment '" + segment.name() + "' has a grid but no bound, so masks of no"
                            + " width would do; the rule must declare the largest contribution of a client");
        }
        return new Scale(segment.maxAbs(), segment.grid().orElseThrow());
    }

    /**
     * Times the largest weight W. A rule's product fits: rounding is monotone, so |d| &lt;= range and w &lt;= W imply
     * |fl(d w)| &lt;= fl(range W).
     */
    private static Scale delta(List<Segment> all, Scales numbers) {
        if (numbers.scale().range() == 0) {
            throw new IllegalArgumentException("segment '" + Segment.DELTA + "' has neither a grid nor a bound; state"
                    + " the largest coordinate of a delta by FixedPoint.within(...)");
        }
        double largestWeight = all.stream()
                .filter(segment -> segment.name().equals(Segment.WEIGHT))
                .mapToDouble(segment -> scale(segment, all, numbers).range())
                .findFirst()
                .orElse(1);
        Scale.requireModerate("segment '" + Segment.WEIGHT + "': the largest weight", largestWeight);
        return numbers.scale().times(largestWeight);
    }

    private static Scale bounded(double maxAbs) {
        // A maxAbs near the smallest doubles has no normal number that is so much smaller.
        double step = Math.max(Double.MIN_NORMAL, Math.min(1, Scale.defaultStep(maxAbs)));
        return new Scale(maxAbs, step);
    }

    private static void requireKnown(Scales numbers, List<Segment> segments) {
        Set<String> allowed = segments.stream()
                .filter(segment -> segment.grid().isEmpty())
                .map(Segment::name)
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : numbers.named().keySet()) {
            if (!allowed.contains(name)) {
                throw new IllegalArgumentException("numbers are stated for segment '" + name
                        + "', but the rule's segments without a grid are " + allowed);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }
}
