package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Map;
import org.fl4j.internal.Check;

/** Half precision: {@link Codec#fp16}. */
record Fp16() implements Codec {

    private static final int LARGEST = 0x7BFF;
    private static final float LARGEST_VALUE = 65504;
    private static final float SMALLEST_NORMAL = 0x1p-14f;

    /** The exponent of 1 is 127 in single, 15 in half precision. */
    private static final int BIAS = (127 - 15) << 23;

    @Override
    public CodecSpec spec() {
        return Specs.of("fp16", Map.of());
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        byte[] payload = Payloads.empty(this, x);
        ByteBuffer out = ByteBuffer.wrap(payload);
        for (float value : x) {
            out.putShort(half(value));
        }
        return payload;
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            short half = in.getShort();
            if ((half & 0x7FFF) > LARGEST) {
                throw Payloads.corrupt(this, n, "coordinate " + i + " is no finite half-precision number");
            }
            x[i] = single(half);
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        return Payloads.length(this, n, (long) Short.BYTES * Check.atLeast("n", n, 1), 0);
    }

    @Override
    public boolean isUnbiased() {
        return false;
    }

    static short half(float value) {
        int sign = (Float.floatToRawIntBits(value) >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (magnitude >= LARGEST_VALUE) {
            return (short) (sign | LARGEST);
        }
        if (magnitude < SMALLEST_NORMAL) {
            return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
        }
        // Half of the last place is added, less one where the last place is even.
        int bits = Float.floatToRawIntBits(magnitude) - BIAS;
        return (short) (sign | ((bits + 0xFFF + ((bits >>> 13) & 1)) >>> 13));
    }

    private static float single(short half) {
        int magnitude = half & 0x7FFF;
        float value = magnitude < 0x400 ? magnitude * 0x1p-24f : Float.intBitsToFloat((magnitude << 13) + BIAS);
        return half < 0 ? -value : value;
    }
}
