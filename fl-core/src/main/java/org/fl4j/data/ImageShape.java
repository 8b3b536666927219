package org.fl4j.data;

/** The feature shape that an image of one channel is given; the values and their order (row by row) are the same. */
public enum ImageShape {

    /** {@code [rows * columns]}, for dense layers. */
    FLAT {
        @Override
        long[] of(long rows, long columns) {
            return new long[] {rows * columns};
        }
    },

    /** {@code [1, rows, columns]}, channels first, for convolutions. */
    CHANNELS_FIRST {
        @Override
        long[] of(long rows, long columns) {
            return new long[] {1, rows, columns};
        }
    };

    abstract long[] of(long rows, long columns);
}
