package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Map;
import org.fl4j.internal.Check;

/** One bit a coordinate and the mean magnitude: {@link Codec#sign}. */
record Signs() implements Codec {

    @Override
    public CodecSpec spec() {
        return Specs.of("sign", Map.of());
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        byte[] payload = Payloads.empty(this, x);
        ByteBuffer out = ByteBuffer.wrap(payload);
        double sum = 0;
        for (float value : x) {
            sum += Math.abs(value);
        }
        out.putFloat((float) (sum / x.length));
        BitWriter bits = new BitWriter(out);
        for (float value : x) {
            bits.write(value < 0 ? 1 : 0, 1);
        }
        bits.finish();
        return payload;
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        float scale = Payloads.scale(this, n, in.getFloat());
        BitReader bits = new BitReader(in);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = bits.read(1) == 0 ? scale : 0 - scale;
        }
        if (!bits.ends()) {
            throw Payloads.corrupt(this, n, "it does not end with zeros");
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        return Payloads.length(this, n, Float.BYTES, Check.atLeast("n", n, 1));
    }

    @Override
    public boolean isUnbiased() {
        return false;
    }
}
