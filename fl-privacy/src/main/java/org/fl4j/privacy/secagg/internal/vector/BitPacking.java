package org.fl4j.privacy.secagg.internal.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The low {@code bits} of each word one after another, the lowest bit first: bit j of word i is bit (i bits + j) mod 8 of
 * byte (i bits + j) / 8. From 1 to {@value SegmentPlan#LARGEST_BITS} bits; up to 57, a word lies within the 8 bytes from
 * its first one.
 */
final class BitPacking {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private BitPacking() {}

    static void pack(int[] words, int bits, byte[] to, int at) {
        switch (bits) {
            case Byte.SIZE -> packBytes(words, to, at);
            case Short.SIZE -> packShorts(words, to, at);
            case Integer.SIZE -> packInts(words, to, at);
            default -> packBits(words, bits, to, at);
        }
    }

    /** Adds packed words. The bits above the low ones are undefined afterwards. */
    static void add(int[] words, int bits, byte[] from, int at) {
        switch (bits) {
            case Byte.SIZE -> addBytes(words, from, at);
            case Short.SIZE -> addShorts(words, from, at);
            case Integer.SIZE -> addInts(words, from, at);
            default -> addBits(words, bits, from, at);
        }
    }

    private static void packBytes(int[] words, byte[] to, int at) {
        for (int i = 0; i < words.length; i++) {
            to[at + i] = (byte) words[i];
        }
    }

    private static void packShorts(int[] words, byte[] to, int at) {
        for (int i = 0; i < words.length; i++) {
            SHORTS.set(to, at + 2 * i, (short) words[i]);
        }
    }

    private static void packInts(int[] words, byte[] to, int at) {
        for (int i = 0; i < words.length; i++) {
            INTS.set(to, at + 4 * i, words[i]);
        }
    }

    private static void addBytes(int[] words, byte[] from, int at) {
        for (int i = 0; i < words.length; i++) {
            words[i] += from[at + i];
        }
    }

    private static void addShorts(int[] words, byte[] from, int at) {
        for (int i = 0; i < words.length; i++) {
            words[i] += (short) SHORTS.get(from, at + 2 * i);
        }
    }

    private static void addInts(int[] words, byte[] from, int at) {
        for (int i = 0; i < words.length; i++) {
            words[i] += (int) INTS.get(from, at + 4 * i);
        }
    }

    private static void packBits(int[] words, int bits, byte[] to, int at) {
        Writer writer = new Writer(bits, to, at);
        for (int each : words) {
            writer.put(each);
        }
        writer.finish();
    }

    static void pack(long[] words, int bits, byte[] to, int at) {
        Writer writer = new Writer(bits, to, at);
        for (long each : words) {
            writer.put(each);
        }
        writer.finish();
    }

    /** Eight words are a whole number of bytes, so where the others begin beside the first is the same for all eights. */
    private static void addBits(int[] words, int bits, byte[] from, int at) {
        int eights = readableWhole(words.length, bits, from.length - at) & -Byte.SIZE;
        int first = at;
        for (int i = 0; i < eights; i += Byte.SIZE) {
            words[i] += (int) word(from, first, 0);
            words[i + 1] += (int) word(from, first, bits);
            words[i + 2] += (int) word(from, first, 2 * bits);
            words[i + 3] += (int) word(from, first, 3 * bits);
            words[i + 4] += (int) word(from, first, 4 * bits);
            words[i + 5] += (int) word(from, first, 5 * bits);
            words[i + 6] += (int) word(from, first, 6 * bits);
            words[i + 7] += (int) word(from, first, 7 * bits);
            first += bits;
        }
        long position = 8L * first;
        for (int i = eights; i < words.length; i++) {
            words[i] += (int) atEnd(from, position);
            position += bits;
        }
    }

    private static long word(byte[] from, int at, int bit) {
        return (long) LONGS.get(from, at + (bit >>> 3)) >>> (bit & 7);
    }

    /** Adds packed words. The bits above the low ones are undefined afterwards. */
    static void add(long[] words, int bits, byte[] from, int at) {
        int whole = readableWhole(words.length, bits, from.length - at);
        long position = 8L * at;
        for (int i = 0; i < whole; i++) {
            words[i] += (long) LONGS.get(from, (int) (position >>> 3)) >>> (position & 7);
            position += bits;
        }
        for (int i = whole; i < words.length; i++) {
            words[i] += atEnd(from, position);
            position += bits;
        }
    }

    /** How many of the first words have 8 bytes from their first one: floor(i bits / 8) <= bytes - 8. */
    private static int readableWhole(int words, int bits, int bytes) {
        if (bytes < Long.BYTES) {
            return 0;
        }
        long lastBit = 8L * (bytes - Long.BYTES) + 7;
        return (int) Math.min(words, lastBit / bits + 1);
    }

    private static long atEnd(byte[] from, long position) {
        long bitsOf = 0;
        int first = (int) (position >>> 3);
        for (int i = first; i < Math.min(from.length, first + Long.BYTES); i++) {
            bitsOf |= (from[i] & 0xFFL) << (Byte.SIZE * (i - first));
        }
        return bitsOf >>> (position & 7);
    }

    private static final class Writer {

        private final int bits;
        private final long mask;
        private final byte[] to;
        private int next;
        private long pending;
        private int filled;

        Writer(int bits, byte[] to, int at) {
            this.bits = bits;
            this.mask = (1L << bits) - 1;
            this.to = to;
            this.next = at;
        }

        void put(long each) {
            long word = each & mask;
            pending |= word << filled;
            filled += bits;
            if (filled >= Long.SIZE) {
                LONGS.set(to, next, pending);
                next += Long.BYTES;
                filled -= Long.SIZE;
                pending = word >>> (bits - filled);
            }
        }

        void finish() {
            for (int shift = 0; shift < filled; shift += Byte.SIZE) {
                to[next + shift / Byte.SIZE] = (byte) (pending >>> shift);
            }
        }
    }
}
