package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Map;
import org.fl4j.internal.Check;

/** The coordinates of largest magnitude: {@link Codec#topK}. */
record TopK(double fraction) implements Codec {

    /** The k-th magnitude is found digit by digit. */
    private static final int DIGIT_BITS = 11;

    private static final int[] SHIFTS = {22, 11, 0};

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
        byte[] payload = Payloads.empty(this, x);
        ByteBuffer out = ByteBuffer.wrap(payload);
        int[] places = largest(x, kept(x.length, fraction));
        for (int place : places) {
            out.putFloat(x[place]);
        }
        int low = lowBits(x.length, places.length);
        BitWriter bits = new BitWriter(out);
        for (int place : places) {
            bits.write(place & ((1 << low) - 1), low);
        }
        int upper = 0;
        for (int place : places) {
            for (; upper < place >>> low; upper++) {
                bits.write(0, 1);
            }
            bits.write(1, 1);
        }
        for (; upper < (x.length - 1) >>> low; upper++) {
            bits.write(0, 1);
        }
        bits.finish();
        return payload;
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
            while (upper <= (n - 1) >>> low && bits.read(1) == 0) {
                upper++;
            }
            places[i] |= upper << low;
            if (upper > (n - 1) >>> low || places[i] <= last || places[i] >= n) {
                throw Payloads.corrupt(this, n, "its places do not ascend below " + n);
            }
            x[places[i]] = Payloads.finite(this, n, in.getFloat());
        }
        for (; upper < (n - 1) >>> low; upper++) {
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
        return Payloads.length(this, n, Float.BYTES * k, k * low + k + ((n - 1) >>> low));
    }

    @Override
    public boolean isUnbiased() {
        return false;
    }

    private static int lowBits(int n, int k) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(n / k);
    }

    private static int[] largest(float[] x, int k) {
        int least = 0;
        int wanted = k;
        for (int shift : SHIFTS) {
            int[] counts = counts(x, least, shift);
            int digit = counts.length - 1;
            for (; counts[digit] < wanted; digit--) {
                wanted -= counts[digit];
            }
            least |= digit << shift;
        }
        int[] places = new int[k];
        int found = 0;
        for (int i = 0; found < k; i++) {
            int magnitude = magnitude(x[i]);
            if (magnitude > least || (magnitude == least && wanted-- > 0)) {
                places[found++] = i;
            }
        }
        return places;
    }

    /** How many magnitudes have each digit at a place, of those that start with the same digits as one. */
    private static int[] counts(float[] x, int start, int shift) {
        int[] counts = new int[1 << DIGIT_BITS];
        for (float value : x) {
            int digits = magnitude(value) >>> shift;
            if (digits >>> DIGIT_BITS == start >>> (shift + DIGIT_BITS)) {
                counts[digits & ((1 << DIGIT_BITS) - 1)]++;
            }
        }
        return counts;
    }

    /** Bits of an FP32 without its sign are in the order of the magnitudes. */
    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
    }
}
