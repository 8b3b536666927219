package org.fl4j.privacy.secagg.internal.crypto;

import java.util.Arrays;

/**
 * The sponge of SHA-3 and SHAKE: absorbs bytes, then squeezes bytes. JDK 17 has the hashes and not the extendable outputs, and keeps its
 * state where nobody can erase it.
 *
 * <p>No branch and no address depends on the bytes. Not thread-safe; closing erases the state.
 *
 * <p>Source: NIST FIPS 202, "SHA-3 Standard: Permutation-Based Hash and Extendable-Output Functions", 2015, sections 3 to 6.
 */
final class Keccak implements AutoCloseable {

    private static final int ROUNDS = 24;
    private static final int LANES = 25;
    private static final int STATE_BYTES = LANES * Long.BYTES;

    private static final long[] ROUND_CONSTANTS = {
        0x0000000000000001L, 0x0000000000008082L, 0x800000000000808aL, 0x8000000080008000L,
        0x000000000000808bL, 0x0000000080000001L, 0x8000000080008081L, 0x8000000000008009L,
        0x000000000000008aL, 0x0000000000000088L, 0x0000000080008009L, 0x000000008000000aL,
        0x000000008000808bL, 0x800000000000008bL, 0x8000000000008089L, 0x8000000000008003L,
        0x8000000000008002L, 0x8000000000000080L, 0x000000000000800aL, 0x800000008000000aL,
        0x8000000080008081L, 0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L,
    };

    /** Of rho, along the orbit of pi that begins at lane 1: (t + 1)(t + 2) / 2 modulo 64. */
    private static final int[] ROTATIONS = {
        1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44
    };

    /** Where pi moves the lane before: the lane at (x, y) is 5 y + x. */
    private static final int[] ORBIT = {
        10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1
    };

    private final long[] lanes = new long[LANES];
    private final long[] parities = new long[5];
    private final int rate;
    private final byte domain;
    private int at;
    private boolean squeezing;

    private Keccak(int capacityBytes, int domain) {
        this.rate = STATE_BYTES - capacityBytes;
        this.domain = (byte) domain;
    }

    static Keccak sha3of256() {
        return new Keccak(64, 0x06);
    }

    static Keccak sha3of512() {
        return new Keccak(128, 0x06);
    }

    static Keccak shake128() {
        return new Keccak(32, 0x1f);
    }

    static Keccak shake256() {
        return new Keccak(64, 0x1f);
    }

    /** Absorbs bytes; none after the first was squeezed. */
    Keccak absorb(byte... bytes) {
        if (squeezing) {
            throw new IllegalStateException("a sponge that was squeezed absorbs nothing more");
        }
        for (byte each : bytes) {
            if (at == rate) {
                permute();
            }
            xor(at++, each);
        }
        return this;
    }

    /** The next bytes of the output. */
    byte[] squeeze(int length) {
        if (!squeezing) {
            pad();
        }
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            if (at == rate) {
                permute();
            }
            out[i] = (byte) (lanes[at / Long.BYTES] >>> (Byte.SIZE * (at % Long.BYTES)));
            at++;
        }
        return out;
    }

    private void pad() {
        if (at == rate) {
            permute();
        }
        xor(at, domain);
        xor(rate - 1, (byte) 0x80);
        permute();
        squeezing = true;
    }

    private void xor(int index, byte value) {
        lanes[index / Long.BYTES] ^= (value & 0xFFL) << (Byte.SIZE * (index % Long.BYTES));
    }

    private void permute() {
        for (int round = 0; round < ROUNDS; round++) {
            theta();
            rhoAndPi();
            chi();
            lanes[0] ^= ROUND_CONSTANTS[round];
        }
        at = 0;
    }

    private void theta() {
        for (int x = 0; x < 5; x++) {
            parities[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
        }
        for (int x = 0; x < 5; x++) {
            long mixed = parities[(x + 4) % 5] ^ Long.rotateLeft(parities[(x + 1) % 5], 1);
            for (int lane = x; lane < LANES; lane += 5) {
                lanes[lane] ^= mixed;
            }
        }
    }

    private void rhoAndPi() {
        long moved = lanes[1];
        for (int t = 0; t < ORBIT.length; t++) {
            long next = lanes[ORBIT[t]];
            lanes[ORBIT[t]] = Long.rotateLeft(moved, ROTATIONS[t]);
            moved = next;
        }
    }

    private void chi() {
        for (int row = 0; row < LANES; row += 5) {
            long first = lanes[row];
            long second = lanes[row + 1];
            lanes[row] ^= ~second & lanes[row + 2];
            lanes[row + 1] ^= ~lanes[row + 2] & lanes[row + 3];
            lanes[row + 2] ^= ~lanes[row + 3] & lanes[row + 4];
            lanes[row + 3] ^= ~lanes[row + 4] & first;
            lanes[row + 4] ^= ~first & second;
        }
    }

    @Override
    public void close() {
        Arrays.fill(lanes, 0);
        Arrays.fill(parities, 0);
        at = 0;
        squeezing = true;
    }
}
