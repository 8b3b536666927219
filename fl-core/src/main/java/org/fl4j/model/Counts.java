package org.fl4j.model;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/** A vector of counts, most of them 0: cells in ascending order, each with a count of at least 1. Immutable. */
final class Counts {

    static final Counts NONE = new Counts(new int[0], new long[0]);

    /** Whole numbers up to here are doubles, too. */
    static final long MOST = 1L << 53;

    private static final int GROUP = 7;
    private static final int GROUP_MASK = (1 << GROUP) - 1;

    private final int[] cells;
    private final long[] counts;

    private Counts(int[] cells, long[] counts) {
        this.cells = cells;
        this.counts = counts;
    }

    static Counts of(long[] dense) {
        int n = 0;
        for (long count : dense) {
            n += count == 0 ? 0 : 1;
        }
        int[] cells = new int[n];
        long[] counts = new long[n];
        int at = 0;
        for (int cell = 0; cell < dense.length; cell++) {
            if (dense[cell] != 0) {
                cells[at] = cell;
                counts[at++] = dense[cell];
            }
        }
        return new Counts(cells, counts);
    }

    /** One for each of the first n cells given, which are sorted here; a cell may come several times. */
    static Counts of(int[] unsorted, int n) {
        Arrays.sort(unsorted, 0, n);
        int[] cells = new int[n];
        long[] counts = new long[n];
        int size = 0;
        for (int i = 0; i < n; i++) {
            if (size == 0 || cells[size - 1] != unsorted[i]) {
                cells[size++] = unsorted[i];
            }
            counts[size - 1]++;
        }
        return new Counts(Arrays.copyOf(cells, size), Arrays.copyOf(counts, size));
    }

    Counts plus(Counts other) {
        int[] merged = new int[cells.length + other.cells.length];
        long[] sums = new long[merged.length];
        int size = 0;
        int i = 0;
        int j = 0;
        while (i < cells.length || j < other.cells.length) {
            int here = i < cells.length ? cells[i] : Integer.MAX_VALUE;
            int there = j < other.cells.length ? other.cells[j] : Integer.MAX_VALUE;
            merged[size] = Math.min(here, there);
            sums[size] = bounded((here <= there ? counts[i++] : 0) + (there <= here ? other.counts[j++] : 0));
            size++;
        }
        return new Counts(Arrays.copyOf(merged, size), Arrays.copyOf(sums, size));
    }

    static long bounded(long count) {
        if (count < 0 || count > MOST) {
            throw new IllegalArgumentException("a count must be in [0, 2^53], but was " + count);
        }
        return count;
    }

    long get(int cell) {
        int at = Arrays.binarySearch(cells, cell);
        return at < 0 ? 0 : counts[at];
    }

    /** How many cells hold a count. */
    int size() {
        return cells.length;
    }

    int cell(int at) {
        return cells[at];
    }

    long count(int at) {
        return counts[at];
    }

    /** Where the cells from this one on begin. */
    int from(int cell) {
        int at = Arrays.binarySearch(cells, cell);
        return at < 0 ? -at - 1 : at;
    }

    void copyTo(double[] vector, int from) {
        for (int i = 0; i < cells.length; i++) {
            vector[from + cells[i]] = counts[i];
        }
    }

    /** Distances between cells and counts, as numbers of as many bytes as they need, 7 bits a byte, the lowest first. */
    void writeTo(BinaryWriter out) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * cells.length);
        int before = -1;
        for (int i = 0; i < cells.length; i++) {
            write(bytes, cells[i] - before);
            write(bytes, counts[i]);
            before = cells[i];
        }
        out.writeInt(cells.length);
        out.writeBytes(bytes.toByteArray());
    }

    private static void write(ByteArrayOutputStream bytes, long value) {
        long left = value;
        while (left > GROUP_MASK) {
            bytes.write((int) (left & GROUP_MASK) | 1 << GROUP);
            left >>>= GROUP;
        }
        bytes.write((int) left);
    }

    /** @param length one above the highest cell there can be */
    static Counts readFrom(BinaryReader in, int length) {
        int n = in.readCount();
        byte[] bytes = in.readBytes();
        int[] cells = new int[n];
        long[] counts = new long[n];
        int[] at = {0};
        long cell = -1;
        for (int i = 0; i < n; i++) {
            long distance = read(bytes, at, in);
            counts[i] = read(bytes, at, in);
            cell += distance;
            if (distance < 1 || cell >= length || counts[i] < 1 || counts[i] > MOST) {
                throw in.corrupt("cell " + cell + " of " + length + " holds " + counts[i] + ", " + distance
                        + " after the one before");
            }
            cells[i] = (int) cell;
        }
        if (at[0] != bytes.length) {
            throw in.corrupt((bytes.length - at[0]) + " bytes follow the last of " + n + " counts");
        }
        return new Counts(cells, counts);
    }

    private static long read(byte[] bytes, int[] at, BinaryReader in) {
        long value = 0;
        for (int shift = 0; shift <= GROUP * GROUP + GROUP; shift += GROUP) {
            if (at[0] == bytes.length) {
                break;
            }
            byte next = bytes[at[0]++];
            value |= (long) (next & GROUP_MASK) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw in.corrupt("a count does not end");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Counts that && Arrays.equals(cells, that.cells) && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(cells) + Arrays.hashCode(counts);
    }

    /** Counts cells one by one, in no more memory than a fixed buffer and what is counted. Not thread-safe. */
    static final class Builder {

        private static final int BUFFER = 1 << 14;

        private final int[] buffer = new int[BUFFER];
        private int size;
        private Counts sum = NONE;

        void add(int cell) {
            if (size == BUFFER) {
                flush();
            }
            buffer[size++] = cell;
        }

        private void flush() {
            sum = sum.plus(of(buffer, size));
            size = 0;
        }

        Counts counts() {
            flush();
            return sum;
        }
    }
}
