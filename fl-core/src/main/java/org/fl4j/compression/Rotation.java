package org.fl4j.compression;

import org.fl4j.internal.WalshHadamard;
import org.fl4j.random.DeterministicRandom;

/**
 * A random rotation of one block at a time: random signs and a transform, twice, and in blocks smaller than
 * {@link Eden#BLOCK} three times. After one turn a vector of few coordinates has few values and is far from normal.
 */
final class Rotation {

    private static final int MOST_TURNS = 3;

    private final float[] block;
    private final long[] signs;
    private final DeterministicRandom random;

    /** For blocks up to a size, at least 64. */
    Rotation(int largest, long seed) {
        this.block = new float[largest];
        this.signs = new long[MOST_TURNS * largest / Long.SIZE];
        this.random = new DeterministicRandom(seed);
    }

    /** The coordinates that the rotations are of. */
    float[] block() {
        return block;
    }

    /** Draws the next rotation, of as many coordinates, a multiple of 64. */
    void draw(int size) {
        for (int i = 0; i < turns(size) * size / Long.SIZE; i++) {
            signs[i] = random.nextLong();
        }
    }

    void forward(int size) {
        for (int turn = 0; turn < turns(size); turn++) {
            flip(size, turn);
            WalshHadamard.transform(block, 0, size);
        }
    }

    void backward(int size) {
        for (int turn = turns(size) - 1; turn >= 0; turn--) {
            WalshHadamard.transform(block, 0, size);
            flip(size, turn);
        }
    }

    private static int turns(int size) {
        return size < Eden.BLOCK ? MOST_TURNS : MOST_TURNS - 1;
    }

    private void flip(int size, int turn) {
        for (int from = 0, word = turn * size / Long.SIZE; from < size; from += Long.SIZE, word++) {
            flip(block, from, signs[word]);
        }
    }

    /** Flips where a bit is set, the highest first. */
    private static void flip(float[] x, int from, long word) {
        for (int i = 0; i < Long.SIZE; i++) {
            int sign = (int) ((word << i) >> 32) & Integer.MIN_VALUE;
            x[from + i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[from + i]) ^ sign);
        }
    }
}
