package org.fl4j.compression;

import java.nio.ByteBuffer;
import org.fl4j.internal.Check;

/** Every coordinate as it is: {@link Codec#none}. */
record Plain() implements Codec {

    @Override
    public CodecSpec spec() {
        return CodecSpec.NONE;
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        byte[] payload = Payloads.empty(this, x);
        ByteBuffer.wrap(payload).asFloatBuffer().put(x);
        return payload;
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = Payloads.finite(this, n, in.getFloat());
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        return Payloads.length(this, n, (long) Float.BYTES * Check.atLeast("n", n, 1), 0);
    }

    @Override
    public boolean isUnbiased() {
        return true;
    }
}
