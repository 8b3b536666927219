package org.fl4j.compression;

import java.nio.ByteBuffer;

/**
 * The nearest of the 2^bits values that minimise the mean squared error of a standard normal variate (Lloyd, Max, IRE
 * Transactions on Information Theory 1960, table I; computed anew to ten digits). They are symmetric: a code is a sign and
 * the index of a magnitude, and it travels as planes of bits, 64 coordinates a long.
 */
final class NormalQuantizer {

    private static final double[][] MAGNITUDES = {
        {0.7978845608},
        {0.4527800346, 1.510417608},
        {0.2450941789, 0.7560052812, 1.343909279, 2.151945705},
        {0.1283950299, 0.3880482995, 0.6567591185, 0.9423404565, 1.256231197, 1.618046386, 2.069017227, 2.732589571}
    };

    /** Narrow enough that none holds two limits between magnitudes. */
    private static final int CELLS_A_UNIT = 8;

    private static final int CELLS = 32;

    private final int bits;
    private final float[] magnitudes;

    /** Of a cell, the index at its lower end, and the limit above which the next index begins. */
    private final int[] indexes = new int[CELLS];

    private final float[] limits = new float[CELLS];

    NormalQuantizer(int bits) {
        this.bits = bits;
        this.magnitudes = new float[1 << (bits - 1)];
        for (int i = 0; i < magnitudes.length; i++) {
            magnitudes[i] = (float) MAGNITUDES[bits - 1][i];
        }
        for (int cell = 0, index = 0; cell < CELLS; cell++) {
            while (limit(index) <= (float) cell / CELLS_A_UNIT) {
                index++;
            }
            indexes[cell] = index;
            limits[cell] = limit(index);
        }
    }

    private float limit(int index) {
        return index + 1 < magnitudes.length
                ? (magnitudes[index] + magnitudes[index + 1]) / 2
                : Float.POSITIVE_INFINITY;
    }

    /** Appends the planes of the first coordinates; returns the inner product of them and what they are quantised to. */
    double encode(float[] y, int size, ByteBuffer out) {
        return bits == 1 ? encodeSigns(y, size, out) : encodePlanes(y, size, out);
    }

    private double encodeSigns(float[] y, int size, ByteBuffer out) {
        double sum = 0;
        for (int from = 0; from < size; from += Long.SIZE) {
            out.putLong(signs(y, from));
            sum += magnitude(y, from);
        }
        return sum * magnitudes[0];
    }

    private static long signs(float[] y, int from) {
        long word = 0;
        for (int i = 0; i < Long.SIZE; i++) {
            word |= ((long) (Float.floatToRawIntBits(y[from + i]) & Integer.MIN_VALUE) << 32) >>> i;
        }
        return word;
    }

    private static float magnitude(float[] y, int from) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = from; i < from + Long.SIZE; i += 4) {
            a += Math.abs(y[i]);
            b += Math.abs(y[i + 1]);
            c += Math.abs(y[i + 2]);
            d += Math.abs(y[i + 3]);
        }
        return (a + b) + (c + d);
    }

    private double encodePlanes(float[] y, int size, ByteBuffer out) {
        int plane = size / Byte.SIZE;
        int start = out.position();
        double sum = 0;
        for (int from = 0; from < size; from += Long.SIZE) {
            long negative = 0;
            long low = 0;
            long middle = 0;
            long high = 0;
            double product = 0;
            for (int i = 0; i < Long.SIZE; i++) {
                float value = y[from + i];
                float magnitude = Math.abs(value);
                int cell = (int) Math.min(magnitude * CELLS_A_UNIT, CELLS - 1);
                int index = indexes[cell] + (magnitude > limits[cell] ? 1 : 0);
                product += (double) magnitude * magnitudes[index];
                negative = (negative << 1) | ((long) Float.floatToRawIntBits(value) >>> 63);
                low = (low << 1) | (index & 1);
                middle = (middle << 1) | ((index >>> 1) & 1);
                high = (high << 1) | (index >>> 2);
            }
            sum += product;
            int at = start + from / Byte.SIZE;
            out.putLong(at, negative);
            out.putLong(at + plane, low);
            if (bits > 2) {
                out.putLong(at + 2 * plane, middle);
            }
            if (bits > 3) {
                out.putLong(at + 3 * plane, high);
            }
        }
        out.position(start + bits * plane);
        return sum;
    }

    /** Reads what {@link #encode} wrote. */
    void decode(ByteBuffer in, float[] y, int size) {
        int plane = size / Byte.SIZE;
        int start = in.position();
        for (int from = 0; from < size; from += Long.SIZE) {
            int at = start + from / Byte.SIZE;
            long negative = in.getLong(at);
            if (bits == 1) {
                values(y, from, negative, magnitudes[0]);
            } else {
                long low = in.getLong(at + plane);
                long middle = bits > 2 ? in.getLong(at + 2 * plane) : 0;
                long high = bits > 3 ? in.getLong(at + 3 * plane) : 0;
                for (int i = 0; i < Long.SIZE; i++) {
                    int shift = Long.SIZE - 1 - i;
                    long index =
                            ((low >>> shift) & 1) | (((middle >>> shift) & 1) << 1) | (((high >>> shift) & 1) << 2);
                    float magnitude = magnitudes[(int) index];
                    y[from + i] = ((negative >>> shift) & 1) == 0 ? magnitude : -magnitude;
                }
            }
        }
        in.position(start + bits * plane);
    }

    private static void values(float[] y, int from, long negative, float magnitude) {
        int bits = Float.floatToRawIntBits(magnitude);
        for (int i = 0; i < Long.SIZE; i++) {
            y[from + i] = Float.intBitsToFloat(bits ^ ((int) ((negative << i) >> 32) & Integer.MIN_VALUE));
        }
    }
}
