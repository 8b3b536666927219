package org.fl4j.model;

import java.util.Arrays;
import java.util.Optional;

/** A class's examples and the others in the order of their scores, from the highest bin that is not empty to the lowest. */
final class Ranking {

    private final long[] own;
    private final long[] others;

    private Ranking(long[] own, long[] others) {
        this.own = own;
        this.others = others;
    }

    /**
     * Reads a histogram.
     *
     * @param from its first cell
     * @param isMirrored whether it ranks the other of two classes, from the lowest score to the highest
     */
    static Ranking of(Counts counts, int from, boolean isMirrored) {
        int first = counts.from(from);
        int end = counts.from(from + 2 * ScoreBins.COUNT);
        long[][] bins = new long[2][end - first];
        int size = 0;
        int before = -1;
        for (int i = first; i < end; i++) {
            int cell = counts.cell(isMirrored ? i : end - 1 - (i - first)) - from;
            long count = counts.count(isMirrored ? i : end - 1 - (i - first));
            size += cell / 2 == before ? 0 : 1;
            before = cell / 2;
            bins[(cell % 2 == 1) == isMirrored ? 0 : 1][size - 1] = count;
        }
        return new Ranking(Arrays.copyOf(bins[1], size), Arrays.copyOf(bins[0], size));
    }

    /** Equals count half; in whatever order the pairs of a bin are, they add between none and all of them. */
    Optional<Area> roc() {
        double all = sum(own);
        double rest = sum(others);
        if (all == 0 || rest == 0) {
            return Optional.empty();
        }
        double above = 0;
        double pairs = 0;
        double found = 0;
        for (int bin = 0; bin < own.length; bin++) {
            above += others[bin] * (found + own[bin] / 2.0);
            pairs += others[bin] * (double) own[bin];
            found += own[bin];
        }
        return Optional.of(new Area(above / (all * rest), pairs / (2 * all * rest)));
    }

    /**
     * A bin is one threshold. Within it the precision at the i-th of the class is least if all others come before and the scores differ, and
     * greatest if none does and the scores are equal.
     */
    Optional<Area> averagePrecision() {
        double all = sum(own);
        if (all == 0 || sum(others) == 0) {
            return Optional.empty();
        }
        double area = 0;
        double above = 0;
        double below = 0;
        double found = 0;
        double seen = 0;
        for (int bin = 0; bin < own.length; bin++) {
            double here = own[bin];
            double precision = (found + here) / (seen + here + others[bin]);
            if (here > 0) {
                area += here * precision;
                above += here * ((found + here) / (seen + here) - precision);
                below += here * precision - worst(found, seen + others[bin], here);
            }
            found += here;
            seen += here + others[bin];
        }
        return Optional.of(new Area(area / all, Math.max(above, below) / all));
    }

    /**
     * At most {@code sum_(i = 1..n) (found + i) / (seen + i)}: precision rises with i, so that over 16 stretches each is at least that at the
     * stretch's begin.
     */
    private static double worst(double found, double seen, double n) {
        double stretches = Math.min(n, 16);
        double sum = 0;
        for (int s = 0; s < stretches; s++) {
            double begin = Math.floor(n * s / stretches);
            double end = Math.floor(n * (s + 1) / stretches);
            sum += (end - begin) * (found + begin + 1) / (seen + begin + 1);
        }
        return sum;
    }

    private static double sum(long[] counts) {
        double sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }
}
