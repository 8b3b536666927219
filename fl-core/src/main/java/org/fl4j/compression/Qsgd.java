package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Map;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/** Levels of a bucket's norm, rounded at random: {@link Codec#qsgd}. */
record Qsgd(int levels, int bucket) implements Codec {

    /** The bucket of the paper's experiments. */
    static final int DEFAULT_BUCKET = 512;

    private static final int MOST_LEVELS = (1 << 15) - 1;

    Qsgd {
        if (levels < 1 || levels > MOST_LEVELS) {
            throw new IllegalArgumentException("levels must be from 1 to " + MOST_LEVELS + ", but was " + levels);
        }
        Check.atLeast("bucket", bucket, 1);
    }

    @Override
    public CodecSpec spec() {
        return Specs.of("qsgd", Map.of("levels", (double) levels, "bucket", (double) bucket));
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        byte[] payload = Payloads.empty(this, x);
        ByteBuffer out = ByteBuffer.wrap(payload);
        int n = x.length;
        for (long from = 0; from < n; from += bucket) {
            out.putFloat(rootMeanSquare(x, (int) from, size(n, from)));
        }
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "qsgd"));
        ByteBuffer roots = out.duplicate().flip();
        BitWriter bits = new BitWriter(out);
        for (long from = 0; from < n; from += bucket) {
            int size = size(n, from);
            double norm = norm(roots.getFloat(), size);
            for (int i = (int) from; i < from + size; i++) {
                double exact = norm == 0 ? 0 : levels * (Math.abs(x[i]) / norm);
                int level = Math.min(levels, (int) (exact + random.nextDouble()));
                bits.write(levels + (x[i] < 0 ? -level : level), bitsEach());
            }
        }
        bits.finish();
        return payload;
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        BitReader bits = new BitReader(in.duplicate().position(buckets(n) * Float.BYTES));
        float[] x = new float[n];
        for (long from = 0; from < n; from += bucket) {
            int size = size(n, from);
            double norm = norm(Payloads.scale(this, n, in.getFloat()), size);
            for (int i = (int) from; i < from + size; i++) {
                int level = bits.read(bitsEach()) - levels;
                if (level > levels) {
                    throw Payloads.corrupt(this, n, "coordinate " + i + " has level " + level);
                }
                x[i] = Payloads.saturated(norm * level / levels);
            }
        }
        if (!bits.ends()) {
            throw Payloads.corrupt(this, n, "it does not end with zeros");
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        Check.atLeast("n", n, 1);
        return Payloads.length(this, n, (long) Float.BYTES * buckets(n), (long) n * bitsEach());
    }

    @Override
    public boolean isUnbiased() {
        return true;
    }

    private int buckets(int n) {
        return (n - 1) / bucket + 1;
    }

    private int size(int n, long from) {
        return (int) Math.min(bucket, n - from);
    }

    private int bitsEach() {
        return Integer.SIZE - Integer.numberOfLeadingZeros(2 * levels);
    }

    /** Rounded up, so that no coordinate is above the norm. Unlike the norm it is no larger than the largest FP32. */
    private static float rootMeanSquare(float[] x, int from, int size) {
        double sum = 0;
        for (int i = from; i < from + size; i++) {
            sum += (double) x[i] * x[i];
        }
        double exact = Math.sqrt(sum / size);
        float rounded = Payloads.saturated(exact);
        return rounded < exact ? Math.min(Float.MAX_VALUE, Math.nextUp(rounded)) : rounded;
    }

    private static double norm(float rootMeanSquare, int size) {
        return rootMeanSquare * Math.sqrt(size);
    }
}
