package org.fl4j.privacy.secagg.internal.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;

/**
 * A vector over the segments of a plan whose coordinates are integers modulo 2^bits. They are kept in words of 32 bits, or
 * of 64 where a segment {@link #isWide}; sums wrap, so only the low bits of a word have a meaning.
 *
 * <p>A client's vector holds its secrets: callers must {@link #erase} it after use. Not thread-safe.
 */
public final class RingVector {

    private static final int[] NOT_NARROW = {};
    private static final long[] NOT_WIDE = {};

    private final VectorPlan plan;
    private final List<int[]> narrow = new ArrayList<>();
    private final List<long[]> wide = new ArrayList<>();

    private RingVector(VectorPlan plan) {
        this.plan = plan;
        for (SegmentPlan segment : plan.segments()) {
            narrow.add(segment.isWide() ? NOT_NARROW : new int[segment.length()]);
            wide.add(segment.isWide() ? new long[segment.length()] : NOT_WIDE);
        }
    }

    public static RingVector zero(VectorPlan plan) {
        return new RingVector(plan);
    }

    VectorPlan plan() {
        return plan;
    }

    /** Whether a segment is in {@link #words64}, else in {@link #words32}. */
    boolean isWide(int segment) {
        return plan.segments().get(segment).isWide();
    }

    /** A narrow segment's words themselves, for masks to be added to. */
    int[] words32(int segment) {
        if (isWide(segment)) {
            throw new IllegalArgumentException("segment " + segment + " has words of 64 bits");
        }
        return narrow.get(segment);
    }

    /** A wide segment's words themselves, for masks to be added to. */
    long[] words64(int segment) {
        if (!isWide(segment)) {
            throw new IllegalArgumentException("segment " + segment + " has words of 32 bits");
        }
        return wide.get(segment);
    }

    /**
     * Adds another vector.
     *
     * @param other over the same plan
     */
    void add(RingVector other) {
        if (!plan.equals(other.plan)) {
            throw new IllegalArgumentException("vectors over " + plan + " and " + other.plan + " do not add up");
        }
        for (int s = 0; s < narrow.size(); s++) {
            int[] ints = narrow.get(s);
            int[] theirInts = other.narrow.get(s);
            for (int i = 0; i < ints.length; i++) {
                ints[i] += theirInts[i];
            }
            long[] longs = wide.get(s);
            long[] theirLongs = other.wide.get(s);
            for (int i = 0; i < longs.length; i++) {
                longs[i] += theirLongs[i];
            }
        }
    }

    /** The low bits of every coordinate, as in {@link BitPacking}; each segment starts at a byte, after zero bits. */
    public byte[] pack() {
        byte[] packed = new byte[Math.toIntExact(plan.packedBytes())];
        int at = 0;
        for (int s = 0; s < narrow.size(); s++) {
            SegmentPlan segment = plan.segments().get(s);
            if (segment.isWide()) {
                BitPacking.pack(wide.get(s), segment.bits(), packed, at);
            } else {
                BitPacking.pack(narrow.get(s), segment.bits(), packed, at);
            }
            at += (int) segment.packedBytes();
        }
        return packed;
    }

    /**
     * Whether bytes are what {@link #pack} gives for some vector: the bits between segments are zero.
     *
     * @param from holds {@link VectorPlan#packedBytes} from the offset on
     * @throws IndexOutOfBoundsException if it does not
     */
    static boolean isCanonical(VectorPlan plan, byte[] from, int offset) {
        int end = Objects.checkFromIndexSize(offset, Math.toIntExact(plan.packedBytes()), from.length);
        for (SegmentPlan segment : plan.segments()) {
            end += (int) segment.packedBytes();
            int used = (int) ((long) segment.length() * segment.bits() % Byte.SIZE);
            if (used != 0 && (from[end - 1] & 0xFF) >>> used != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Adds a packed vector.
     *
     * @param from holds {@link VectorPlan#packedBytes} from the offset on, which the caller has checked
     * @throws IllegalArgumentException if it is not {@link #isCanonical}; nothing is added then
     * @throws IndexOutOfBoundsException if it is too short; nothing is added then
     */
    public void addPacked(byte[] from, int offset) {
        if (!isCanonical(plan, from, offset)) {
            throw new IllegalArgumentException("a packed vector has bits set that belong to no coordinate");
        }
        int at = offset;
        for (int s = 0; s < narrow.size(); s++) {
            SegmentPlan segment = plan.segments().get(s);
            if (segment.isWide()) {
                BitPacking.add(wide.get(s), segment.bits(), from, at);
            } else {
                BitPacking.add(narrow.get(s), segment.bits(), from, at);
            }
            at += (int) segment.packedBytes();
        }
    }

    /**
     * The integers of least absolute value, times the step where the segment has no grid; exact, as they are below 2^53 and
     * steps are powers of two.
     *
     * @param segments those the plan was made of
     */
    public Summand toSummand(List<Segment> segments) {
        plan.requireSame(segments);
        Summand sum = Summand.zero(segments);
        for (int s = 0; s < segments.size(); s++) {
            SegmentPlan segment = plan.segments().get(s);
            double unit = segment.hasGrid() ? 1 : segment.step();
            double[] values = new double[segment.length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = centred(s, i) * unit;
            }
            sum.add(segment.name(), values);
        }
        return sum;
    }

    /**
     * The integers as residues modulo 2^bits, for noise to be added before they are decoded.
     *
     * @param segments those the plan was made of, with a grid each
     */
    public Summand toResidues(List<Segment> segments) {
        plan.requireSame(segments);
        double[] residues = new double
                [segments.stream().mapToInt(segment -> (int) segment.length()).sum()];
        int at = 0;
        for (int s = 0; s < segments.size(); s++) {
            for (int i = 0; i < plan.segments().get(s).length(); i++) {
                residues[at++] = centred(s, i);
            }
        }
        try {
            return Summand.modulo(
                    segments, plan.segments().stream().map(SegmentPlan::bits).toList(), residues);
        } finally {
            Arrays.fill(residues, 0);
        }
    }

    /**
     * Whether this can be the sum of so many contributions within their ranges.
     *
     * @param clients at most those the plan was made for
     */
    public boolean withinHeadroom(int clients) {
        for (int s = 0; s < narrow.size(); s++) {
            SegmentPlan segment = plan.segments().get(s);
            long largest = Math.multiplyExact(clients, segment.maxSteps());
            for (int i = 0; i < segment.length(); i++) {
                if (Math.abs(centred(s, i)) > largest) {
                    return false;
                }
            }
        }
        return true;
    }

    public void erase() {
        narrow.forEach(words -> Arrays.fill(words, 0));
        wide.forEach(words -> Arrays.fill(words, 0));
    }

    /** The low bits as a number in [-2^(bits-1), 2^(bits-1)). */
    private long centred(int segment, int i) {
        SegmentPlan its = plan.segments().get(segment);
        int unused = Long.SIZE - its.bits();
        long word = its.isWide() ? wide.get(segment)[i] : narrow.get(segment)[i];
        return word << unused >> unused;
    }
}
