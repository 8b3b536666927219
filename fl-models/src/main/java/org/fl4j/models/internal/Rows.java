package org.fl4j.models.internal;

/** Loops over arrays of rows; one loop a method where the compiler is to make vector code of it. */
public final class Rows {

    private Rows() {}

    /** Repeats the first row of an array over its first n values; n is a multiple of the width. */
    public static void repeat(float[] values, int width, int n) {
        for (int done = Math.min(width, n); done < n; ) {
            int some = Math.min(done, n - done);
            System.arraycopy(values, 0, values, done, some);
            done += some;
        }
    }
}
