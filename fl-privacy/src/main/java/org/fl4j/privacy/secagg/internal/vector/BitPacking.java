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

    /** Adds packed words; what gets into the bits above the low ones does not count. */
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
        long mask = mask(bits);
        long bitsOf = 0;
        int filled = 0;
        int next = at;
        for (int each : words) {
            long word = each & mask;
            bitsOf |= word << filled;
            filled += bits;
            if (filled >= Long.SIZE) {
                LONGS.set(to, next, bitsOf);
                next += Long.BYTES;
                filled -= Long.SIZE;
                bitsOf = word >>> (bits - filled);
            }
        }
        finish(bitsOf, filled, to, next);
    }

    static void pack(long[] words, int bits, byte[] to, int at) {
        long mask = mask(bits);
        long bitsOf = 0;
        int filled = 0;
        int next = at;
        for (long each : words) {
            long word = each & mask;
            bitsOf |= word << filled;
            filled += bits;
            if (filled >= Long.SIZE) {
                LONGS.set(to, next, bitsOf);
                next += Long.BYTES;
                filled -= Long.SIZE;
                bitsOf = word >>> (bits - filled);
            }
        }
        finish(bitsOf, filled, to, next);
    }

    private static void addBits(int[] words, int bits, byte[] from, int at) {
        int whole = readableWhole(words.length, bits, from.length - at);
        long position = 8L * at;
        for (int i = 0; i < whole; i++) {
            words[i] += (int) ((long) LONGS.get(from, (int) (position >>> 3)) >>> (position & 7));
            position += bits;
        }
        for (int i = whole; i < words.length; i++) {
            words[i] += (int) atEnd(from, position);
            position += bits;
        }
    }

    /** Adds packed words; what gets into the bits above the low ones does not count. */
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

    private static long mask(int bits) {
        return (1L << bits) - 1;
    }

    private static void finish(long bitsOf, int filled, byte[] to, int at) {
        for (int shift = 0; shift < filled; shift += Byte.SIZE) {
            to[at + shift / Byte.SIZE] = (byte) (bitsOf >>> shift);
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
}
