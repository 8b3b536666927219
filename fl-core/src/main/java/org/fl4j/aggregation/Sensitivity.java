package org.fl4j.aggregation;

import java.util.Map;

/**
 * How far the sum moves, in Euclidean norm, when one client's contribution is replaced by nothing.
 *
 * @param l2 the bound D_j of each segment by name, in units of the segment (not in grid steps); positive and finite
 */
public record Sensitivity(Map<String, Double> l2) {

    /**
     * Checks the bounds.
     *
     * @param l2 as above
     * @throws IllegalArgumentException if one is not positive and finite
     */
    public Sensitivity {
        l2 = Map.copyOf(l2);
        l2.forEach((segment, bound) -> {
            if (!(bound > 0) || bound.isInfinite()) {
                throw new IllegalArgumentException("segment '" + segment
                        + "': a sensitivity must be > 0 and < infinity. Provided value: " + bound);
            }
        });
    }
}
