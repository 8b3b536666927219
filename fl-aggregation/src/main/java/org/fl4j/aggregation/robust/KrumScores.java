package org.fl4j.aggregation.robust;

import java.util.Arrays;

/**
 * Krum's scores: the sum of an update's squared distances to its nearest others (Blanchard et al., NeurIPS 2017,
 * section 4). Updates can be removed one after another, as Bulyan does.
 */
final class KrumScores {

    private final double[][] squared;
    private final int f;
    private final int[][] nearest;
    private final boolean[] removed;
    private int remaining;

    KrumScores(double[][] squared, int f) {
        this.squared = squared;
        this.f = f;
        this.nearest = Arrays.stream(squared).map(Neighbours::ascending).toArray(int[][]::new);
        this.removed = new boolean[squared.length];
        this.remaining = squared.length;
    }

    /** The scores over max(n' - f - 2, 0) neighbours among the n' that remain; infinite for removed ones. */
    double[] scores() {
        double[] scores = new double[squared.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = removed[i] ? Double.POSITIVE_INFINITY : score(i);
        }
        return scores;
    }

    /** Removes the update with the best score, of equal scores the first, and returns its index. */
    int removeBest() {
        double[] scores = scores();
        int best = -1;
        for (int i = 0; i < scores.length; i++) {
            if (!removed[i] && (best < 0 || scores[i] < scores[best])) {
                best = i;
            }
        }
        removed[best] = true;
        remaining--;
        return best;
    }

    private double score(int i) {
        double sum = 0;
        int missing = Math.max(remaining - f - 2, 0);
        for (int next = 0; missing > 0; next++) {
            int other = nearest[i][next];
            if (other != i && !removed[other]) {
                sum += squared[i][other];
                missing--;
            }
        }
        return sum;
    }
}
