package org.fl4j.aggregation.robust;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Orders by a value, ties by the order of the cohort. */
final class Neighbours {

    private Neighbours() {}

    /** The indices of the values, that of the smallest first. */
    static int[] ascending(double[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The indices of the smallest values, in the order of the cohort. */
    static int[] smallest(double[] values, int count) {
        int[] chosen = Arrays.copyOf(ascending(values), count);
        Arrays.sort(chosen);
        return chosen;
    }
}
