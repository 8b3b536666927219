package org.fl4j.benchmarks.training;

import java.util.Arrays;
import java.util.List;
import org.fl4j.nd4j.NativeThreads;

/** Times several ways to do something in turns, so that what else the machine does slows all of them. */
final class Turns {

    private static final double NANOS_A_SECOND = 1e9;

    private Turns() {}

    /** Does something so many times. */
    interface Work {
        void times(int n);
    }

    /**
     * Microseconds for each of some works, a row a repetition, after a repetition that is not measured.
     *
     * @param seconds about how long a turn takes; how often a work is done in it is found out before
     */
    static double[][] microseconds(int repetitions, double seconds, List<Work> works) {
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            assert pinned != null;
            int[] counts = works.stream().mapToInt(work -> count(work, seconds)).toArray();
            double[][] times = new double[repetitions][works.size()];
            for (int repetition = -1; repetition < repetitions; repetition++) {
                for (int i = 0; i < works.size(); i++) {
                    double time = nanos(works.get(i), counts[i]) / 1e3 / counts[i];
                    if (repetition >= 0) {
                        times[repetition][i] = time;
                    }
                }
            }
            return times;
        }
    }

    /** Doubled until the work takes a tenth of a turn. */
    private static int count(Work work, double seconds) {
        int count = 1;
        work.times(count);
        double last = nanos(work, count);
        while (last < seconds * NANOS_A_SECOND / 10) {
            count *= 2;
            last = nanos(work, count);
        }
        return (int) Math.max(1, count * seconds * NANOS_A_SECOND / last);
    }

    private static double nanos(Work work, int n) {
        long start = System.nanoTime();
        work.times(n);
        return System.nanoTime() - start;
    }

    static double median(double[][] times, int work) {
        return median(Arrays.stream(times).mapToDouble(row -> row[work]).toArray());
    }

    /** Of the ratios within each repetition, which is steadier than the ratio of medians. */
    static double medianRatio(double[][] times, int over, int under) {
        return median(Arrays.stream(times).mapToDouble(row -> row[over] / row[under]).toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
