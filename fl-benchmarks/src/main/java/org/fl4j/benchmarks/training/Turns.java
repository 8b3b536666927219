package org.fl4j.benchmarks.training;

import java.util.Arrays;
import java.util.List;
import org.fl4j.nd4j.NativeThreads;

/** Times several ways to do something in turns, so that what else the machine does slows all of them. */
final class Turns {

    private static final double NANOS_A_SECOND = 1e9;

    private Turns() {}

    /**
     * How long to measure.
     *
     * @param repetitions turns of each work, at least 1
     * @param turn seconds of a turn, about
     * @param warmUp seconds of each work before, at least
     */
    record Schedule(int repetitions, double turn, double warmUp) {

        Schedule {
            if (repetitions < 1 || !(turn > 0) || !(warmUp >= 0)) {
                throw new IllegalArgumentException("--repetitions must be at least 1, --turn above 0 and --warm-up"
                        + " at least 0, but were " + repetitions + ", " + turn + " and " + warmUp);
            }
        }
    }

    /** Does something so many times. */
    interface Work {
        void times(int n);
    }

    /**
     * Microseconds for each of some works, a row a repetition. How often a work is done in a turn is found out before.
     *
     * @param schedule how many repetitions, and how long
     */
    @SuppressWarnings("try") // pinned while it measures
    static double[][] microseconds(Schedule schedule, List<Work> works) {
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            int[] counts =
                    works.stream().mapToInt(work -> warmUp(work, schedule)).toArray();
            double[][] times = new double[schedule.repetitions][works.size()];
            for (double[] row : times) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = nanos(works.get(i), counts[i]) / 1e3 / counts[i];
                }
            }
            return times;
        }
    }

    /** How often the work fits into a turn, once it has been compiled. */
    private static int warmUp(Work work, Schedule schedule) {
        double turn = schedule.turn * NANOS_A_SECOND;
        double left = schedule.warmUp * NANOS_A_SECOND;
        int count = 1;
        while (true) {
            double last = nanos(work, count);
            left -= last;
            int next = (int) Math.max(1, Math.min(count * 2.0, count * turn / last));
            if (left <= 0 && next <= count) {
                return next;
            }
            count = next;
        }
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
        return median(
                Arrays.stream(times).mapToDouble(row -> row[over] / row[under]).toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
