package org.fl4j.compression;

import java.nio.ByteBuffer;

/** Reads what {@link BitWriter} wrote. */
final class BitReader {

    private final ByteBuffer in;
    private long pending;
    private int count;

    BitReader(ByteBuffer in) {
        this.in = in;
    }

    /** At most 32 bits, without a sign below 32. */
    int read(int bits) {
        while (count < bits) {
            pending = (pending << Byte.SIZE) | (in.get() & 0xFF);
            count += Byte.SIZE;
        }
        count -= bits;
        return (int) ((pending >>> count) & ((1L << bits) - 1));
    }

    /** Whether the last byte was filled with zeros, and nothing follows it. */
    boolean ends() {
        return !in.hasRemaining() && count < Byte.SIZE && read(count) == 0;
    }
}
