package org.fl4j.data;

import java.util.Arrays;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/** {@link Partitioner#powerLaw} and {@link Partitioner#logNormal}: skewed sizes, IID content. */
final class QuantityPartitioner implements Partitioner {

    /** The logarithms of the clients' unnormalised shares. */
    @FunctionalInterface
    private interface Shares {
        double[] draw(int clients, DeterministicRandom random);
    }

    private final String name;
    private final Shares shares;

    private QuantityPartitioner(String name, Shares shares) {
        this.name = name;
        this.shares = shares;
    }

    static QuantityPartitioner powerLaw(double exponent) {
        requireNonNegative("exponent", exponent);
        return new QuantityPartitioner("powerLaw(exponent=" + exponent + ")", (clients, random) -> {
            int[] rank = random.permutation(clients);
            return Arrays.stream(rank)
                    .mapToDouble(r -> -exponent * StrictMath.log(r + 1.0))
                    .toArray();
        });
    }

    static QuantityPartitioner logNormal(double sigma) {
        requireNonNegative("sigma", sigma);
        return new QuantityPartitioner("logNormal(sigma=" + sigma + ")", (clients, random) -> {
            double[] logs = new double[clients];
            for (int k = 0; k < clients; k++) {
                double log = sigma * random.nextGaussian();
                logs[k] = Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, log));
            }
            return logs;
        });
    }

    @Override
    public Partition partition(Examples examples, int clients, long seed) {
        int n = examples.size();
        MinimumSize.require(this, n, clients, 1);
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "partition/quantity"));
        int[] cuts = Proportions.cuts(shares.draw(clients, random), n);
        int[] order = random.permutation(n);
        int[][] members = new int[clients][];
        for (int k = 0; k < clients; k++) {
            members[k] = Arrays.copyOfRange(order, cuts[k], cuts[k + 1]);
        }
        return Partition.of(n, MinimumSize.fill(members, 1, seed));
    }

    @Override
    public String toString() {
        return name;
    }

    private static void requireNonNegative(String what, double value) {
        Check.notNegative(what, value);
    }
}
