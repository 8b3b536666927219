package org.fl4j.compression;

import java.util.Arrays;
import org.fl4j.internal.Check;
import org.fl4j.internal.WalshHadamard;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * The map A of a {@link LinearCodec} in one round, {@code [d]} to {@code [k]}, and its adjoint.
 *
 * <p>A rotation is orthonormal for every d and pads nothing. With b the largest power of two up to d, it gives the first b
 * coordinates random signs and a Walsh-Hadamard transform, and then the last b in the same way. The blocks overlap, so that
 * every result is a sum over b coordinates at least, of random signs that nothing before depends on. It is computed in FP32.
 *
 * <p>Random coordinates are drawn one after another, each set of k being as likely (Fan, Muller, Rezucha, JASA 1962), and
 * drawn again in every call: nothing is stored.
 *
 * <p>Immutable and thread-safe. Same seed, same bits.
 */
public final class Sketch {

    private final LinearCodec codec;
    private final long seed;
    private final int length;
    private final int block;
    private final int kept;
    private final double scale;

    Sketch(LinearCodec codec, long seed, int length) {
        this.codec = codec;
        this.seed = seed;
        this.length = Check.atLeast("length", length, 1);
        this.block = block(length);
        this.kept = codec.sketchLength(length);
        this.scale = Math.sqrt((double) length / kept);
    }

    /** The largest power of two up to a length. */
    static int block(int length) {
        return Integer.highestOneBit(length);
    }

    /** The length k of a sketch. */
    public int sketchLength() {
        return kept;
    }

    /**
     * Sketches a vector.
     *
     * @param x d numbers; not changed
     * @return A x, k numbers; infinite or NaN where FP32 does not hold a rotated coordinate
     * @throws IllegalArgumentException if there are more or fewer
     */
    public double[] of(double[] x) {
        requireLength("vector", length, x);
        double[] all = codec.isRotated() ? rotated(x) : x;
        if (kept == length) {
            return all == x ? x.clone() : all;
        }
        double[] sketch = new double[kept];
        DeterministicRandom random = random("random-k");
        int at = 0;
        for (int i = 0; at < kept; i++) {
            if (random.nextInt(length - i) < kept - at) {
                sketch[at++] = scale * all[i];
            }
        }
        return sketch;
    }

    /**
     * Decodes a sketch, or a sum of sketches.
     *
     * @param y k numbers; not changed
     * @return A^T y, d numbers: without bias what was sketched
     * @throws IllegalArgumentException if there are more or fewer
     */
    public double[] adjoint(double[] y) {
        requireLength("sketch", kept, y);
        double[] all = kept == length ? y.clone() : spread(y);
        return codec.isRotated() ? unrotated(all) : all;
    }

    private double[] spread(double[] y) {
        double[] all = new double[length];
        DeterministicRandom random = random("random-k");
        int at = 0;
        for (int i = 0; at < kept; i++) {
            if (random.nextInt(length - i) < kept - at) {
                all[i] = scale * y[at++];
            }
        }
        return all;
    }

    private double[] rotated(double[] x) {
        float[] y = toFloats(x);
        sign(y, 0, "signs of the first block");
        WalshHadamard.transform(y, 0, block);
        if (block < length) {
            sign(y, length - block, "signs of the last block");
            WalshHadamard.transform(y, length - block, block);
        }
        return toDoubles(y);
    }

    private double[] unrotated(double[] y) {
        float[] x = toFloats(y);
        if (block < length) {
            WalshHadamard.transform(x, length - block, block);
            sign(x, length - block, "signs of the last block");
        }
        WalshHadamard.transform(x, 0, block);
        sign(x, 0, "signs of the first block");
        return toDoubles(x);
    }

    private void sign(float[] x, int from, String purpose) {
        DeterministicRandom random = random(purpose);
        long signs = 0;
        for (int i = 0; i < block; i++) {
            signs = i % Long.SIZE == 0 ? random.nextLong() : signs >>> 1;
            // Without a branch: it would be mispredicted every other time.
            int flip = (int) (signs & 1) << 31;
            x[from + i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[from + i]) ^ flip);
        }
    }

    private DeterministicRandom random(String purpose) {
        return new DeterministicRandom(Seeds.derive(seed, purpose));
    }

    private static float[] toFloats(double[] x) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) x[i];
        }
        return y;
    }

    private static double[] toDoubles(float[] x) {
        double[] y = new double[x.length];
        Arrays.setAll(y, i -> x[i]);
        return y;
    }

    private static void requireLength(String what, int expected, double[] values) {
        if (values.length != expected) {
            throw new IllegalArgumentException(
                    "the " + what + " must have " + expected + " coordinates, but was " + values.length);
        }
    }
}
