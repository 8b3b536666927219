package org.fl4j.data;

import java.util.Arrays;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/** {@link Partitioner#dirichlet}. */
final class DirichletPartitioner implements Partitioner {

    /** Below this the log of a gamma variate could overflow; the limit, one client a class, is long reached. */
    private static final double SMALLEST_SHAPE = 1e-300;

    private final double alpha;

    DirichletPartitioner(double alpha) {
        Check.positive("alpha", alpha);
        this.alpha = alpha;
    }

    @Override
    public Partition partition(Examples examples, int clients, long seed) {
        int n = examples.size();
        MinimumSize.require(this, n, clients, 1);
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "partition/dirichlet"));
        LabelOrder byLabel = LabelOrder.of(this, examples, random);
        int[] owner = new int[n];
        for (int c = 0; c < byLabel.classes(); c++) {
            int start = byLabel.start(c);
            int size = byLabel.start(c + 1) - start;
            if (size > 0) {
                int[] receivers = random.permutation(clients);
                int[] cuts = Proportions.cuts(logGammas(random, clients), size);
                for (int k = 0; k < clients; k++) {
                    Arrays.fill(owner, start + cuts[k], start + cuts[k + 1], receivers[k]);
                }
            }
        }
        int[][] members = byLabel.group(owner, clients);
        return Partition.of(n, MinimumSize.fill(members, 1, seed));
    }

    private double[] logGammas(DeterministicRandom random, int clients) {
        double[] logs = new double[clients];
        for (int k = 0; k < clients; k++) {
            logs[k] = random.nextLogGamma(Math.max(alpha, SMALLEST_SHAPE));
        }
        return logs;
    }

    @Override
    public String toString() {
        return "dirichlet(alpha=" + alpha + ")";
    }
}
