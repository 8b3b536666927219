package org.fl4j.privacy.accounting;

/**
 * Which multiples of the grid step a circular convolution of some length stands for, and under which tilt.
 *
 * @param theta the tilt, at least 0
 * @param step the grid step h
 * @param first the lowest multiple
 * @param length how many, a power of two
 * @param lambdaAbove the further tilt with which Chernoff bounds what is above
 * @param lambdaBelow the tilt back with which it bounds what is below
 */
record RingWindow(double theta, double step, long first, int length, double lambdaAbove, double lambdaBelow) {

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

    /** The same window, this far up, to the next whole step. */
    RingWindow moved(double distance) {
        return new RingWindow(theta, step, first + Math.round(distance / step), length, lambdaAbove, lambdaBelow);
    }

    int index(long multiple) {
        return (int) Math.floorMod(multiple, (long) length);
    }
}
