package org.fl4j.compression;

import java.nio.ByteBuffer;

/** Appends bits to a buffer, the highest of a byte first. */
final class BitWriter {

    private final ByteBuffer out;
    private long pending;
    private int count;

    BitWriter(ByteBuffer out) {
        this.out = out;
    }

    /** Appends the lowest bits of a value that has no others. */
    void write(int value, int bits) {
        pending = (pending << bits) | value;
        count += bits;
        while (count >= Byte.SIZE) {
            count -= Byte.SIZE;
            out.put((byte) (pending >>> count));
        }
    }

    /** Fills the last byte with zeros. */
    void finish() {
        if (count > 0) {
            write(0, Byte.SIZE - count);
        }
    }
}
