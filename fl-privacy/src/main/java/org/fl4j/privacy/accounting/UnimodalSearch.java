package org.fl4j.privacy.accounting;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** The least value of a function that falls, then rises; where it is infinite it is infinite from there on. */
final class UnimodalSearch {

    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    /** Values near a minimum differ by the square of the distance. */
    private static final double PRECISION = 1e-3;

    private UnimodalSearch() {}

    /** The index in [0, n) with the least value. */
    static int smallest(int n, IntToDoubleFunction f) {
        int low = 0;
        int high = n - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (f.applyAsDouble(middle + 1) < f.applyAsDouble(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The argument between two with the least value, by golden sections, to {@value #PRECISION}. */
    static double smallest(double from, double to, DoubleUnaryOperator f) {
        double low = from;
        double high = to;
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = f.applyAsDouble(left);
        double atRight = f.applyAsDouble(right);
        while (high - low > PRECISION) {
            if (atRight < atLeft) {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = f.applyAsDouble(right);
            } else {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = f.applyAsDouble(left);
            }
        }
        return atRight < atLeft ? right : left;
    }
}
