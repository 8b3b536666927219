package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.fl4j.internal.Check;
import org.fl4j.random.Seeds;

/** Rotated blocks in 1 to 4 bits a coordinate: {@link Codec#eden}. */
record Eden(int bits) implements Codec {

    /** The coordinates of a block: 16 kilobytes, which stay in the first-level cache. */
    static final int BLOCK = 1 << 12;

    /** Smaller blocks are padded: their few coordinates would not become normal. */
    static final int LEAST_BLOCK = 1 << 8;

    private static final int MOST_BITS = 4;

    /** Root mean squares whose inverse is a normal FP32, with room for the sums of a transform. */
    private static final double LEAST_PLAIN = 1e-30;

    private static final double MOST_PLAIN = 1e30;

    Eden {
        if (bits < 1 || bits > MOST_BITS) {
            throw new IllegalArgumentException("bits must be from 1 to " + MOST_BITS + ", but was " + bits);
        }
    }

    @Override
    public CodecSpec spec() {
        return Specs.of("eden", Map.of("bits", (double) bits));
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        byte[] payload = new byte[payloadLength(x.length)];
        ByteBuffer out = ByteBuffer.wrap(payload);
        Rotation rotation = rotation(x.length, seed);
        NormalQuantizer quantizer = new NormalQuantizer(bits);
        for (int from = 0; from < x.length; ) {
            int size = block(x.length - from);
            int count = Math.min(size, x.length - from);
            double rootMeanSquare = rootMeanSquare(x, from, count, size);
            rotation.draw(size);
            if (rootMeanSquare == 0) {
                out.position(out.position() + Float.BYTES + bits * size / Byte.SIZE);
            } else {
                normalise(x, from, count, rootMeanSquare, rotation.block(), size);
                rotation.forward(size);
                int scaleAt = out.position();
                out.position(scaleAt + Float.BYTES);
                double product = quantizer.encode(rotation.block(), size, out);
                out.putFloat(scaleAt, Payloads.saturated(rootMeanSquare * (size / product)));
            }
            from += count;
        }
        return payload;
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        Rotation rotation = rotation(n, seed);
        NormalQuantizer quantizer = new NormalQuantizer(bits);
        float[] x = new float[n];
        for (int from = 0; from < n; ) {
            int size = block(n - from);
            int count = Math.min(size, n - from);
            float scale = Payloads.scale(this, n, in.getFloat());
            rotation.draw(size);
            quantizer.decode(in, rotation.block(), size);
            if (scale > 0) {
                rotation.backward(size);
                multiply(rotation.block(), scale, x, from, count);
            }
            from += count;
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        Check.atLeast("n", n, 1);
        int whole = n / BLOCK;
        long blocks = whole;
        long coordinates = (long) whole * BLOCK;
        for (int left = n % BLOCK; left > 0; left -= block(left)) {
            blocks++;
            coordinates += block(left);
        }
        return Payloads.length(this, n, Float.BYTES * blocks, bits * coordinates);
    }

    @Override
    public boolean isUnbiased() {
        return true;
    }

    /** The size of the next block of so many coordinates. */
    private static int block(int left) {
        return Math.max(LEAST_BLOCK, Math.min(BLOCK, Integer.highestOneBit(left)));
    }

    private static Rotation rotation(int n, long seed) {
        return new Rotation(block(n), Seeds.derive(seed, "eden"));
    }

    private static double rootMeanSquare(float[] x, int from, int count, int size) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i < from + count - 3; i += 4) {
            a += (double) x[i] * x[i];
            b += (double) x[i + 1] * x[i + 1];
            c += (double) x[i + 2] * x[i + 2];
            d += (double) x[i + 3] * x[i + 3];
        }
        for (; i < from + count; i++) {
            a += (double) x[i] * x[i];
        }
        double sum = (a + b) + (c + d);
        if (!Double.isFinite(sum)) {
            throw Payloads.notFinite(x);
        }
        return Math.sqrt(sum / size);
    }

    private static void normalise(float[] x, int from, int count, double rootMeanSquare, float[] y, int size) {
        if (rootMeanSquare > LEAST_PLAIN && rootMeanSquare < MOST_PLAIN) {
            float factor = (float) (1 / rootMeanSquare);
            for (int i = 0; i < count; i++) {
                y[i] = x[from + i] * factor;
            }
        } else {
            for (int i = 0; i < count; i++) {
                y[i] = (float) (x[from + i] / rootMeanSquare);
            }
        }
        Arrays.fill(y, count, size, 0);
    }

    private static void multiply(float[] y, float scale, float[] x, int from, int count) {
        if (scale < MOST_PLAIN) {
            for (int i = 0; i < count; i++) {
                x[from + i] = y[i] * scale;
            }
        } else {
            for (int i = 0; i < count; i++) {
                x[from + i] = Payloads.saturated((double) y[i] * scale);
            }
        }
    }
}
