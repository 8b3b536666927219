package org.fl4j.privacy.accounting;

/**
 * The multiples of the grid step that the elements of a circular convolution stand for, and the tilt they are under.
 *
 * @param support of the composed loss under the tilt; what lies outside the window wraps around and is bounded
 * @param step the grid step h
 * @param first the lowest multiple
 * @param length the number of multiples, a power of two
 */
record ConvolutionWindow(TiltedSupport support, double step, long first, int length) {

    private static final int LARGEST = 1 << 20;
    private static final int SMALLEST = 256;
    private static final int ROUNDED = 16;

    /**
     * The interval that holds the tilted composed loss except for a bounded tail mass.
     *
     * @param theta the tilt, at least 0
     * @param bottom the lowest loss in it
     * @param top the highest
     * @param lambdaAbove the further tilt at which Chernoff's bound of the mass above is taken
     * @param lambdaBelow the tilt back at which that of the mass below is taken
     */
    record TiltedSupport(double theta, double bottom, double top, double lambdaAbove, double lambdaBelow) {

        /** The finest grid step for which a window is not too long. */
        double finestStep() {
            return (top - bottom) / (LARGEST - ROUNDED);
        }

        /** A window that holds the whole interval. */
        ConvolutionWindow window(double step) {
            int needed = (int) Math.ceil((top - bottom) / step) + ROUNDED;
            int length = Math.max(SMALLEST, Integer.highestOneBit(needed - 1) * 2);
            long first = (long) Math.floor((bottom + top) / 2 / step) - length / 2;
            return new ConvolutionWindow(this, step, first, length);
        }
    }

    double theta() {
        return support.theta();
    }

    double lambdaAbove() {
        return support.lambdaAbove();
    }

    double lambdaBelow() {
        return support.lambdaBelow();
    }

    long last() {
        return first + length - 1;
    }

    /** The loss at which the window starts. */
    double bottom() {
        return first * step;
    }

    /** The first loss above the window. */
    double top() {
        return (first + length) * step;
    }

    /** Returns a copy this far up, to the next whole step. */
    ConvolutionWindow moved(double distance) {
        return new ConvolutionWindow(support, step, first + Math.round(distance / step), length);
    }

    int index(long multiple) {
        return (int) Math.floorMod(multiple, (long) length);
    }
}
