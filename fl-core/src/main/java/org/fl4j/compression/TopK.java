package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Map;
import org.fl4j.internal.Check;

/** The coordinates of largest magnitude: {@link Codec#topK}. */
record TopK(double fraction) implements Codec {

    private static final int LOW_BITS = 15;
    private static final int LOW = (1 << LOW_BITS) - 1;

    TopK {
        checkFraction(fraction);
    }

    static void checkFraction(double fraction) {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction must be in (0, 1], but was " + fraction);
        }
    }

    /** How many of n coordinates travel. */
    static int kept(int n, double fraction) {
        return (int) Math.max(1, Math.ceil(fraction * Check.atLeast("n", n, 1)));
    }

    @Override
    public CodecSpec spec() {
        return Specs.of("top-k", Map.of("fraction", fraction));
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        ByteBuffer out = Payloads.empty(this, x);
        int[] places = largest(x, kept(x.length, fraction));
        for (int place : places) {
            out.putFloat(x[place]);
        }
        int low = lowBits(x.length, places.length);
        BitWriter bits = new BitWriter(out);
        for (int place : places) {
            bits.write(place & (1 << low) - 1, low);
        }
        int upper = 0;
        for (int place : places) {
            for (; upper < place >>> low; upper++) {
                bits.write(0, 1);
            }
            bits.write(1, 1);
        }
        for (; upper < x.length - 1 >>> low; upper++) {
            bits.write(0, 1);
        }
        bits.finish();
        return out.array();
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        int k = kept(n, fraction);
        BitReader bits = new BitReader(in.duplicate().position(k * Float.BYTES));
        int low = lowBits(n, k);
        int[] places = new int[k];
        for (int i = 0; i < k; i++) {
            places[i] = bits.read(low);
        }
        int upper = 0;
        float[] x = new float[n];
        for (int i = 0, last = -1; i < k; last = places[i++]) {
            while (upper <= n - 1 >>> low && bits.read(1) == 0) {
                upper++;
            }
            places[i] |= upper << low;
            if (upper > n - 1 >>> low || places[i] <= last || places[i] >= n) {
                throw Payloads.corrupt(this, n, "its places do not ascend below " + n);
            }
            x[places[i]] = Payloads.finite(this, n, in.getFloat());
        }
        for (; upper < n - 1 >>> low; upper++) {
            if (bits.read(1) != 0) {
                throw Payloads.corrupt(this, n, "it has more than " + k + " places");
            }
        }
        if (!bits.ends()) {
            throw Payloads.corrupt(this, n, "it does not end with zeros");
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        long k = kept(n, fraction);
        int low = lowBits(n, (int) k);
        return Payloads.length(this, n, Float.BYTES * k, k * low + k + (n - 1 >>> low));
    }

    @Override
    public boolean isUnbiased() {
        return false;
    }

    private static int lowBits(int n, int k) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(n / k);
    }

    /** Finds the k-th magnitude by counting: first by exponent and eight bits of the mantissa, then by the other bits. */
    private static int[] largest(float[] x, int k) {
        int[] counts = new int[1 << 31 - LOW_BITS];
        for (float value : x) {
            counts[magnitude(value) >>> LOW_BITS]++;
        }
        int high = counts.length - 1;
        int wanted = k;
        for (; counts[high] < wanted; high--) {
            wanted -= counts[high];
        }
        int[] finer = new int[1 << LOW_BITS];
        for (float value : x) {
            if (magnitude(value) >>> LOW_BITS == high) {
                finer[magnitude(value) & LOW]++;
            }
        }
        int low = finer.length - 1;
        for (; finer[low] < wanted; low--) {
            wanted -= finer[low];
        }
        int least = high << LOW_BITS | low;
        int[] places = new int[k];
        int found = 0;
        for (int i = 0; found < k; i++) {
            int magnitude = magnitude(x[i]);
            if (magnitude > least || magnitude == least && wanted-- > 0) {
                places[found++] = i;
            }
        }
        return places;
    }

    /** Bits of an FP32 without its sign are in the order of the magnitudes. */
    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
    }
}
