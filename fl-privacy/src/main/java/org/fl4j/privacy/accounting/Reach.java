package org.fl4j.privacy.accounting;

/**
 * Where a composed loss lies under a tilt, but for a little.
 *
 * @param theta the tilt
 * @param bottom the lowest loss that matters
 * @param top the highest
 * @param lambdaAbove the further tilt with which Chernoff bounds what is above
 * @param lambdaBelow the tilt back with which it bounds what is below
 */
record Reach(double theta, double bottom, double top, double lambdaAbove, double lambdaBelow) {

    private static final int LARGEST_RING = 1 << 20;
    private static final int SMALLEST_RING = 256;
    private static final int ROUNDED = 16;

    /** The finest grid step that is affordable. */
    double finestStep() {
        return (top - bottom) / (LARGEST_RING - ROUNDED);
    }

    /** A ring that holds it all. */
    RingWindow window(double step) {
        int needed = (int) Math.ceil((top - bottom) / step) + ROUNDED;
        int length = Math.max(SMALLEST_RING, Integer.highestOneBit(needed - 1) * 2);
        long first = (long) Math.floor((bottom + top) / 2 / step) - length / 2;
        return new RingWindow(theta, step, first, length, lambdaAbove, lambdaBelow);
    }
}
